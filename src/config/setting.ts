/** What a setting may be. */
type NumberSetting = { kind: 'number'; unit: string; default: number; min: number; max: number; about: string }
type TextSetting = {
  kind: 'text'
  unit: string
  default: string
  about: string
  isSecret?: true
  /** All that it may be; absent: any text. */
  oneOf?: readonly string[]
}
type ListSetting = { kind: 'list'; unit: string; default: readonly number[]; min: number; max: number; about: string }

export type Setting = NumberSetting | TextSetting | ListSetting
export type Settings = Record<string, Setting>
