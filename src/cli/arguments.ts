// The words behind `slipstream`, read against the flags that are known. node:util does the splitting; what is unknown,
// misses its value or has one too many is told with the flag that was probably meant.

import { parseArgs } from 'node:util'
import { type SettingName, settings } from '../config.ts'
import { Failure } from '../lib/failure.ts'
import type { Flag, FlagValues } from './command.ts'
import { didYouMean } from './suggest.ts'

export type Flags = Readonly<Record<string, Flag>>
export type Parsed = { readonly flags: FlagValues; readonly args: readonly string[] }

export const globalFlags = {
  help: { type: 'boolean', short: 'h', about: 'this text' },
  json: { type: 'boolean', about: 'one JSON document on stdout; errors as JSON on stderr' },
  quiet: { type: 'boolean', about: 'no narration and no progress' },
  verbose: { type: 'boolean', about: 'errors with their causes and where they came from' },
  'no-color': { type: 'boolean', about: 'no colours; so does NO_COLOR, and FORCE_COLOR the opposite' },
} as const satisfies Flags

/** `data-dir` for dataDir. */
export function flagOfSetting(name: SettingName): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

const settingNames = Object.keys(settings) as SettingName[]

/** Every setting as a flag of every command. */
export const settingFlags: Flags = Object.fromEntries(
  settingNames.map(name => {
    const { about, default: otherwise, unit } = settings[name]
    const text = otherwise === '' ? about : `${about} Default ${String(otherwise)}.`
    return [
      flagOfSetting(name),
      { type: 'string', about: text, value: unit.toUpperCase().replaceAll(' ', '-') } as const,
    ]
  }),
)

/** The settings among the flags, by setting. */
export function settingsIn(flags: FlagValues): Partial<Record<SettingName, string>> {
  const given: Partial<Record<SettingName, string>> = {}
  for (const name of settingNames) {
    const value = flags[flagOfSetting(name)]
    if (typeof value === 'string') given[name] = value
  }
  return given
}

/** @throws Failure USAGE with the flag as `field` */
export function parse(argv: readonly string[], known: Flags): Parsed {
  const { tokens } = split(argv, known)
  const flags: Record<string, string | boolean> = {}
  const args: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind !== 'option') continue
    const { name, rawName, value, inlineValue } = token
    const flag = Object.hasOwn(known, name) ? known[name] : undefined
    if (flag === undefined) throw unknownFlag(rawName, known)
    if (flag.type === 'boolean') {
      if (value !== undefined) throw usage(name, `${rawName} takes no value`)
      flags[name] = true
    } else {
      const isMissing = value === undefined || (inlineValue === false && /^-[^\d]/.test(value))
      if (isMissing) throw usage(name, `${rawName} needs a value${flag.value === undefined ? '' : ` (${flag.value})`}`)
      flags[name] = value
    }
  }
  return { flags, args }
}

/** Without judging: the words that are no flags, and which of the known flags are there. */
export function glance(argv: readonly string[], known: Flags): Parsed {
  const { values, positionals } = split(argv, known)
  return { flags: values as FlagValues, args: positionals }
}

function split(argv: readonly string[], known: Flags) {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { type, short }]) => [name, short === undefined ? { type } : { type, short }]),
  )
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true })
}

function unknownFlag(rawName: string, known: Flags): Failure {
  const names = Object.keys(known).map(name => `--${name}`)
  const help = didYouMean(rawName, names, 'Add --help to see the flags of this command.')
  return new Failure('USAGE', `there is no flag ${rawName}`, { field: rawName.replace(/^-+/, ''), help })
}

function usage(name: string, message: string): Failure {
  return new Failure('USAGE', message, { field: name, help: 'Add --help to see the flags of this command.' })
}
