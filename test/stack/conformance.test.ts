// What a Kafka client must do for exactly once, tried on kafkajs's own producer and consumer and on log-kafka, which
// stands on its connections. A table of what was found is printed at the end; docs/decisions.md holds it. What kafkajs
// is known to do wrong is asserted too, so that another version that does better, or worse, is noticed.

import kafkajs from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LogKafka } from '../../src/adapters/log-kafka.ts'
import { brokers, deleteTopics, here, newPrefix, plainKafka } from './brokers.ts'
import { type Client, kafkajsClient, logKafkaClient } from './clients.ts'

const { CompressionTypes } = kafkajs
const table = new Map<string, Record<string, string>>()
let clients: Client[] = []
let maker: LogKafka

beforeAll(() => {
  if (brokers.length === 0) return
  clients = [kafkajsClient(plainKafka()), logKafkaClient(brokers)]
  maker = new LogKafka({ brokers, clientId: 'slipstream-test', prefix: '' })
})

afterAll(async () => {
  for (const client of clients) await client.close()
  await maker?.close()
  await deleteTopics()
  console.table(Object.fromEntries(table))
})

async function newTopic(partitions = 1): Promise<string> {
  const name = `${newPrefix()}records`
  await maker.createTopics([{ name, partitions, cleanup: 'delete' }])
  return name
}

/** Tries a case on every client, notes what came of it, and compares with what is known. */
async function expectOfAll(name: string, known: Record<string, string>, tried: (client: Client) => Promise<string>) {
  const row: Record<string, string> = {}
  for (const client of clients) row[client.name] = await tried(client)
  table.set(name, row)
  expect(row).toEqual(known)
}

const right = { 'kafkajs 2.2.4': 'right', 'log-kafka': 'right' }

/** A transaction of kafkajs that stays open, for others to find. */
async function openTransaction(topic: string, texts: readonly string[]) {
  const producer = plainKafka().producer({ transactionalId: `${topic}-${texts.join()}`, maxInFlightRequests: 1 })
  await producer.connect()
  const transaction = await producer.transaction()
  const send = (text: string) => transaction.send({ topic, messages: [{ partition: 0, value: text }] })
  for (const text of texts) await send(text)
  const end = async (how: 'abort' | 'commit') => {
    await transaction[how]()
    await producer.disconnect()
  }
  return { send, end }
}

const text = (topic: string, what: string, partition = 0) => ({ topic, partition, text: what })

async function offsetOf(topic: string, wanted: string): Promise<number> {
  const { records } = await maker.read(topic, 0, 0, { bytesMax: 1_000_000 })
  return records.find(({ value }) => String(value) === wanted)?.offset ?? -1
}

async function writeEnd(client: Client, topic: string, partition = 0): Promise<void> {
  const owner = await client.own(`${topic}-end-${partition}`)
  await owner.unit([text(topic, 'end', partition)])
  await owner.end()
}

