// Task: one stage on one partition (or on the merged partitions of a gather).
//
//   owns      its inputs, its tables, its claim, its open unit of work
//   never     waits inside a unit, retries, or keeps anything over a failure
//
//   T1  Outputs, changed rows and the position are in the same commit; there is no other way to write.
//   T2  At most one unit is open, and none while the task is parked.
//   T3  After a failure the task is thrown away; the next life starts from what was committed.
//   T4  A record on which the stage fails is found by halving the unit: taken by a step of its own, and failing again,
//       it is dead-lettered. What fails before it has taken a record (a due instant) is nobody's fault but the stage's:
//       it is tried again and again, and nothing is thrown away for it. Nor is a partial: without it no frame is true.

import { hash as digestOf } from 'node:crypto'
import { failureIn } from '../lib/failure.ts'
import type { Blobs } from './blobs.ts'
import type { Budget } from './budget.ts'
import type { Chunks } from './chunks.ts'
import { Buffered } from './input.ts'
import { move, type TaskState } from './lifecycle.ts'
import type { Append, Claim, Log } from './log.ts'
import type { Codec } from './schemas.ts'
import type { Artefacts, Behaviour, Input, InputRecord, Output, Shared, StageIo } from './stage.ts'
import type { Standing } from './standing.ts'
import { fillTable, type Position, State } from './state.ts'
import { type Packing, Table } from './table.ts'
import { emptyTally, failed, type Tally } from './tally.ts'
import { changelogOf, type Node, type Topic } from './topology.ts'

export type TaskOptions<Settings> = {
  readonly node: Node<Settings>
  readonly settings: Settings
  readonly partition: number
  readonly partitions: number
  readonly topics: readonly Topic[]
  readonly deadLetters: string
  readonly log: Log
  readonly codec: Codec
  readonly blobs: Blobs
  readonly budget: Budget
  readonly artefacts: Artefacts<unknown>
  /** The shared view of a topic, and how this task reports how far it is. */
  readonly shared: (topic: string) => { shared: Shared<unknown>; reached: (at: number) => void }
  readonly unitSteps: number
  readonly unitBytes: number
  readonly fetchBytes: number
  readonly chunks: Chunks
  readonly snapshotBytes: number
  /** Whether its changelog tells other processes how far it is. */
  readonly tells: boolean
}

export class Task<Settings> {
  readonly name: string
  readonly stage: string
  readonly partition: number
  state: TaskState = 'created'
  why: string | null = null
  /** Records taken in committed units since the process started. */
  takenCount = 0
  /** Event time the task has reached in committed units. */
  reachedAt: number | null = null
  tally: Tally = emptyTally
  readonly #o: TaskOptions<Settings>
  #inputs: Buffered[] = []
  #claim: Claim | undefined
  #rows: State | undefined
  #behaviour: Behaviour | undefined
  #out: Append[] = []
  #outBytes = 0
  #reached: number | null = null
  #unitSteps: number
  /** Where the open unit began; null when none is open. */
  #begun: Position | null = null
  /** Whether its last unit ended before the stage had nothing more to do. */
  #midway = false
  /** Where a unit of one step failed before, so that a second time there is certain. */
  #suspect: Suspect | null = null
  #poison: Suspect | null = null

  constructor(options: TaskOptions<Settings>) {
    this.#o = options
    this.stage = options.node.stage.name
    this.partition = options.partition
    this.name = `${this.stage}-${options.partition}`
    this.#unitSteps = options.unitSteps
  }

  /** Claims, restores and opens the stage. @throws whatever the ports throw; then `fail` and open again */
  async open(): Promise<void> {
    this.state = move(this.state, 'restoring')
    const { node, log, blobs, partition, snapshotBytes } = this.#o
    const { layout, migrate = {}, name } = node.stage
    const claim = await log.claim(this.name)
    const changelog = changelogOf(name)
    const rows = new State({ log, blobs, task: this.name, changelog, partition, layout, migrate, snapshotBytes })
    const restored = await rows.takeOver(claim)
    this.#claim = claim
    this.#rows = rows
    this.#inputs = this.#openInputs(restored.position)
    this.#out = []
    this.#outBytes = 0
    this.#begun = null
    this.#midway = restored.midway
    this.#reached = null
    this.#behaviour = node.stage.open(this.#io(rows, restored.rows), this.#o.settings)
    this.#commitReached()
    this.state = move(this.state, 'running')
    this.why = null
    this.tally = { ...this.tally, taken: this.tally.taken + 1 }
  }

