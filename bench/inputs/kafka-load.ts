// Publishes recorded events to a Kafka cluster and reads the predictions that come of them, in a process of its own. It
// knows the topics alone; a reading consumer is kafkajs's own, in read_committed. Marks are written as a live clock does,
// every ten minutes of event time, and nobody waits for the end of a day.
//
//   from the parent   Order, one at a time
//   to the parent     Answer
//
// In a run at a rate every record is due at an instant of a schedule that waits for nobody. The latency of a prediction
// counts from when the mark was due that it last had to wait for (bench/latency.ts says which) to its receipt here.

import kafkajs from 'kafkajs'
import { WorkersThreads } from '../../src/adapters/workers-threads.ts'
import { openStores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { eventTypes } from '../../src/flights/event-order.ts'
import type { SourceChunk } from '../../src/jobs/replay.ts'
import { floorTo, minutes } from '../../src/lib/time.ts'
import { pipeline } from '../../src/pipeline.ts'
import type { Prediction } from '../../src/records.ts'
import type { Append, Claim } from '../../src/runtime/log.ts'
import { partitionOf } from '../../src/runtime/partition.ts'
import { topicSpecs } from '../../src/runtime/topology.ts'
import { type Quantiles, quantiles } from './numbers.ts'

export type LoadInput = {
  /** Settings by name, the same as the pipeline's. */
  readonly flags: Record<string, string>
  readonly from: string
  readonly to: string
}
export type Rate = {
  readonly perSecond: number
  readonly seconds: number
  /** Left out of the latencies. */
  readonly warmUpSeconds: number
  /** Between two commits of the publisher. */
  readonly everyMs: number
}
/** All up to an instant, as fast as it goes; at a rate; or what was received since the last such order. */
export type Order = { readonly upTo: number } | { readonly rate: Rate } | 'received'
export type Received = { predictions: number; doubled: number; firstAt: number; lastAt: number }
export type Rated = { sent: number; sentSeconds: number; behindMs: number; predictions: number; ms: Quantiles }
export type Answer = { events: number } | { published: number } | { rated: Rated } | { received: Received }

type Event = { readonly at: number; readonly append: Append }

const unit = 5000
const markEveryMs = minutes(10)
const sourceModule = new URL('../../src/adapters/source-folder-worker.ts', import.meta.url).href
const input = JSON.parse(process.argv[2] as string) as LoadInput
const { config } = configure(input.flags)
const stores = await openStores(config, 'owner')
const { log, codec } = stores
const { partitions } = config
await log.createTopics(topicSpecs(pipeline, partitions))
const claim: Claim = await log.claim('bench-load')
const events = await loaded()
const receipts: { at: number; value: Buffer }[] = []
await consume()
let place = 0
let mark = floorTo(events[0]?.at ?? 0, markEveryMs) - markEveryMs

tell({ events: events.length })
process.on('disconnect', () => process.exit(0))
process.on('message', order => void obey(order as Order))

async function obey(order: Order): Promise<void> {
  if (order === 'received') tell({ received: received() })
  else if ('upTo' in order) tell({ published: await publishUpTo(order.upTo) })
  else tell({ rated: await atRate(order.rate) })
}

async function loaded(): Promise<Event[]> {
  const ids = Object.fromEntries(eventTypes.map(name => [name, stores.schemaIds[name] as number]))
  const { from, to } = input
  const asked = { folder: config.source, from, to, inject: '', seed: 1, ids, skipItems: 0 }
  const found: Event[] = []
  for await (const chunk of new WorkersThreads().run<SourceChunk>(sourceModule, asked)) {
    const { keys, deliveredAt, ends, bytes } = chunk
    for (const [i, key] of keys.entries()) {
      const value = bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i])
      const append = { topic: 'flights.events', partition: partitionOf(key, partitions), key, value }
      found.push({ at: deliveredAt[i] as number, append })
    }
  }
  return found
}

