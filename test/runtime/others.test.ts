import { describe, expect, test } from 'vitest'
import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { Engines } from '../../src/runtime/engines.ts'
import type { Chunk, Log, ReadLimits } from '../../src/runtime/log.ts'
import { Others } from '../../src/runtime/others.ts'
import { engineWorld, page, shared, stateOf } from './engine-world.ts'
import { allMoved, expectFailure } from './small-world.ts'

/** One process runs the tasks, another one only looks. */
async function twoProcesses(seed?: number) {
  const group = shared(['first-0', 'first-1', 'second-0', 'second-1'])
  const world = await engineWorld({ ownership: group, unitSteps: 2, ...(seed === undefined ? {} : { seed }) })
  const { log, clock } = world
  const others = new Others({ log, blobs: new BlobsMemory(), clock, pipeline: page, partitions: 2, pollMs: 10 })
  const looking = new Engines([others], () => clock.turn())
  await world.engine.start()
  await allMoved()
  return { ...world, group, others, looking }
}

describe.each([undefined, 1, 2])('what others do (Kafka mode: seed %s)', seed => {
  test('is waited for until nothing is left to do', async () => {
    const { looking, clock, write, out, engine } = await twoProcesses(seed)
    await write([1, 2, 3, 4, 5])
    await write([7], 1)
    const caughtUp = looking.caughtUp()
    for (let turn = 0; turn < 50 && (await stateOf(caughtUp)) === 'waits'; turn++) await clock.advance(10)
    expect(await stateOf(caughtUp)).toBe('done')
    expect([await out(0), await out(1)]).toEqual([[3, 4, 5, 6, 7], [9]])
    await engine.stop(1000)
  })
})

test('nobody has caught up while a unit is still to come into sight in one of its partitions', async () => {
  const { log, clock, write, group, engine } = await twoProcesses()
  group.give(['first-0', 'first-1'])
  await allMoved()
  let isHidden = true
  const late: Log = Object.assign(Object.create(log) as Log, {
    bounds: (topic: string, partition: number) => log.bounds(topic, partition),
    read: async (topic: string, partition: number, from: number, limits: ReadLimits): Promise<Chunk> =>
      isHidden && topic === 'middle' ? { records: [], next: from } : log.read(topic, partition, from, limits),
    isDecided: async (topic: string) => !(isHidden && topic === 'middle'),
  })
  const others = new Others({ log: late, blobs: new BlobsMemory(), clock, pipeline: page, partitions: 2, pollMs: 10 })
  await write([1, 2, 3])
  // the changelog of the first stage tells that it is done, and the second has nothing to do yet
  const caughtUp = new Engines([others], () => clock.turn()).caughtUp()
  for (let turn = 0; turn < 20; turn++) await clock.advance(10)
  expect(await stateOf(caughtUp)).toBe('waits')
  isHidden = false
  for (let turn = 0; turn < 20; turn++) await clock.advance(10)
  expect(await stateOf(caughtUp)).toBe('waits')
  group.give(['first-0', 'first-1', 'second-0', 'second-1'])
  for (let turn = 0; turn < 20; turn++) await clock.advance(10)
  expect(await stateOf(caughtUp)).toBe('done')
  await engine.stop(1000)
})

test('a task that nobody has keeps everybody waiting, if there is something for it', async () => {
  const { looking, clock, write, group } = await twoProcesses()
  group.give(['first-0', 'first-1', 'second-1'])
  await allMoved()
  await write([1], 1)
  const caughtUp = looking.caughtUp()
  for (let turn = 0; turn < 20; turn++) await clock.advance(10)
  expect(await stateOf(caughtUp)).toBe('done')
  await write([1], 0)
  const other = looking.caughtUp()
  for (let turn = 0; turn < 20; turn++) await clock.advance(10)
  expect(await stateOf(other)).toBe('waits')
  group.give(['second-0'])
  for (let turn = 0; turn < 20; turn++) await clock.advance(10)
  expect(await stateOf(other)).toBe('done')
})

test('shows where each task is, with its balance', async () => {
  const { looking, others, clock, write } = await twoProcesses()
  await write([1, 2])
  for (let turn = 0; turn < 5; turn++) await clock.advance(10)
  await others.refresh()
  const tasks = looking.tasks.map(task => [task.name, task.state, task.position()])
  expect(tasks).toEqual([
    ['first-0', 'parked', { 'in/0': 2 }],
    ['first-1', 'parked', {}],
    ['second-0', 'parked', { 'middle/0': 2 }],
    ['second-1', 'parked', {}],
  ])
  await looking.stop(1000)
  await expectFailure(looking.caughtUp(), 'NOT_RUNNING')
})
