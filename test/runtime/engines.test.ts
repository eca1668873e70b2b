import { expect, test } from 'vitest'
import { ClockFake } from '../../src/adapters/clock-fake.ts'
import { Failure } from '../../src/lib/failure.ts'
import { dealtTo, Engines, type Look, type Member, type TaskView } from '../../src/runtime/engines.ts'
import { engineWorld, stateOf } from './engine-world.ts'
import { expectFailure } from './small-world.ts'

const clock = new ClockFake()

/** An engine that answers what it is told to, the last answer for ever. */
function told(looks: readonly Look[]) {
  let asked = 0
  let idle = () => {}
  const member: Member & { tasks: readonly TaskView[]; idle: () => void; asked: () => number } = {
    tasks: [],
    start: async () => {},
    look: async () => looks[Math.min(asked++, looks.length - 1)] as Look,
    onIdle: listener => {
      idle = listener
    },
    lookup: async () => undefined,
    wakeAll: () => {},
    stop: async () => true,
    idle: () => idle(),
    asked: () => asked,
  }
  return member
}

const quiet = (commits: number | null): Look => ({ caughtUp: true, commits })
const busy: Look = { caughtUp: false, commits: 0 }

test('have caught up when two rounds in a row found the same commits', async () => {
  const [one, other] = [told([quiet(1), quiet(1)]), told([quiet(5), quiet(6), quiet(6)])]
  await new Engines([one, other], () => clock.turn()).caughtUp()
  expect([one.asked(), other.asked()]).toEqual([3, 3])
})

test('have not caught up while one commits during its look', async () => {
  const one = told([quiet(1), quiet(null), quiet(1), quiet(1)])
  await new Engines([one], () => clock.turn()).caughtUp()
  expect(one.asked()).toBe(4)
})

test('wait for one that is busy until it says that it is idle, and begin anew', async () => {
  const [one, other] = [told([quiet(1)]), told([quiet(2), busy, quiet(2), quiet(2)])]
  const waiting = new Engines([one, other], () => clock.turn()).caughtUp()
  expect(await stateOf(waiting)).toBe('waits')
  expect(other.asked()).toBe(2)
  other.idle()
  await waiting
  expect(other.asked()).toBe(4)
})

test('pass on why one of them will never catch up', async () => {
  const { engine } = await engineWorld()
  await engine.stop(0)
  await expectFailure(new Engines([told([quiet(1)]), engine], () => clock.turn()).caughtUp(), 'NOT_RUNNING')
})

test('hear of a task that has another owner, though one that is busy may wait for it', async () => {
  const [one, other] = [told([busy]), told([quiet(1)])]
  const waiting = new Engines([one, other], () => clock.turn()).caughtUp()
  expect(await stateOf(waiting)).toBe('waits')
  other.tasks = [{ name: 'monitor-3', stage: 'monitor', partition: 3, state: 'stopped' } as TaskView]
  other.look = () => Promise.reject(new Failure('TASK_FENCED', 'monitor-3 has another owner'))
  other.idle()
  await expectFailure(waiting, 'TASK_FENCED')
})

test('start again after a failure, each once', async () => {
  const starts: string[] = []
  let failures = 1
  const one: Member = { ...told([busy]), start: async () => void starts.push('one') }
  const other: Member = {
    ...told([busy]),
    start: async () => {
      if (failures-- > 0) throw new Failure('LOG_UNREACHABLE', 'its broker knows no topics yet')
      starts.push('other')
    },
  }
  const engines = new Engines([one, other], () => clock.turn())
  await expectFailure(engines.start(), 'LOG_UNREACHABLE')
  await engines.start()
  expect(starts).toEqual(['one', 'other'])
})

test('stop together, and late when one is', async () => {
  const late: Member = { ...told([busy]), stop: async () => false }
  const engines = new Engines([told([busy]), late], () => clock.turn())
  const waiting = engines.caughtUp()
  expect(await engines.stop(10)).toBe(false)
  expect(await stateOf(waiting)).toBe('NOT_RUNNING')
})

test.each([1, 2, 3])('deal every task to exactly one of %s', count => {
  for (let partition = 0; partition < 7; partition++) {
    const owners = Array.from({ length: count }, (_, index) => dealtTo(index, count)('score', partition))
    expect(owners.filter(Boolean)).toHaveLength(1)
  }
})

test('look a key up where its task runs', async () => {
  const task = { name: 'score-1', stage: 'score', partition: 1 } as TaskView
  const owner: Member = { ...told([busy]), tasks: [task], lookup: async (...asked) => asked }
  const engines = new Engines([told([busy]), owner], () => clock.turn())
  expect(await engines.lookup('score', 1, 'key')).toEqual(['score', 1, 'key'])
  expect(await engines.lookup('score', 2, 'key')).toBeUndefined()
  expect(engines.tasks).toEqual([task])
})

test('give back the garbage of heaps that are not of this thread', () => {
  let collected = 0
  const other = { ...told([quiet(1)]), collectGarbage: () => void collected++ }
  new Engines([told([quiet(1)]), other, other], () => clock.turn()).collectGarbage()
  expect(collected).toBe(2)
})
