// What log-kafka asks of a broker, as its bytes say: the rules of docs/decisions.md that show in no result, or only once in
// many thousand times.

import type { Socket } from 'node:net'
import type { ISocketFactory } from 'kafkajs'
import socketFactory from 'kafkajs/src/network/socketFactory.js'
import { afterAll, expect, test } from 'vitest'
import { LogKafka } from '../../src/adapters/log-kafka.ts'
import { packBatch } from '../../src/adapters/log-kafka-batch.ts'
import { contents, event, textOf } from '../contracts/log-contents.ts'
import { brokers, deleteTopics, here, newPrefix, plainKafka } from './brokers.ts'
import { describeKinds } from './kinds.ts'

afterAll(deleteTopics)

const apis = {
  0: 'Produce',
  1: 'Fetch',
  2: 'ListOffsets',
  22: 'InitProducerId',
  24: 'AddPartitionsToTxn',
  26: 'EndTxn',
} as const
type Api = (typeof apis)[keyof typeof apis]
type Request = { readonly api: Api; readonly body: Buffer }

/** Replica and wait, least and most bytes, isolation level, as a fetch begins. */
const mostBytesAt = 12
const isolationAt = 16

/** Connections that note what is sent through them, and hold the fetches of who only looks, when told to. */
function noting() {
  const sent: Request[] = []
  const looks = { areHeld: false, held: [] as (() => void)[] }
  const make = socketFactory()
  const connect: ISocketFactory = asked => {
    const socket: Socket = make(asked)
    const write = socket.write.bind(socket) as (bytes: Buffer, encoding: BufferEncoding) => boolean
    socket.write = ((bytes: Buffer, encoding: BufferEncoding) => {
      const api = apis[bytes.readInt16BE(4) as keyof typeof apis]
      // behind the length: api, version, number of the request, the client's name, and in flexible requests no tagged fields
      const flexible = api === 'Produce' || api === 'EndTxn' ? 1 : 0
      const body = Buffer.from(bytes.subarray(14 + bytes.readInt16BE(12) + flexible))
      if (api) sent.push({ api, body })
      const isLook = api === 'Fetch' && body.readInt32BE(mostBytesAt) === 1
      if (!isLook || !looks.areHeld) return write(bytes, encoding)
      looks.held.push(() => void write(bytes, encoding))
      return true
    }) as typeof socket.write
    return socket
  }
  return { connect, sent, looks }
}

async function open(of: readonly string[] = brokers) {
  const { connect, sent, looks } = noting()
  const prefix = newPrefix()
  const log = new LogKafka({ brokers: of, clientId: 'slipstream-test', prefix, connect })
  await log.createTopics([{ name: 'events', partitions: 4, cleanup: 'delete' }])
  return { log, sent, looks, prefix }
}

/** Producer epoch and first sequence of a batch that was sent alone and holds as much as `event('a', '1')`. */
function batchIn({ body }: Request): { epoch: number; sequence: number } {
  const { length } = packBatch([event('a', '1')], { id: 0n, epoch: 0, firstSequence: 0 }, 0)
  // behind it no tagged fields, three times
  const batch = body.subarray(-3 - length)
  return { epoch: batch.readInt16BE(51), sequence: batch.readInt32BE(53) }
}

describeKinds('what a unit asks of a broker', ({ name, brokers: brokersOf }) => {
  test('adds its partitions at once, produces once a broker and ends once, and nothing is sent again', async () => {
    const { log, sent } = await open(brokersOf())
    const claim = await log.claim('task')
    // the first one may have to wait for the coordinator
    await claim.commit([event('a', 'first')])
    await log.settled()
    sent.length = 0
    await claim.commit([0, 1, 2, 3].flatMap(partition => [event('a', '1', partition), event('b', '2', partition)]))
    const asked = sent.filter(({ api }) => api !== 'Fetch')
    // what was refused and not done may be asked again, as it was
    const different = new Set(asked.map(({ api, body }) => `${api} ${body.toString('hex')}`))
    const count = (api: Api) => [...different].filter(each => each.startsWith(`${api} `)).length
    expect(count('AddPartitionsToTxn')).toBe(name === 'explicit' ? 1 : 0)
    expect(count('Produce')).toBeLessThanOrEqual(brokersOf().length)
    const apis = asked.map(({ api }) => api)
    expect(apis.lastIndexOf('AddPartitionsToTxn')).toBeLessThan(apis.indexOf('Produce'))
    expect(apis.indexOf('EndTxn')).toBe(apis.length - 1)
    await log.close()
  })

  test('has an epoch of its own and sequences from 0 on, or goes on with those of the one before', async () => {
    const { log, sent } = await open(brokersOf())
    const claim = await log.claim('task')
    for (let unit = 0; unit < 3; unit++) {
      await claim.commit([event('a', '1')])
      await log.settled()
    }
    const produced = sent.filter(({ api }) => api === 'Produce')
    const batches = [...new Map(produced.map(each => [each.body.toString('hex'), batchIn(each)])).values()]
    const first = batches[0]?.epoch as number
    const found = batches.map(({ epoch, sequence }) => `epoch ${epoch - first} sequence ${sequence}`)
    expect(found).toEqual(
      name === 'implicit'
        ? ['epoch 0 sequence 0', 'epoch 1 sequence 0', 'epoch 2 sequence 0']
        : ['epoch 0 sequence 0', 'epoch 0 sequence 1', 'epoch 0 sequence 2'],
    )
    await log.close()
  })
})