here.describe('a client of Kafka', () => {
  test('takes a task again under the same id, ten times, and each owner fences the one before', async () => {
    await expectOfAll('restart with the same id', right, async client => {
      const topic = await newTopic()
      for (let life = 0; life < 10; life++) {
        const owner = await client.own(topic)
        await owner.unit([text(topic, `${life}`)])
        await owner.end()
      }
      await writeEnd(client, topic)
      const found = await client.read({ topic, partition: 0, from: 0, until: 'end' })
      return found.join() === '0,1,2,3,4,5,6,7,8,9,end' ? 'right' : found.join()
    })
  })

  test('a unit of an owner who was replaced fails, and nothing of it is read', async () => {
    await expectOfAll('commit by a zombie', right, async client => {
      const topic = await newTopic()
      const old = await client.own(topic)
      await old.unit([text(topic, 'old')])
      const young = await client.own(topic)
      const said = await old.unit([text(topic, 'zombie')]).then(
        () => 'committed',
        () => 'refused',
      )
      await young.unit([text(topic, 'end')])
      const found = await client.read({ topic, partition: 0, from: 0, until: 'end' })
      await Promise.all([old.end(), young.end()])
      return said === 'refused' && found.join() === 'old,end' ? 'right' : `${said}: ${found.join()}`
    })
  })

  test('nothing of fifty aborted transactions is read', async () => {
    await expectOfAll('repeated aborts', right, async client => {
      const topic = await newTopic()
      const producer = plainKafka().producer({ transactionalId: `${topic}-aborts`, maxInFlightRequests: 1 })
      await producer.connect()
      for (let round = 0; round < 50; round++) {
        const transaction = await producer.transaction()
        await transaction.send({ topic, messages: [{ partition: 0, value: `aborted ${round}` }] })
        if (round % 10 === 9) await transaction.commit()
        else await transaction.abort()
      }
      await producer.disconnect()
      await writeEnd(client, topic)
      const found = await client.read({ topic, partition: 0, from: 0, until: 'end' })
      return found.length === 6 ? 'right' : `${found.length - 6} leaked`
    })
  })

  test('nothing of an aborted transaction is read that is longer than a fetch', async () => {
    await expectOfAll('aborts across fetches', right, async client => {
      const topic = await newTopic()
      const { send, end } = await openTransaction(topic, ['first'])
      const large = 'x'.repeat(400_000)
      for (let part = 0; part < 8; part++) await send(`${part} ${large}`)
      await end('abort')
      await writeEnd(client, topic)
      const found = await client.read({ topic, partition: 0, from: 0, until: 'end' })
      return found.join() === 'end' ? 'right' : `${found.length - 1} leaked`
    })
  })

  test('a reading may begin inside two aborted transactions of two producers', async () => {
    const known = { ...right, 'kafkajs 2.2.4': 'leaks' }
    await expectOfAll('double open aborts', known, async client => {
      const topic = await newTopic()
      const a = await openTransaction(topic, ['a1'])
      const b = await openTransaction(topic, ['b1'])
      await a.send('a2')
      await b.send('b2')
      await b.end('abort')
      await a.send('a3')
      await a.end('abort')
      await writeEnd(client, topic)
      const leaked = new Set<string>()
      for (const from of [0, 1, 2, 3]) {
        for (const found of await client.read({ topic, partition: 0, from, until: 'end' })) leaked.add(found)
      }
      leaked.delete('end')
      return leaked.size === 0 ? 'right' : 'leaks'
    })
  })

  test('who takes over while the old owner commits sees the unit that was acknowledged, and no other', async () => {
    await expectOfAll('taking over during a commit', right, async client => {
      const topic = await newTopic()
      const wrong: string[] = []
      for (let round = 0; round < 20; round++) {
        const old = await client.own(topic)
        const committed = old.unit([text(topic, `unit ${round}`)]).then(
          () => true,
          () => false,
        )
        // a little later each round, so that some find the commit under way
        await new Promise(resolve => setTimeout(resolve, round / 2))
        const young = await client.own(topic)
        await young.unit([text(topic, `mark ${round}`)])
        const seen = await client.read({ topic, partition: 0, from: 0, until: `mark ${round}` })
        const acknowledged = await committed
        const before = seen.slice(0, seen.indexOf(`mark ${round}`))
        if (acknowledged && !before.includes(`unit ${round}`)) wrong.push(`unit ${round} missing`)
        await Promise.all([old.end(), young.end()])
      }
      await writeEnd(client, topic)
      const all = await client.read({ topic, partition: 0, from: 0, until: 'end' })
      if (new Set(all).size !== all.length) wrong.push('doubled')
      // a unit may not come to light behind the mark of the one who took over
      for (let round = 0; round < 20; round++) {
        const at = all.indexOf(`unit ${round}`)
        if (at > all.indexOf(`mark ${round}`)) wrong.push(`unit ${round} came late`)
      }
      return wrong.length === 0 ? 'right' : wrong.join()
    })
  })

  test('an offset in the group is that of the old owner’s transaction once the new owner has fenced it', async () => {
    const known = { ...right, 'log-kafka': 'keeps none' }
    await expectOfAll('offsets read during a commit', known, async client => {
      if (!client.keepsGroupOffsets) return 'keeps none'
      const topic = await newTopic()
      const wrong: string[] = []
      const at = (offset: number) => ({ group: topic, topic, offset })
      const admin = plainKafka().admin()
      await admin.connect()
      for (let round = 0; round < 10; round++) {
        const old = await client.own(topic)
        const committed = old.unit([text(topic, `unit ${round}`)], at(round)).then(
          () => true,
          () => false,
        )
        await new Promise(resolve => setTimeout(resolve, round))
        const young = await client.own(topic)
        const [{ offset } = { offset: '-1' }] = (await admin.fetchOffsets({ groupId: topic, topics: [topic] })).flatMap(
          each => each.partitions,
        )
        if ((await committed) && offset !== `${round}`) wrong.push(`${offset} instead of ${round}`)
        await young.unit([text(topic, `mark ${round}`)], at(round))
        await Promise.all([old.end(), young.end()])
      }
      await admin.disconnect()
      return wrong.length === 0 ? 'right' : wrong.join()
    })
  })

  test('reads what another producer has compressed with gzip', async () => {
    await expectOfAll('gzip', right, async client => {
      const topic = await newTopic()
      const producer = plainKafka().producer()
      await producer.connect()
      const messages = ['1', '2', '3'].map(value => ({ partition: 0, value }))
      await producer.send({ topic, compression: CompressionTypes.GZIP, messages })
      await producer.disconnect()
      await writeEnd(client, topic)
      const found = await client.read({ topic, partition: 0, from: 0, until: 'end' })
      return found.join() === '1,2,3,end' ? 'right' : found.join()
    })
  })

  test('who pauses gets nothing, and goes on from where it is sent, while others write', async () => {
    await expectOfAll('pause and seek under load', right, async client => {
      const topic = await newTopic()
      const owner = await client.own(topic)
      const write = async (from: number, to: number) => {
        for (let unit = from; unit < to; unit++) await owner.unit([text(topic, `${unit}`)])
      }
      await write(0, 20)
      const begun = write(20, 60)
      const to = await offsetOf(topic, '7')
      const asked = { topic, after: 12, meanwhile: () => begun, to, until: 'end' }
      const reading = client.pauseAndSeek(asked)
      await begun
      await owner.end()
      await writeEnd(client, topic)
      const { inPause, found } = await reading
      const expected = [...Array.from({ length: 53 }, (_, index) => `${index + 7}`), 'end']
      if (inPause > 0) return `${inPause} in the pause`
      return found.join() === expected.join() ? 'right' : found.join()
    })
  })

  test('a reading from any offset begins there, while others write', async () => {
    await expectOfAll('seek under load', right, async client => {
      const topic = await newTopic()
      const owner = await client.own(topic)
      let isDone = false
      const writing = (async () => {
        for (let unit = 0; unit < 40; unit++) {
          await owner.unit(Array.from({ length: 5 }, (_, each) => text(topic, `${unit * 5 + each}`)))
        }
        isDone = true
      })()
      const wrong: string[] = []
      for (let round = 0; round < 6 && !isDone; round++) {
        const all = await client.read({ topic, partition: 0, from: 0, until: `${(round + 1) * 5}` })
        if (all.some((each, index) => each !== `${index}`)) wrong.push(`round ${round}: ${all.join()}`)
      }
      await writing
      await owner.end()
      return wrong.length === 0 ? 'right' : wrong.join('; ')
    })
  })
})
