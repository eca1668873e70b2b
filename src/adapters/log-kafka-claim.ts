// A claim: the transactions of one task, under one producer id and epoch. Taking the id anew fences whoever had it, and
// is answered only once their open transaction is aborted, or the one they were committing is in sight everywhere.
//
//   C1  A unit is one transaction: its partitions are added in one request, or by writing to them where the cluster's
//       transactions are implicit; each broker gets one request a round, and nothing that a broker may have done is ever
//       sent again. Any error ends the claim; only a new one may go on.
//   C2  Until the request to commit is sent nothing of the unit can come into sight. After that, no answer means that
//       nobody knows: COMMIT_UNKNOWN.
//   C3  A partition gets at most `batchBytesMax` a request, so that no broker's limit is met but by one large record.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from 'kafkajs/src/cluster/index.js'
import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import { type Append, type Claim, recordBytesMax } from '../runtime/log.ts'
import { packBatch, recordBytesAtMost } from './log-kafka-batch.ts'
import { BrokerError, brokerCodeIn, brokerCodes, failureOf, isFencing } from './log-kafka-failures.ts'
import { isConnectionError, type KafkaLane } from './log-kafka-lane.ts'
import { nameOf, type Place } from './log-kafka-reader.ts'
import {
  commitRequest,
  type ProducerIds,
  produceRequest,
  type TransactionKind,
  transactionKindRequest,
} from './log-kafka-transaction-wire.ts'

/** After this a broker aborts a transaction by itself, and a commit gives up. */
export const transactionTimeoutMs = 10_000

const batchBytesMax = 900_000

/** Last offset that a unit took in each partition. */
export type Written = readonly (Place & { readonly last: number })[]

export type ClaimOptions = {
  readonly lane: KafkaLane
  readonly task: string
  readonly transactionalId: string
  readonly onCommitted: (written: Written) => void
}

/** Fences every earlier owner of the id. @throws Failure LOG_UNREACHABLE */
export async function openClaim(options: ClaimOptions): Promise<KafkaClaim> {
  const { lane, task, transactionalId } = options
  const coordinator = new Coordinator(lane, transactionalId)
  const asked = { transactionalId, transactionTimeout: transactionTimeoutMs }
  // twice the timeout: the transaction of an owner that died while the coordinator moved ends by then
  const patience = { untilMs: performance.now() + 2 * transactionTimeoutMs, again: isConnectionError }
  try {
    const { producerId, producerEpoch } = await coordinator.ask(broker => broker.initProducerId(asked), patience)
    const kind = await coordinator.ask(broker => broker.connectionPool.send(transactionKindRequest()), patience)
    return new KafkaClaim(options, coordinator, { kind, ids: { producerId: BigInt(producerId), producerEpoch } })
  } catch (error) {
    throw failureOf(error, `claiming ${task}`)
  }
}

/** How the cluster keeps transactions, asked anew by each claim, and under which ids its first one writes. */
type Begun = { readonly kind: TransactionKind; readonly ids: ProducerIds }

export class KafkaClaim implements Claim {
  readonly #o: ClaimOptions
  readonly #coordinator: Coordinator
  readonly #kind: TransactionKind
  #ids: ProducerIds
  readonly #sequences = new Map<string, number>()
  #isAlive = true

  constructor(options: ClaimOptions, coordinator: Coordinator, { kind, ids }: Begun) {
    this.#o = options
    this.#coordinator = coordinator
    this.#kind = kind
    this.#ids = ids
  }

