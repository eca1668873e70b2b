// Publisher: writes a script whose marks are irregular, by the rules of the replay job: its place commits with its
// records, and a step ends only when every stage has caught up.

import type { ModelCommand } from '../../src/records.ts'
import type { Blobs } from '../../src/runtime/blobs.ts'
import type { Append, Claim, Log } from '../../src/runtime/log.ts'
import { partitionOf } from '../../src/runtime/partition.ts'
import type { Codec } from '../../src/runtime/schemas.ts'
import { fillTable, State } from '../../src/runtime/state.ts'
import { Table } from '../../src/runtime/table.ts'
import type { Script } from './script.ts'

export type PublisherOptions = {
  readonly script: Script
  readonly log: Log
  readonly blobs: Blobs
  readonly codec: Codec
  readonly partitions: number
  readonly unitRecords: number
  readonly caughtUp: () => Promise<void>
  readonly mayAdvance: (mark: number) => Promise<unknown>
}

export type Wire =
  | { readonly kind: 'event'; readonly item: Script['items'][number] }
  | { readonly kind: 'mark'; readonly at: number }
  | { readonly kind: 'step'; readonly at: number }

const task = 'publisher'
const changelog = { name: 'publisher.changelog', partitions: 1, cleanup: 'delete' } as const

export class Publisher {
  readonly #o: PublisherOptions
  readonly #wires: readonly Wire[]
  readonly #place = new Table<{ next: number }>('place')
  readonly #state: State
  #claim: Claim | undefined
  #next = 0
  #out: Append[] = []

  constructor(options: PublisherOptions) {
    this.#o = options
    this.#wires = wiresOf(options.script)
    const { log, blobs } = options
    const of = { task, changelog: changelog.name, partition: 0, layout: 1, migrate: {}, snapshotBytes: 20_000 }
    this.#state = new State({ log, blobs, ...of })
    this.#state.add(this.#place)
  }

  async open(): Promise<void> {
    const { log } = this.#o
    await log.createTopics([changelog])
    const claim = await log.claim(task)
    fillTable(this.#place, (await this.#state.takeOver(claim)).rows)
    this.#next = this.#place.get('')?.next ?? 0
    this.#claim = claim
  }

  async run(): Promise<void> {
    await this.#o.caughtUp()
    while (this.#next < this.#wires.length) {
      const wire = this.#wires[this.#next] as Wire
      if (wire.kind === 'step') await this.#endStep(wire.at)
      else {
        if (wire.kind === 'event') this.#event(wire.item)
        else await this.#mark(wire.at)
        this.#next++
        if (this.#out.length >= this.#o.unitRecords) await this.#flush()
      }
    }
    await this.#flush()
    await this.#o.caughtUp()
  }

  #event({ key, name, value, misplaced }: Script['items'][number]): void {
    const { codec, partitions } = this.#o
    const bytes = name === null ? (value as Uint8Array) : codec.encode(name, value)
    const partition = (partitionOf(key, partitions) + (misplaced ? 1 : 0)) % partitions
    this.#out.push({ topic: 'flights.events', partition, key, value: bytes })
  }

  async #mark(at: number): Promise<void> {
    await this.#o.mayAdvance(at)
    const value = this.#o.codec.encode('Mark', { at })
    for (let partition = 0; partition < this.#o.partitions; partition++) {
      this.#out.push({ topic: 'flights.events', partition, key: 'mark', value })
    }
  }

  async #endStep(at: number): Promise<void> {
    await this.#flush()
    await this.#o.caughtUp()
    const { codec, script } = this.#o
    const command = (each: ModelCommand) => ({ key: each.version, value: codec.encode('ModelCommand', each) })
    const records = this.#next === 0 ? script.opening.map(command) : []
    const ended = { key: 'step', value: codec.encode('StepEnded', { at }) }
    for (const record of [...records, ended]) this.#out.push({ topic: 'models.commands', partition: 0, ...record })
    this.#next++
    await this.#flush()
    await this.#o.caughtUp()
  }

  async #flush(): Promise<void> {
    this.#place.set('', { next: this.#next })
    const out = this.#out
    this.#out = []
    await this.#claim?.commit([...out, ...this.#state.unitRecords({})])
    if (!this.#state.snapshotIsDue) return
    await this.#claim?.commit([await this.#state.snapshot({})])
    await this.#state.snapshotCommitted()
  }
}

/** Events before the mark that follows their delivery; a step ends with its mark. */
export function wiresOf({ items, marks, stepMs }: Script): Wire[] {
  const wires: Wire[] = [{ kind: 'step', at: marks?.[0]?.at ?? 0 }]
  let next = 0
  for (const { deliveredAt, at } of marks ?? []) {
    for (let item = items[next]; item && item.deliveredAt < deliveredAt; item = items[++next]) {
      wires.push({ kind: 'event', item })
    }
    wires.push({ kind: 'mark', at })
    if (at % stepMs === 0 && at === deliveredAt && wires.length > 2) wires.push({ kind: 'step', at })
  }
  return wires
}
