// Asking where partitions end, without a broker.

import type { Broker } from 'kafkajs/src/cluster/index.js'
import { expect, test } from 'vitest'
import { KafkaEnds } from '../../src/adapters/log-kafka-ends.ts'

type Asked = Parameters<Broker['listOffsets']>[0]

/** Answers with 100 + the partition, or 0 for the first; fails for partitions that it does not lead. */
function brokerLeading(partitions: readonly number[]) {
  const asked: string[] = []
  const listOffsets = async ({ topics, isolationLevel }: Asked) => {
    const all = topics.flatMap(({ topic, partitions: some }) => some.map(each => ({ topic, ...each })))
    const level = isolationLevel === 0 ? 'all ' : ''
    asked.push(level + all.map(({ topic, partition, timestamp }) => `${topic}/${partition}@${timestamp}`).join(' '))
    if (all.some(({ partition }) => !partitions.includes(partition))) throw new Error('not the leader')
    const offsetOf = (partition: number, timestamp: number) => String(timestamp === -2 ? 0 : 100 + partition)
    const responses = topics.map(({ topic, partitions: some }) => ({
      topic,
      partitions: some.map(({ partition, timestamp }) => ({ partition, offset: offsetOf(partition, timestamp) })),
    }))
    return { responses }
  }
  return { asked, broker: { listOffsets } as unknown as Broker }
}

const place = (partition: number, topic = 'a') => ({ topic, partition })

test('who asks in the same turn shares a request for each end, and names no partition twice', async () => {
  const { asked, broker } = brokerLeading([1, 2])
  const ends = new KafkaEnds()
  const all = [
    ends.at(broker, place(1), 'committed'),
    ends.at(broker, place(2), 'committed'),
    ends.at(broker, place(1), 'first'),
    ends.at(broker, place(2, 'b'), 'committed'),
    ends.at(broker, place(1), 'committed'),
  ]
  expect(await Promise.all(all)).toEqual([101, 102, 0, 102, 101])
  expect(asked).toEqual(['a/1@-1 a/2@-1 b/2@-1', 'a/1@-2'])
  expect(await ends.at(broker, place(2), 'committed')).toBe(102)
  expect(asked).toHaveLength(3)
})

test('a partition that is refused fails for who asked about it alone', async () => {
  const { asked, broker } = brokerLeading([1])
  const ends = new KafkaEnds()
  const found = await Promise.allSettled([
    ends.at(broker, place(1), 'committed'),
    ends.at(broker, place(7), 'committed'),
  ])
  expect(found.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(asked).toEqual(['a/1@-1 a/7@-1', 'a/1@-1', 'a/7@-1'])
})

test('each broker is asked for what it leads', async () => {
  const [one, other] = [brokerLeading([1]), brokerLeading([2])]
  const ends = new KafkaEnds()
  expect(
    await Promise.all([ends.at(one.broker, place(1), 'committed'), ends.at(other.broker, place(2), 'committed')]),
  ).toEqual([101, 102])
  expect([one.asked, other.asked]).toEqual([['a/1@-1'], ['a/2@-1']])
})

test('what is written and not decided counts for one end alone', async () => {
  const { asked, broker } = brokerLeading([1])
  const ends = new KafkaEnds()
  await Promise.all([ends.at(broker, place(1), 'written'), ends.at(broker, place(1), 'committed')])
  expect(asked).toEqual(['all a/1@-1', 'a/1@-1'])
})