  /** One unit of work. @returns whether it did anything; false parks the task */
  async unit(): Promise<boolean> {
    const behaviour = this.#behaviour as Behaviour
    for (const input of this.#inputs) await input.fill()
    this.#begun = this.position()
    const before = this.#takenNow()
    const buried = this.#poison !== null && this.#bury(behaviour, this.#poison)
    let steps = 0
    let midway = true
    // a burial is a unit of its own, so that the next record stands alone again
    while (!buried && steps < this.#unitSteps && this.#outBytes < this.#o.unitBytes) {
      midway = behaviour.step()
      if (!midway) break
      steps++
    }
    // who waits for this task in another process has to be told that nothing more comes
    const isEnd = this.#o.tells && this.#midway && !midway
    this.#midway = midway
    if (steps === 0 && !buried && !isEnd) {
      this.#begun = null
      this.state = move(this.state, 'parked')
      // nothing is open, so how far the stage has looked is how far it is
      this.#commitReached()
      for (const input of this.#inputs) input.parked = true
      return false
    }
    await this.#commit()
    this.#begun = null
    this.takenCount += this.#takenNow() - before
    this.#unitSteps = Math.min(this.#o.unitSteps, this.#unitSteps * 2)
    this.#suspect = null
    this.state = move(this.state, 'running')
    return true
  }

  /** Throws this life away after an error of `open` or `unit`. */
  async fail(error: unknown): Promise<void> {
    const failure = failureIn(error)
    this.why = failure ? `${failure.code}: ${failure.message}` : String(error instanceof Error ? error.message : error)
    this.tally = failed(this.tally, error, this.#begun !== null)
    if (!failure || failure.next === 'reject') this.#narrow(this.why)
    this.#begun = null
    for (const input of this.#inputs) input.close()
    await this.#claim?.release()
    this.#claim = undefined
    this.#behaviour = undefined
    this.state = move(this.state, 'failed')
  }

  async stop(): Promise<void> {
    await this.#end()
    this.state = 'stopped'
  }

  /** Another process has the task. It may come back: `open` then. */
  async letGo(): Promise<void> {
    if (this.#claim) this.tally = { ...this.tally, letGo: this.tally.letGo + 1 }
    await this.#end()
    this.#inputs = []
    this.#behaviour = undefined
    this.#suspect = null
    this.#poison = null
    this.why = null
    this.reachedAt = null
    this.state = move(this.state, 'elsewhere')
  }

  async #end(): Promise<void> {
    for (const input of this.#inputs) input.close()
    await this.#claim?.release()
    this.#claim = undefined
  }

  /** Whether all that was written to the driving inputs is taken and committed. */
  async caughtUp(): Promise<boolean> {
    if (this.state !== 'parked' || this.#begun) return false
    for (const input of this.#inputs) if (await input.pending()) return false
    return true
  }

  balance(): Readonly<Record<string, number>> {
    return this.#behaviour?.balance?.() ?? {}
  }

  lookup(key: string): unknown {
    return this.#behaviour?.lookup?.(key)
  }

  position(): Position {
    return Object.fromEntries(this.#inputs.map(input => [nameOf(input), input.taken]))
  }

  #openInputs(position: Position | null): Buffered[] {
    const { node, log, codec, budget, fetchBytes, chunks, partition } = this.#o
    const raw = node.raw ?? false
    const of = (topic: string, number: number) => {
      const input = new Buffered(topic, number, { log, codec, budget, fetchBytes, chunks, raw })
      const place = position?.[`${topic}/${number}`]
      if (place !== undefined) input.seek(place)
      return input
    }
    const own = node.reads.map(topic => of(topic, this.#isSingle(topic) ? 0 : partition))
    const gathered = Array.from({ length: node.gathers ? this.#o.partitions : 0 }, (_, number) =>
      of(node.gathers as string, number),
    )
    return [...own, ...gathered]
  }

  #io(state: State, restored: ReadonlyMap<string, unknown>): StageIo {
    const find = (topic: string) => this.#inputs.filter(input => input.topic === topic)
    return {
      partition: this.partition,
      partitions: this.#o.partitions,
      input: topic => find(topic)[0] as Input,
      gather: topic => find(topic),
      output: topic => this.#output(topic),
      table: <Row>(name: string, packing?: Packing<Row>) => {
        const table = new Table<Row>(name, packing)
        fillTable(table, restored)
        state.add(table)
        return table
      },
      shared: <View>(topic: string) => this.#o.shared(topic).shared as Shared<View>,
      artefacts: <T>() => this.#o.artefacts as Artefacts<T>,
      reached: at => {
        this.#reached = at
      },
    }
  }

  #output(topic: string): Output {
    const partition = this.#isSingle(topic) ? 0 : this.partition
    return {
      emit: (name, key, value, headers) => {
        const bytes = this.#o.codec.encode(name, value)
        this.#outBytes += bytes.length
        this.#out.push(
          headers ? { topic, partition, key, value: bytes, headers } : { topic, partition, key, value: bytes },
        )
      },
    }
  }

  async #commit(): Promise<void> {
    const claim = this.#claim as Claim
    const state = this.#rows as State
    const position = this.position()
    const out = this.#out
    this.#out = []
    this.#outBytes = 0
    this.#behaviour?.beforeCommit?.()
    const standing = this.#standing(position)
    for (const record of state.unitRecords(position, standing)) out.push(record)
    await claim.commit(out)
    this.#commitReached()
    if (!state.snapshotIsDue) return
    const snapshot = await this.#unlessAway(() => state.snapshot(position, standing))
    if (!snapshot) return state.postponeSnapshot()
    await claim.commit([snapshot])
    await this.#unlessAway(() => state.snapshotCommitted())
  }

  #standing(position: Position): Standing | null {
    if (!this.#o.tells) return null
    return { position, midway: this.#midway, reachedAt: this.#reached, balance: this.balance() }
  }

  /** A store of blobs that is away is no reason to stop: the changelog has everything, and grows until it is back. */
  async #unlessAway<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      const value = await call()
      this.why = null
      return value
    } catch (error) {
      const failure = failureIn(error)
      if (failure?.code !== 'BLOBS_UNREACHABLE') throw error
      this.why = `no snapshot for now: ${failure.message}`
      return undefined
    }
  }

  #commitReached(): void {
    this.reachedAt = this.#reached
    const { shares } = this.#o.node
    if (shares && this.#reached !== null) this.#o.shared(shares).reached(this.#reached)
  }

  /** Halves the unit; a unit of one step that fails twice at the record it took names the poison. */
  #narrow(why: string): void {
    if (!this.#begun) return
    const at = this.#unitSteps === 1 ? this.#tookOne(this.#begun) : null
    if (at && at.input === this.#suspect?.input && at.offset === this.#suspect.offset) this.#poison = { ...at, why }
    this.#suspect = at && { ...at, why }
    this.#unitSteps = Math.max(1, Math.floor(this.#unitSteps / 2))
  }

  /** Where the record lies that was taken since the unit began, if it was one that may be done without. */
  #tookOne(begun: Position): Pick<Suspect, 'input' | 'offset'> | null {
    const moved = this.#inputs.filter(input => input.taken !== begun[nameOf(input)])
    const [input] = moved
    if (!input || moved.length > 1 || input.topic === this.#o.node.gathers) return null
    return { input: nameOf(input), offset: begun[nameOf(input)] as number }
  }

  #bury(behaviour: Behaviour, { input: name, offset, why }: Suspect): boolean {
    const input = this.#inputs.find(each => nameOf(each) === name)
    const record = input?.peek()
    if (!input || !record) return false
    this.#poison = null
    if (input.taken !== offset) return false
    input.take()
    behaviour.poisoned?.(record)
    const letter = {
      topic: input.topic,
      reason: 'STAGE_FAILED',
      field: null,
      message: `${this.stage} fails on this record: ${why}`,
      at: this.#reached ?? 0,
      value: record.bytes,
    }
    this.#output(this.#o.deadLetters).emit('Rejected', record.key, letter, originHeaders(input, record))
    return true
  }

  #isSingle(topic: string): boolean {
    return this.#o.topics.find(candidate => candidate.name === topic)?.partitions === 1
  }

  #takenNow(): number {
    return this.#inputs.reduce((sum, input) => sum + input.taken, 0)
  }
}

/** A record by the place of its input, and what went wrong there. */
type Suspect = { readonly input: string; readonly offset: number; readonly why: string }

function nameOf({ topic, partition }: Input): string {
  return `${topic}/${partition}`
}

/** Where a dead letter came from; outside digests, for `dead show` and `dead redrive`. */
export function originHeaders(input: Input, record: InputRecord): Record<string, string> {
  const origin = `${nameOf(input)}@${record.offset}`
  return { ...record.headers, origin, content: digestOf('sha256', record.bytes, 'hex').slice(0, 16) }
}
