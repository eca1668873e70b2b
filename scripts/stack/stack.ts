// The stack as a whole: .slipstream/stack.json says what runs and where; whoever needs a broker finds it there.

import fs from 'node:fs'
import path from 'node:path'
import { startKafka } from './kafka.ts'
import { assertTools, fetchKafka, fetchRegistry, fetchS3, type Tell } from './parts.ts'
import { isAlive, StackError, type StackProcess, stopProcess } from './processes.ts'
import { s3Keys, startRegistry, startS3 } from './services.ts'

export const partNames = ['kafka', 'registry', 's3'] as const
export type PartName = (typeof partNames)[number]

export type Stack = {
  readonly brokers: number
  readonly parts: readonly PartName[]
  readonly kafka?: { readonly bootstrap: readonly string[] }
  readonly registry?: { readonly url: string }
  readonly s3?: {
    readonly url: string
    readonly bucket: string
    readonly accessKey: string
    readonly secretKey: string
  }
  readonly processes: readonly StackProcess[]
}

export type StackOptions = {
  readonly brokers: number
  readonly parts: readonly PartName[]
  /** Begins with empty brokers and an empty S3 server. */
  readonly fresh: boolean
  readonly tell: Tell
}

const root = path.join(import.meta.dirname, '..', '..', '.slipstream')

/** One stack of a clone is the user's; tests may run another beside it. */
export class StackFolder {
  readonly file: string
  readonly #data: string

  constructor(folder = root) {
    this.file = path.join(folder, 'stack.json')
    this.#data = path.join(folder, 'stack')
  }

  /** What was started last, whether or not it still runs; null when nothing was. */
  read(): Stack | null {
    try {
      const found = JSON.parse(fs.readFileSync(this.file, 'utf8')) as Stack | null
      return Array.isArray(found?.processes) ? found : null
    } catch {
      return null
    }
  }

  /** Starts what does not run, and resolves when everything is ready. @throws StackError */
  async up({ brokers, parts, fresh, tell }: StackOptions): Promise<Stack> {
    const found = this.read()
    const runs = found?.processes.every(isAlive) ?? false
    // what has an address has been ready; another may have failed, or been interrupted, while it started
    const serves = found?.brokers === brokers && parts.every(part => found[part] !== undefined)
    if (found && runs && serves && !fresh) return found
    const wants = (part: PartName) => parts.includes(part)
    // before anything that runs is stopped
    if (!fresh && wants('kafka')) this.#refuseOther(brokers)
    assertTools({ kafka: wants('kafka'), registry: wants('registry'), s3: wants('s3') })
    const jars = wants('kafka') ? await fetchKafka(tell) : ''
    const registryJar = wants('registry') ? await fetchRegistry(tell) : ''
    const weed = wants('s3') ? await fetchS3(tell) : ''
    await this.down()
    this.#prepareData(fresh)
    let stack: Stack = { brokers, parts, processes: [] }
    const add = (more: Partial<Stack>) => {
      stack = { ...stack, ...more }
      this.#write(stack)
    }
    // written as it grows, so that `down` finds what was started before something failed or somebody lost patience
    const began = (processes: readonly StackProcess[]) => add({ processes: [...stack.processes, ...processes] })
    if (wants('kafka')) {
      tell(`starting ${brokers === 1 ? 'one broker' : `${brokers} brokers`}`)
      const { bootstrap } = await startKafka(jars, this.#data, brokers, { began })
      add({ kafka: { bootstrap } })
    }
    if (wants('registry')) {
      tell('starting the schema registry')
      const bootstrap = stack.kafka?.bootstrap ?? []
      add({
        registry: { url: await startRegistry({ jar: registryJar, folder: this.#data, brokers: bootstrap, began }) },
      })
    }
    if (wants('s3')) {
      tell('starting the S3 server')
      add({ s3: { url: await startS3(weed, this.#data, began), bucket: 'slipstream', ...s3Keys } })
    }
    return stack
  }

  /** Stops what runs; harmless when nothing does. @returns the names of those stopped */
  async down(): Promise<string[]> {
    const found = this.read()
    if (!found) return []
    const ends = await Promise.all(
      found.processes.map(async each => ((await stopProcess(each)) === 'stopped' ? [each.name] : [])),
    )
    fs.rmSync(this.file, { force: true })
    return ends.flat()
  }

  #prepareData(fresh: boolean): void {
    if (fresh) fs.rmSync(this.#data, { recursive: true, force: true })
    fs.mkdirSync(this.#data, { recursive: true })
  }

  /** @throws StackError when what is stored is not of so many brokers */
  #refuseOther(brokers: number): void {
    const present = fs.existsSync(this.#data)
      ? fs.readdirSync(this.#data).filter(name => name.startsWith('broker-')).length
      : 0
    if (present !== 0 && present !== brokers) {
      throw new StackError(
        `The data in ${this.#data} is that of ${present === 1 ? 'one broker' : `${present} brokers`}; begin anew with --fresh`,
      )
    }
  }

  #write(stack: Stack): void {
    fs.writeFileSync(`${this.file}.unfinished`, `${JSON.stringify(stack, null, 2)}\n`)
    fs.renameSync(`${this.file}.unfinished`, this.file)
  }
}
