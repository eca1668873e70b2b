import { expect, test } from 'vitest'
import { LogMemory } from '../../src/adapters/log-memory.ts'
import { asOfNow } from '../../src/runtime/as-of.ts'
import { readAll } from '../../src/runtime/digest.ts'
import type { Append, Log } from '../../src/runtime/log.ts'

const topics = ['inputs', 'outputs']

async function keysIn(log: Log, topic: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of readAll(log, topic, 0)) keys.push(key)
  return keys
}

async function filled() {
  const log = new LogMemory()
  await log.createTopics(topics.map(name => ({ name, partitions: 1, cleanup: 'delete' })))
  const claim = await log.claim('test')
  const add = (...keys: string[]) =>
    claim.commit(topics.flatMap(topic => keys.map((key): Append => ({ topic, partition: 0, key, value: null }))))
  await add('a', 'b')
  return { log, add }
}

test('what is appended later is not seen, however it is read', async () => {
  const { log, add } = await filled()
  const then = await asOfNow(log, [])
  await add('c', 'd', 'e')
  expect(await keysIn(log, 'outputs')).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(await keysIn(then, 'outputs')).toEqual(['a', 'b'])
  expect(await then.bounds('outputs', 0)).toEqual({ first: 0, next: 2 })
  const { records, next } = await then.read('outputs', 0, 1, { bytesMax: 1000 })
  expect([records.map(({ key }) => key), next]).toEqual([['b'], 2])
  expect(await then.read('outputs', 0, 2, { bytesMax: 1000 })).toEqual({ records: [], next: 2 })
})

test('of topics that grow meanwhile, one that is named later is seen at least as far', async () => {
  const { log, add } = await filled()
  // somebody commits to both whenever an end is asked for
  const growing = { topics: () => log.topics(), read: log.read.bind(log) } as Log
  let commits = 0
  growing.bounds = async (topic, partition) => {
    const bounds = await log.bounds(topic, partition)
    await add(`${commits++}`)
    return bounds
  }
  const then = await asOfNow(growing, ['outputs'])
  expect(await keysIn(then, 'outputs')).toEqual(['a', 'b'])
  expect(await keysIn(then, 'inputs')).toEqual(['a', 'b', '0'])
})