  async commit(appends: readonly Append[]): Promise<void> {
    const { task, onCommitted } = this.#o
    if (!this.#isAlive) throw new Failure('TASK_FENCED', `this claim of ${task} is over; claim again`)
    this.#isAlive = false
    assertSizes(appends)
    const parts = partsOf(appends)
    const began = performance.now()
    const written = parts.length === 0 ? [] : await this.#transact(parts, began)
    // a broker that aborts by itself says the same as one with another owner, who would have come sooner than that
    this.#isAlive = true
    onCommitted(written)
  }

  async release(): Promise<void> {
    this.#isAlive = false
  }

  async #transact(parts: readonly Part[], began: number): Promise<Written> {
    const { task } = this.#o
    const untilMs = began + transactionTimeoutMs
    let written: Written
    try {
      if (!this.#kind.isImplicit) await this.#addPartitions(parts, untilMs)
      written = await this.#produce(parts, untilMs)
    } catch (error) {
      await this.#o.lane.recover(error)
      throw this.#failure(error, `writing a unit of ${task}`, began)
    }
    try {
      await this.#end(untilMs)
      return written
    } catch (error) {
      if (!isConnectionError(error)) throw this.#failure(error, `committing a unit of ${task}`, began)
      const message = `the commit of ${task} was not answered: ${error instanceof Error ? error.message : String(error)}`
      throw new Failure('COMMIT_UNKNOWN', message, { cause: error })
    }
  }

  /** A transaction that ran out of time is fenced by the broker itself: nobody else has the task for that. */
  #failure(error: unknown, what: string, began: number): Failure {
    if (!isFencing(error) || performance.now() - began < transactionTimeoutMs) return failureOf(error, what)
    return new Failure('LOG_UNREACHABLE', `${what}: its transaction ran out of time`, { cause: error })
  }

