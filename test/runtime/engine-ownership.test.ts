// Engines that share the tasks of a page with others.

import { describe, expect, test } from 'vitest'
import { engineWorld, shared, stateOf } from './engine-world.ts'
import { allMoved } from './small-world.ts'

const everything = ['first-0', 'first-1', 'second-0', 'second-1']
const statesOf = ({ tasks }: { readonly tasks: readonly { name: string; state: string }[] }) =>
  Object.fromEntries(tasks.map(({ name, state }) => [name, state]))

describe('an engine that shares its tasks', () => {
  test('opens none before it is told which are its own', async () => {
    const group = shared(null)
    const { engine, engines, write, out } = await engineWorld({ ownership: group })
    await engine.start()
    await write([1])
    await allMoved()
    expect([new Set(Object.values(statesOf(engine))), await out()]).toEqual([new Set(['created']), []])
    expect(await stateOf(engines.caughtUp())).toBe('waits')
    group.give(everything)
    await engines.caughtUp()
    expect(await out()).toEqual([3])
    await engine.stop(1000)
  })

  test('lets go between units of what it loses, and goes on when it has it again', async () => {
    const group = shared(everything)
    const { engine, engines, write, out, troubles } = await engineWorld({ ownership: group })
    await engine.start()
    await write([1])
    await engines.caughtUp()
    group.give(['first-0', 'first-1', 'second-1'])
    await allMoved()
    expect([statesOf(engine)['second-0'], group.letGo]).toEqual(['elsewhere', ['second-0']])
    expect(engines.tasks.map(({ name }) => name)).toEqual(['first-0', 'first-1', 'second-1'])
    await write([5])
    // the others have done what they had to
    await engines.caughtUp()
    expect(await out()).toEqual([3])
    group.give(everything)
    await allMoved()
    await engines.caughtUp()
    expect([await out(), troubles]).toEqual([[3, 7], []])
    await engine.stop(1000)
  })

  test('gives up a task that another one has claimed, if the group says that it is another’s', async () => {
    const group = shared(everything)
    const { engine, engines, write, out, log, troubles } = await engineWorld({ ownership: group })
    await engine.start()
    await engines.caughtUp()
    group.confirm = async task => {
      group.confirmed.push(task)
      group.give(['second-0', 'second-1', 'first-1'])
      return false
    }
    await log.claim('first-0')
    await write([1])
    await allMoved()
    expect([group.confirmed, statesOf(engine)['first-0']]).toEqual([['first-0'], 'elsewhere'])
    expect([troubles, await out()]).toEqual([['first-0 at 0: TASK_FENCED'], []])
    await engine.stop(1000)
  })

  test('claims it again after a wait, if the group says that it is still its own', async () => {
    const group = shared(everything)
    const { engine, engines, write, out, log, clock, troubles } = await engineWorld({ ownership: group })
    await engine.start()
    await engines.caughtUp()
    await log.claim('first-0')
    await write([1])
    await allMoved()
    expect([group.confirmed, statesOf(engine)['first-0'], await out()]).toEqual([['first-0'], 'failed', []])
    await clock.advance(50)
    await engines.caughtUp()
    expect([troubles, await out()]).toEqual([['first-0 at 0: TASK_FENCED'], [3]])
    await engine.stop(1000)
  })
})