async function consume(): Promise<void> {
  const { kafkaBrokers, kafkaPrefix } = config
  const kafka = new kafkajs.Kafka({ brokers: kafkaBrokers.split(','), logLevel: kafkajs.logLevel.NOTHING })
  const reader = kafka.consumer({ groupId: `${kafkaPrefix}bench`, maxWaitTimeInMs: 100, minBytes: 1 })
  await reader.connect()
  await reader.subscribe({ topic: `${kafkaPrefix}flights.predictions`, fromBeginning: true })
  await reader.run({
    eachBatch: async ({ batch }) => {
      const at = performance.timeOrigin + performance.now()
      for (const { value } of batch.messages) if (value) receipts.push({ at, value })
    },
  })
}

/** Predictions by flight and horizon, first receipt of each; what was received is forgotten with this. */
function taken(): { found: Map<string, { at: number; prediction: Prediction }>; doubled: number } {
  const found = new Map<string, { at: number; prediction: Prediction }>()
  let doubled = 0
  for (const { at, value } of receipts.splice(0)) {
    const { name, value: record } = codec.decode(value)
    if (name !== 'Prediction') continue
    const prediction = record as Prediction
    const key = `${prediction.flightId} ${prediction.horizonMinutes}`
    if (found.has(key)) doubled++
    else found.set(key, { at, prediction })
  }
  return { found, doubled }
}

function received(): Received {
  const { found, doubled } = taken()
  const ats = [...found.values()].map(({ at }) => at)
  const [firstAt, lastAt] = [ats.reduce((a, b) => Math.min(a, b), Infinity), ats.reduce((a, b) => Math.max(a, b), 0)]
  return { predictions: found.size, doubled, firstAt, lastAt }
}

/** The next event with the marks before it. @param marked is told of each mark */
function take(marked: (mark: number) => void): Append[] {
  const { at, append } = events[place++] as Event
  const out: Append[] = []
  for (; at >= mark + markEveryMs; marked(mark)) {
    mark += markEveryMs
    const value = codec.encode('Mark', { at: mark })
    for (let partition = 0; partition < partitions; partition++) {
      out.push({ topic: 'flights.events', partition, key: 'mark', value })
    }
  }
  out.push(append)
  return out
}

async function publishUpTo(instant: number): Promise<number> {
  const before = place
  let out: Append[] = []
  while (place < events.length && (events[place] as Event).at < instant) {
    out.push(...take(() => undefined))
    if (out.length < unit) continue
    await claim.commit(out)
    out = []
  }
  await claim.commit(out)
  return place - before
}

async function atRate({ perSecond, seconds, warmUpSeconds, everyMs }: Rate): Promise<Rated> {
  receipts.length = 0
  const [first, end] = [place, Math.min(events.length, place + perSecond * seconds)]
  const dueAt = new Map<number, number>()
  const startedAt = performance.timeOrigin + performance.now()
  const now = () => performance.timeOrigin + performance.now() - startedAt
  let behindMs = 0
  while (place < end) {
    const began = now()
    const out: Append[] = []
    // everything that is due by now, in one commit
    for (let due = 0; place < end && out.length < unit; ) {
      due = ((place - first) / perSecond) * 1000
      if (due > began) break
      if (out.length === 0) behindMs = Math.max(behindMs, began - due - everyMs)
      out.push(...take(each => dueAt.set(each, startedAt + due)))
    }
    if (out.length > 0) await claim.commit(out)
    const waitMs = began + everyMs - now()
    if (waitMs > 0) await new Promise(resolve => setTimeout(resolve, waitMs))
  }
  const sentSeconds = now() / 1000
  // what is on its way
  await new Promise(resolve => setTimeout(resolve, 3000))
  const latencies: number[] = []
  for (const { at, prediction } of taken().found.values()) {
    const turn = floorTo(prediction.dueAt + minutes(config.lateness), markEveryMs) + markEveryMs
    const due = dueAt.get(turn)
    if (due !== undefined && due >= startedAt + warmUpSeconds * 1000) latencies.push(at - due)
  }
  return { sent: end - first, sentSeconds, behindMs, predictions: latencies.length, ms: quantiles(latencies) }
}

function tell(answer: Answer): void {
  process.send?.(answer)
}
