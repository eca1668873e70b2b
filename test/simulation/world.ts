// World: a log, blobs and schemas, and the processes that live on them one after the other, until everything is published
// and everybody has caught up. Nothing but promises moves it, so a seed decides everything; when nothing moves any more
// and it is not over, the run fails and says who waits for what.

import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { type LogFaults, LogMemory } from '../../src/adapters/log-memory.ts'
import { SchemasMemory } from '../../src/adapters/schemas-memory.ts'
import { pipeline as pageOne } from '../../src/pipeline.ts'
import { type DigestSource, readAll, topicDigest } from '../../src/runtime/digest.ts'
import type { Log } from '../../src/runtime/log.ts'
import type { Codec, Decoded } from '../../src/runtime/schemas.ts'
import { type Balance, balanceOf } from '../../src/stages/balance.ts'
import { Gate, type Point, type Weather } from './gate.ts'
import { Process, type Sizes, schemaTexts } from './process.ts'
import type { Script } from './script.ts'
import { SimulatedClock } from './simulated-clock.ts'

export const calmSizes: Sizes = {
  unitSteps: 1000,
  unitBytes: 1 << 20,
  fetchBytes: 1 << 19,
  budgetBytes: 1 << 24,
  snapshotBytes: 1 << 24,
  unitRecords: 1000,
  engines: 1,
}

export type PlayOptions = {
  readonly script: Script
  readonly partitions: number
  readonly sizes?: Sizes
  readonly pipeline?: typeof pageOne
  readonly weather?: Weather
  readonly logSeed?: number
  readonly slowMarkers?: boolean | number
  readonly faults?: LogFaults
  /** Between the gates and the log: where a test plants a bug. */
  readonly onLog?: (log: Log, gate: Gate) => Log
  /** Points at which a second process starts while the first one lives. */
  readonly handOverAt?: ReadonlySet<number>
  /** Whether every process registers the schemas anew. */
  readonly ownCodec?: boolean
  readonly pointsMax?: number
  readonly digestsOnly?: boolean
}

export type Entry = { readonly key: string; readonly name: string; readonly value: unknown; readonly offset: number }

export type Played = {
  /** By topic of page one, then by partition; decoded, in order. Empty if only digests were asked for. */
  readonly topics: ReadonlyMap<string, readonly (readonly Entry[])[]>
  readonly digests: Readonly<Record<string, string>>
  readonly balance: Balance
  /** What a record that was refused had been; null for garbage. */
  readonly decode: (bytes: Uint8Array) => Decoded | null
  /** Points passed by all processes. */
  readonly points: readonly string[]
  readonly pointCount: number
  readonly lives: number
}

/** The run cannot go on, or its balance does not add up. */
export class Broken extends Error {}

const fair: Weather = { fateAt: () => 'go', waitAt: () => 0 }

const schemas = new SchemasMemory()
const codec = CodecAvro.open(schemas, schemaTexts)

export async function play(options: PlayOptions): Promise<Played> {
  return await new World(options, { schemas, codec: await codec }).play()
}

class World {
  readonly #o: PlayOptions
  readonly #ports: { schemas: SchemasMemory; codec: Codec }
  readonly #log: LogMemory
  readonly #blobs = new BlobsMemory()
  readonly #clock = new SimulatedClock()
  readonly #weather: Weather
  readonly #points: string[] = []
  #pointCount = 0
  readonly #processes: Process[] = []
  readonly #troubles: string[] = []
  #current: Process | undefined
  #end: 'done' | Error | null = null

  constructor(options: PlayOptions, ports: { schemas: SchemasMemory; codec: Codec }) {
    this.#o = options
    this.#ports = ports
    this.#weather = options.weather ?? fair
    const { logSeed = 1, slowMarkers = false, faults = {} } = options
    this.#log = new LogMemory({ kafkaMode: { seed: logSeed, slowMarkers }, faults })
  }