  async #addPartitions(parts: readonly Part[], untilMs: number): Promise<void> {
    const topics = new Map<string, number[]>()
    for (const { topic, partition } of parts) topics.set(topic, [...(topics.get(topic) ?? []), partition])
    const { producerId, producerEpoch } = this.#ids
    const asked = {
      transactionalId: this.#o.transactionalId,
      producerId: String(producerId),
      producerEpoch,
      topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
    }
    // adding what is added already changes nothing, so an answer that was lost may be asked for again
    await this.#coordinator.ask(broker => broker.addPartitionsToTxn(asked), { untilMs, again: isConnectionError })
  }

  async #produce(parts: readonly Part[], untilMs: number): Promise<Written> {
    const written: (Place & { last: number })[] = []
    const rounds = Math.max(...parts.map(({ batches }) => batches.length))
    for (let round = 0; round < rounds; round++) {
      const byLeader = new Map<number, Batch[]>()
      for (const { batches, ...place } of parts) {
        const appends = batches[round]
        if (!appends) continue
        const leader = await this.#o.lane.leaderIdOf(place.topic, place.partition)
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), this.#batch(place, appends)])
      }
      const answers = await Promise.all([...byLeader].map(([leader, own]) => this.#send(leader, own, untilMs)))
      for (const place of answers.flat()) {
        const known = written.find(({ topic, partition }) => topic === place.topic && partition === place.partition)
        if (known) known.last = place.last
        else written.push(place)
      }
    }
    return written
  }

  async #send(leader: number, batches: readonly Batch[], untilMs: number): Promise<(Place & { last: number })[]> {
    const { lane, transactionalId } = this.#o
    const broker = await lane.broker(leader)
    const left = new Map(batches.map(batch => [nameOf(batch), batch]))
    const written: (Place & { last: number })[] = []
    const send = async () => {
      const asked = { kind: this.#kind, transactionalId, timeoutMs: transactionTimeoutMs, batches: [...left.values()] }
      const answers = await broker.connectionPool.send(produceRequest(asked)).catch(async (error: unknown) => {
        await lane.recover(error, broker)
        throw error
      })
      for (const { errorCode, baseOffset, ...place } of answers) {
        const name = nameOf(place)
        if (errorCode === brokerCodes.concurrentTransactions) continue
        if (errorCode !== 0) throw new BrokerError(errorCode, name)
        written.push({ ...place, last: baseOffset + (left.get(name)?.count ?? 1) - 1 })
        left.delete(name)
      }
      if (left.size > 0) throw new BrokerError(brokerCodes.concurrentTransactions, [...left.keys()].join())
    }
    // refused and not written: the transaction before is not in sight everywhere yet
    await patiently(send, untilMs, async error => brokerCodeIn(error) === brokerCodes.concurrentTransactions)
    return written
  }

  #batch(place: Place, appends: readonly Append[]): Batch {
    const name = nameOf(place)
    const firstSequence = this.#sequences.get(name) ?? 0
    // sequences go round below 2^31
    this.#sequences.set(name, (firstSequence + appends.length) % 2 ** 31)
    const { producerId: id, producerEpoch: epoch } = this.#ids
    return { ...place, batch: packBatch(appends, { id, epoch, firstSequence }, Date.now()), count: appends.length }
  }

  async #end(untilMs: number): Promise<void> {
    const asked = commitRequest({ kind: this.#kind, transactionalId: this.#o.transactionalId, ids: this.#ids })
    const send = (broker: Broker) => broker.connectionPool.send(asked)
    this.#ids = await this.#coordinator.ask(send, { untilMs, again: () => false })
    if (this.#kind.isImplicit) this.#sequences.clear()
  }
}

type Batch = Place & { readonly batch: Buffer; readonly count: number }
type Part = Place & { readonly batches: readonly (readonly Append[])[] }

/** By partition, each cut into batches. */
function partsOf(appends: readonly Append[]): Part[] {
  const places = new Map<string, Place & { batches: Append[][]; bytes: number }>()
  for (const append of appends) {
    const { topic, partition } = append
    const name = nameOf(append)
    const place = places.get(name) ?? { topic, partition, batches: [[]], bytes: 0 }
    places.set(name, place)
    const size = recordBytesAtMost(append)
    if (place.bytes > 0 && place.bytes + size > batchBytesMax) {
      place.batches.push([])
      place.bytes = 0
    }
    place.bytes += size
    place.batches.at(-1)?.push(append)
  }
  return [...places.values()]
}

/** @throws Failure RECORD_TOO_LARGE */
function assertSizes(appends: readonly Append[]): void {
  for (const { topic, key, value } of appends) {
    if (3 * key.length + (value?.length ?? 0) <= recordBytesMax) continue
    const size = Buffer.byteLength(key) + (value?.length ?? 0)
    if (size <= recordBytesMax) continue
    throw new Failure('RECORD_TOO_LARGE', `a record of ${size} bytes for ${topic}; the most is ${recordBytesMax}`)
  }
}

type Patience = { readonly untilMs: number; readonly again: (error: unknown) => boolean }

const waiting: readonly number[] = [brokerCodes.concurrentTransactions, brokerCodes.coordinatorLoading]
const moved: readonly number[] = [brokerCodes.coordinatorNotAvailable, brokerCodes.notCoordinator]

/** The broker that keeps the transactions of an id, found again when it has moved. */
class Coordinator {
  readonly #lane: KafkaLane
  readonly #transactionalId: string
  #broker: Broker | undefined

  constructor(lane: KafkaLane, transactionalId: string) {
    this.#lane = lane
    this.#transactionalId = transactionalId
  }

  /** Repeats what a coordinator refused without having done it, and what `again` allows. */
  async ask<T>(call: (broker: Broker) => Promise<T>, { untilMs, again }: Patience): Promise<T> {
    const found = async () => {
      this.#broker ??= await this.#find()
      return call(this.#broker)
    }
    return patiently(found, untilMs, async error => {
      const broker = this.#broker
      const code = brokerCodeIn(error)
      const refused = code !== undefined && (waiting.includes(code) || moved.includes(code))
      if (code === undefined || !waiting.includes(code)) this.#broker = undefined
      if (isConnectionError(error)) await this.#lane.recover(error, broker)
      // not found means not asked, so that is no answer lost
      return refused || again(error) || broker === undefined
    })
  }

  async #find(): Promise<Broker> {
    const broker = await this.#lane.coordinatorOf(this.#transactionalId)
    assert(broker !== undefined, 'a coordinator that was found is a broker')
    return broker
  }
}

/** Calls again what may be called again after how it failed, some milliseconds later. */
async function patiently<T>(call: () => Promise<T>, untilMs: number, again: (error: unknown) => Promise<boolean>) {
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 1.5, 50)) {
    try {
      return await call()
    } catch (error) {
      if (!(await again(error)) || performance.now() > untilMs) throw error
      await sleep(waitMs)
    }
  }
}