here.describe('what is asked of a broker', () => {
  test('a claim takes a new epoch, for transactions that a broker ends after 10 s', async () => {
    const { log, sent } = await open()
    await log.claim('task')
    const [asked, ...others] = sent.filter(({ api }) => api === 'InitProducerId')
    expect(others).toEqual([])
    const body = asked?.body as Buffer
    expect(body.readInt32BE(2 + body.readInt16BE(0))).toBe(10_000)
    await log.close()
  })

  test('a unit is acknowledged by all replicas in sync', async () => {
    const { log, sent } = await open()
    await (await log.claim('task')).commit([event('a', '1')])
    const body = sent.find(({ api }) => api === 'Produce')?.body as Buffer
    expect(body.readInt16BE(body.readUInt8(0))).toBe(-1)
    await log.close()
  })

  test('every fetch is of committed records', async () => {
    const { log, sent } = await open()
    await (await log.claim('task')).commit([event('a', '1')])
    await contents(log, 'events', 0)
    await log.settled()
    const fetches = sent.filter(({ api }) => api === 'Fetch')
    expect(fetches.length).toBeGreaterThan(0)
    expect(new Set(fetches.map(({ body }) => body.readInt8(isolationAt)))).toEqual(new Set([1]))
    await log.close()
  })

  // a leader that is new finds nothing behind what it knows to be committed, and does not tell the end before it knows
  test('nothing is said to be there only once the leader has told where the end is', async () => {
    const { log, sent } = await open()
    await (await log.claim('task')).commit([event('a', '1')])
    await log.settled()
    const { next } = await log.bounds('events', 0)
    sent.length = 0
    expect(await log.read('events', 0, next, { bytesMax: 1000 })).toEqual({ records: [], next })
    const asked = sent.map(({ api, body }) => (api === 'Fetch' && body.readInt32BE(mostBytesAt) === 1 ? 'look' : api))
    expect(asked.filter(api => api !== 'look')).toEqual(['Fetch', 'ListOffsets'])
    await log.close()
  })

  test('what is committed is settled once a broker has shown it, and nobody is told before', async () => {
    const { log, looks } = await open()
    const claim = await log.claim('task')
    await claim.commit([event('a', 'first')])
    await log.settled()
    const told: string[] = []
    log.onAppend((topic, partition) => told.push(`${topic}/${partition}`))
    looks.areHeld = true
    await claim.commit([event('a', '1', 1), event('a', '2', 2)])
    let isSettled = false
    const settled = log.settled().then(() => (isSettled = true))
    while (looks.held.length === 0) await log.bounds('events', 0)
    expect([isSettled, told]).toEqual([false, []])
    looks.areHeld = false
    for (const send of looks.held) send()
    await settled
    expect(told.toSorted()).toEqual(['events/1', 'events/2'])
    await log.close()
  })

  test('what lies behind an open transaction of another is neither settled nor decided before that ends', async () => {
    const { log, prefix } = await open()
    const producer = plainKafka().producer({ transactionalId: `${prefix}other`, maxInFlightRequests: 1 })
    await producer.connect()
    const other = await producer.transaction()
    await other.send({ topic: `${prefix}events`, messages: [{ partition: 1, value: 'open' }] })
    const told: string[] = []
    log.onAppend((topic, partition) => told.push(`${topic}/${partition}`))
    await (await log.claim('task')).commit([event('a', '1', 1)])
    let isSettled = false
    const settled = log.settled().then(() => (isSettled = true))
    for (let look = 0; look < 20; look++) await log.bounds('events', 1)
    expect([await log.isDecided('events', 0), await log.isDecided('events', 1)]).toEqual([true, false])
    expect([isSettled, told, (await log.read('events', 1, 0, { bytesMax: 1000 })).records]).toEqual([false, [], []])
    await other.abort()
    await settled
    expect(await log.isDecided('events', 1)).toBe(true)
    expect((await log.read('events', 1, 0, { bytesMax: 1000 })).records.map(textOf)).toEqual(['1'])
    await producer.disconnect()
    await log.close()
  })

  test('a unit that is larger than a broker takes at once goes in several requests, whole', async () => {
    const { log, sent } = await open()
    const claim = await log.claim('task')
    const large = 'x'.repeat(200_000)
    await claim.commit(Array.from({ length: 20 }, (_, index) => event('k', `${index} ${large}`)))
    const produced = sent.filter(({ api }) => api === 'Produce').map(({ body }) => body.length)
    expect(Math.max(...produced)).toBeLessThan(1_000_000)
    const found = (await contents(log, 'events', 0)).map(record => Number(textOf(record).split(' ')[0]))
    expect(found).toEqual(Array.from({ length: 20 }, (_, index) => index))
    await log.close()
  })
})