  async play(): Promise<Played> {
    this.#start()
    while (this.#end === null) {
      await allMoved()
      if (this.#end !== null || this.#clock.wakeNext()) continue
      this.#end = new Broken(`nothing moves: ${this.#whoWaits()}; not caught up: ${await this.#whoIsBehind()}`)
    }
    for (const process of this.#processes) process.gate.die()
    await allMoved()
    if (this.#end instanceof Error) throw this.#end
    return await this.#outcome()
  }

  #start(): void {
    const { script, partitions, sizes = calmSizes, pipeline = pageOne, onLog = log => log, ownCodec } = this.#o
    const life = this.#processes.length + 1
    const gate: Gate = new Gate({
      fate: (call, when) => this.#fate({ call, when }),
      wait: call => this.#weather.waitAt(call, life),
      onDeath: () => this.#over(process, null),
    })
    const process: Process = new Process({
      script,
      partitions,
      sizes,
      pipeline,
      gate,
      log: onLog(this.#log, gate),
      blobs: this.#blobs,
      schemas: this.#ports.schemas,
      codec: ownCodec ? null : this.#ports.codec,
      clock: this.#clock,
      onTrouble: (where, error) => this.#trouble(where, error),
      onUneven: (task, balance) => this.#fail(`${task} is uneven: ${JSON.stringify(balance)}`),
    })
    this.#processes.push(process)
    this.#current = process
    if (this.#processes.length > 5000) this.#fail('too many lives')
    process.run().then(
      () => this.#over(process, 'done'),
      error => this.#over(process, error),
    )
  }

  /** A process has ended: killed (null), done, or because its publisher failed; then another takes over. */
  #over(process: Process, how: unknown): void {
    if (process !== this.#current || this.#end !== null) return
    if (how === 'done') {
      this.#end = 'done'
      return
    }
    if (how !== null) this.#trouble('process', how)
    process.gate.die()
    this.#start()
  }

  #fate(of: Omit<Point, 'n'>): ReturnType<Weather['fateAt']> {
    // what a process still does when all is over is no part of the run
    if (this.#end !== null) return 'go'
    const n = ++this.#pointCount
    this.#points.push(`${of.when} ${of.call}`)
    if (n > (this.#o.pointsMax ?? 600_000)) {
      this.#fail(`too many calls: ${this.#whoWaits()}`)
      return 'die'
    }
    if (this.#o.handOverAt?.has(n)) this.#start()
    return this.#weather.fateAt({ n, ...of })
  }

  #fail(why: string): void {
    this.#end ??= new Broken(`${why}\n  last troubles: ${this.#troubles.slice(-3).join('; ')}`)
  }

  #trouble(where: string, error: unknown): void {
    this.#troubles.push(`${where}: ${String(error)}`)
  }

  #whoWaits(): string {
    const process = this.#current
    const tasks = process?.tasks.map(({ name, state, why, reachedAt }) => {
      const reached = reachedAt === null ? '' : ` at ${new Date(reachedAt).toISOString()}`
      return `${name} ${state}${reached}${why ? ` (${why})` : ''}`
    })
    const views = (process?.engines ?? [])
      .flatMap(({ views }) => [...views.values()])
      .map(view => `${view.topic} seen up to ${view.upTo}`)
    return [process?.doing, ...(tasks ?? []), ...views, ...this.#troubles.slice(-3)].join('; ')
  }

  /** Asked when nothing moves any more; the answer of a task that does not answer is not waited for. */
  async #whoIsBehind(): Promise<string> {
    const behind: string[] = []
    for (const task of this.#current?.tasks ?? []) {
      const isCaughtUp = await Promise.race([task.caughtUp(), allMoved().then(() => false)])
      if (!isCaughtUp) behind.push(task.name)
    }
    return behind.join(', ') || 'nobody'
  }

  async #outcome(): Promise<Played> {
    const source: DigestSource = { log: this.#log, codec: this.#ports.codec }
    const topics = new Map<string, Entry[][]>()
    const digests: Record<string, string> = {}
    for (const { name, partitions } of await this.#log.topics()) {
      if (name.endsWith('.changelog')) continue
      const parts: Entry[][] = []
      if (!this.#o.digestsOnly) {
        for (let partition = 0; partition < partitions; partition++) parts.push(await this.#decoded(name, partition))
        topics.set(name, parts)
      }
      if (name !== 'models.commands') digests[name] = await topicDigest(source, name)
    }
    const counts = (stage: string) =>
      this.#current?.tasks.filter(task => task.stage === stage).map(task => task.balance()) ?? []
    const balance = balanceOf(counts('ingest'), counts('score'))
    if (!balance.even) throw new Broken(`the balance is uneven: ${JSON.stringify(balance)}`)
    const { length: lives } = this.#processes
    return {
      topics,
      digests,
      balance,
      decode: bytes => this.#decode(bytes),
      points: this.#points,
      pointCount: this.#pointCount,
      lives,
    }
  }

  async #decoded(topic: string, partition: number): Promise<Entry[]> {
    const entries: Entry[] = []
    for await (const { key, value, offset } of readAll(this.#log, topic, partition)) {
      if (!value) continue
      const garbage = { name: 'garbage', value: Buffer.from(value).toString('hex') }
      entries.push({ key, offset, ...(this.#decode(value) ?? garbage) })
    }
    return entries
  }

  #decode(bytes: Uint8Array): Decoded | null {
    try {
      return this.#ports.codec.decode(bytes)
    } catch {
      return null
    }
  }
}

/** Everything has gone as far as it can without a sleeper being woken. */
function allMoved(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
