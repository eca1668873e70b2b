// Answers of a broker about transactions, as bytes.

import { expect, test } from 'vitest'
import {
  commitRequest,
  produceRequest,
  type TransactionKind,
  transactionKindRequest,
} from '../../src/adapters/log-kafka-transaction-wire.ts'
import { WireWriter } from '../../src/adapters/log-kafka-wire.ts'

const bytes = (write: (out: WireWriter) => WireWriter) => write(new WireWriter(512)).done()

/** A tagged field: its tag, its length, what it holds. */
const tagged = (tag: number, held: Buffer) => Buffer.concat([Buffer.from([tag, held.length]), held])

type Cluster = { produce?: number; endTxn?: number; features?: Readonly<Record<string, number>> }

/** ApiVersions, version 3: what brokers speak, and between two other fields what they have been switched to. */
function kindOf({ produce = 13, endTxn = 5, features = {} }: Cluster): Promise<TransactionKind> {
  const named = Object.entries(features)
  const finalized = bytes(out => {
    out.count(named.length)
    for (const [name, level] of named) out.compactText(name).int16(level).int16(1).tags()
    return out
  })
  const apis = bytes(out => {
    out.int16(0).count(2).int16(0).int16(3).int16(produce).tags()
    return out.int16(26).int16(0).int16(endTxn).tags().int32(0)
  })
  const tags = [tagged(1, Buffer.alloc(8)), tagged(2, finalized), tagged(3, Buffer.alloc(1))]
  return transactionKindRequest().response.decode(Buffer.concat([apis, Buffer.from([tags.length]), ...tags]))
}

const settled = { 'metadata.version': 29, 'transaction.version': 2 }

test.each<[string, Cluster, boolean]>([
  ['settled on them', { features: settled }, true],
  ['settled on later ones', { features: { 'transaction.version': 3 } }, true],
  ['not settled on them', { features: { 'metadata.version': 29, 'transaction.version': 1 } }, false],
  ['without features', {}, false],
  ['whose brokers do not write to them', { produce: 11, features: settled }, false],
  ['whose brokers do not end them', { endTxn: 4, features: settled }, false],
])('a cluster %s has implicit transactions or not', async (_, cluster, isImplicit) => {
  expect((await kindOf(cluster)).isImplicit).toBe(isImplicit)
})

test('a broker that does not know the question is an error, whatever follows', async () => {
  const refused = bytes(out => out.int16(35).int32(0))
  await expect(transactionKindRequest().response.decode(refused)).rejects.toThrow('error 35')
})

const ids = { producerId: 7n, producerEpoch: 32_766 }
const end = async (cluster: Cluster, answer: Buffer) =>
  commitRequest({ kind: await kindOf(cluster), transactionalId: 'task', ids }).response.decode(answer)

test('the next transaction has the ids of the answer: at the last epoch those of another producer', async () => {
  const answer = bytes(out => out.tags().int32(0).int16(0).int64(4_294_967_296n).int16(0).tags())
  expect(await end({ features: settled }, answer)).toEqual({ producerId: 4_294_967_296n, producerEpoch: 0 })
})

test('the next transaction has the same ids where they are explicit', async () => {
  expect(
    await end(
      {},
      bytes(out => out.tags().int32(0).int16(0).tags()),
    ),
  ).toEqual(ids)
})

test('an end that is refused is an error', async () => {
  const answer = bytes(out => out.tags().int32(0).int16(90).int64(-1n).int16(-1).tags())
  await expect(end({ features: settled }, answer)).rejects.toMatchObject({ code: 90 })
})

test('an answer is read past what it says about errors and leaders', async () => {
  const answer = Buffer.concat([
    bytes(out => out.tags().count(1).compactText('events').count(2)),
    bytes(out => out.int32(0).int16(87).int64(-1).int64(-1).int64(-1).count(1).int32(0).compactText('bad').tags()),
    bytes(out => out.compactText('one is bad')),
    Buffer.concat([Buffer.from([1]), tagged(0, Buffer.alloc(9))]),
    bytes(out => out.int32(300).int16(0).int64(12).int64(-1).int64(-1).count(0).count(-1).tags()),
    bytes(out => out.tags().int32(0).tags()),
  ])
  const asked = { kind: await kindOf({}), transactionalId: 'task', timeoutMs: 1, batches: [] }
  expect(await produceRequest(asked).response.decode(answer)).toEqual([
    { topic: 'events', partition: 0, errorCode: 87, baseOffset: -1 },
    { topic: 'events', partition: 300, errorCode: 0, baseOffset: 12 },
  ])
})
