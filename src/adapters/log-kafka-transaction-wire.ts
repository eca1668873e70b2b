// The calls of a transaction as log-kafka-claim speaks them: Produce and EndTxn, and ApiVersions, which tells of which kind
// a cluster's transactions are.
//
//   explicit  Produce 9, EndTxn 3: the coordinator is told of a partition before anything is written to it.
//   implicit  Produce 12, EndTxn 5, where a cluster has settled on `transaction.version` 2 (KIP-890, part 2): whoever leads
//             a partition tells the coordinator itself, and each transaction has an epoch of its own.
//
// Nothing but the version tells the requests of the two kinds apart. All are in the flexible form: lengths are varints,
// one more than what they count, and every structure ends with its tagged fields.

import type { WireRequest } from 'kafkajs/src/cluster/index.js'
import { BrokerError } from './log-kafka-failures.ts'
import { WireReader, WireWriter, wire } from './log-kafka-wire.ts'

export type TransactionKind = { readonly isImplicit: boolean; readonly produce: number; readonly endTxn: number }

const explicit: TransactionKind = { isImplicit: false, produce: 9, endTxn: 3 }
const implicit: TransactionKind = { isImplicit: true, produce: 12, endTxn: 5 }

const apiKeys = { produce: 0, apiVersions: 18, endTxn: 26 } as const
/** Tag of the features that all brokers of the cluster have been switched to. */
const finalizedFeaturesTag = 2

/** ApiVersions, version 3. */
export function transactionKindRequest(): WireRequest<TransactionKind> {
  const encode = () => new WireWriter(64).tags().compactText('slipstream').compactText('1').tags().done()
  return wire({ apiKey: apiKeys.apiVersions, apiVersion: 3, apiName: 'ApiVersions' }, encode, decodeKind)
}

/** The head of this answer alone has no tagged fields. */
function decodeKind(payload: Buffer): TransactionKind {
  const reader = new WireReader(payload)
  const errorCode = reader.int16()
  if (errorCode !== 0) throw new BrokerError(errorCode, 'ApiVersions')
  const newest = new Map<number, number>()
  for (let left = reader.count(); left > 0; left--) {
    const api = reader.int16()
    reader.int16()
    newest.set(api, reader.int16())
    reader.tags()
  }
  reader.int32()
  const features = featuresIn(reader.tags().get(finalizedFeaturesTag))
  const isKnown =
    (newest.get(apiKeys.produce) ?? 0) >= implicit.produce && (newest.get(apiKeys.endTxn) ?? 0) >= implicit.endTxn
  return isKnown && (features.get('transaction.version') ?? 0) >= 2 ? implicit : explicit
}

function featuresIn(bytes: Buffer | undefined): ReadonlyMap<string, number> {
  const features = new Map<string, number>()
  if (!bytes) return features
  const reader = new WireReader(bytes)
  for (let left = reader.count(); left > 0; left--) {
    features.set(reader.compactText(), reader.int16())
    reader.int16()
    reader.tags()
  }
  return features
}

export type ProduceAsked = {
  readonly kind: TransactionKind
  readonly transactionalId: string
  readonly timeoutMs: number
  readonly batches: readonly { readonly topic: string; readonly partition: number; readonly batch: Buffer }[]
}

export type ProducedPartition = {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  readonly baseOffset: number
}

/** Acknowledged by all replicas in sync; one batch a partition. */
export function produceRequest({ kind, ...asked }: ProduceAsked): WireRequest<ProducedPartition[]> {
  const { transactionalId, timeoutMs, batches } = asked
  const encode = () => {
    const size = batches.reduce((sum, { topic, batch }) => sum + 32 + 3 * topic.length + batch.length, 64)
    const out = new WireWriter(size + 3 * transactionalId.length)
    out.tags().compactText(transactionalId).int16(-1).int32(timeoutMs).count(batches.length)
    for (const { topic, partition, batch } of batches) {
      out.compactText(topic).count(1).int32(partition).compactBytes(batch).tags().tags()
    }
    return out.tags().done()
  }
  return wire({ apiKey: apiKeys.produce, apiVersion: kind.produce, apiName: 'Produce' }, encode, decodeProduce)
}

function decodeProduce(payload: Buffer): ProducedPartition[] {
  const reader = new WireReader(payload)
  reader.tags()
  const found: ProducedPartition[] = []
  for (let topics = reader.count(); topics > 0; topics--) {
    const topic = reader.compactText()
    for (let partitions = reader.count(); partitions > 0; partitions--) {
      const partition = reader.int32()
      const errorCode = reader.int16()
      const baseOffset = Number(reader.int64())
      reader.int64()
      reader.int64()
      for (let wrong = reader.count(); wrong > 0; wrong--) {
        reader.int32()
        reader.compactText()
        reader.tags()
      }
      reader.compactText()
      reader.tags()
      found.push({ topic, partition, errorCode, baseOffset })
    }
    reader.tags()
  }
  return found
}

/** Under which a transaction writes. */
export type ProducerIds = { readonly producerId: bigint; readonly producerEpoch: number }

export type CommitAsked = {
  readonly kind: TransactionKind
  readonly transactionalId: string
  readonly ids: ProducerIds
}

/** EndTxn, to commit. @returns under which the next transaction writes; where they are new, so are its sequences */
export function commitRequest({ kind, transactionalId, ids }: CommitAsked): WireRequest<ProducerIds> {
  const encode = () => {
    const out = new WireWriter(64 + 3 * transactionalId.length).tags().compactText(transactionalId)
    return out.int64(ids.producerId).int16(ids.producerEpoch).int8(1).tags().done()
  }
  const decode = (payload: Buffer) => {
    const reader = new WireReader(payload)
    reader.tags()
    reader.int32()
    const errorCode = reader.int16()
    if (errorCode !== 0) throw new BrokerError(errorCode, 'EndTxn')
    return kind.isImplicit ? { producerId: reader.int64(), producerEpoch: reader.int16() } : ids
  }
  return wire({ apiKey: apiKeys.endTxn, apiVersion: kind.endTxn, apiName: 'EndTxn' }, encode, decode)
}
