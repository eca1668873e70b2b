import { describe, expect, test } from 'vitest'
import type { LogFaults } from '../../src/adapters/log-memory.ts'
import { Failure } from '../../src/lib/failure.ts'
import type { Stage } from '../../src/runtime/stage.ts'
import { stage } from '../../src/runtime/topology.ts'
import { engineWorld, page, passing, stateOf } from './engine-world.ts'
import { allMoved, expectFailure, instantsOf } from './small-world.ts'

/** Commits of a task fail, as long as `down` is true. */
function outage(name: string) {
  const network = { down: true }
  const faults: LogFaults = {
    onCommit: (task, _, when) => {
      if (task === name && when === 'before' && network.down)
        throw new Failure('LOG_UNREACHABLE', 'the network is down')
    },
  }
  return { network, faults }
}

describe('an engine', () => {
  test.each([undefined, 1, 2, 3])('takes records through all stages (Kafka mode: seed %s)', async seed => {
    const { engine, engines, write, out, troubles } = await engineWorld(seed === undefined ? {} : { seed })
    await engine.start()
    await write([1, 2])
    await write([10], 1)
    await engines.caughtUp()
    expect([await out(0), await out(1)]).toEqual([[3, 4], [12]])
    await write([5])
    await engines.caughtUp()
    expect(await out(0)).toEqual([3, 4, 7])
    expect([troubles, await engine.stop(1000)]).toEqual([[], true])
    expect(engine.tasks.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'first-0 stopped',
      'first-1 stopped',
      'second-0 stopped',
      'second-1 stopped',
    ])
  })

  test('refuses a topic that exists with other partitions', async () => {
    const { log, engine } = await engineWorld()
    await log.createTopics([{ name: 'in', partitions: 3, cleanup: 'delete' }])
    await expectFailure(engine.start(), 'TOPIC_MISMATCH')
  })

  test('wakes a parked task when it is told that something else has moved', async () => {
    let isHere = false
    const waiting = passing('first', 'in', 'middle')
    const open: Stage<null>['open'] = (io, settings) => {
      const behaviour = waiting.open(io, settings)
      return { step: () => isHere && behaviour.step() }
    }
    const nodes = [stage({ ...waiting, open }, { reads: ['in'], writes: ['middle'] })]
    const { engine, engines, write, log, codec } = await engineWorld({ pipeline: { ...page, nodes } })
    await engine.start()
    await write([1])
    await allMoved()
    isHere = true
    expect(await stateOf(engines.caughtUp())).toBe('waits')
    engine.wakeAll()
    await engines.caughtUp()
    expect(await instantsOf(log, codec, 'middle')).toEqual([2])
    await engine.stop(1000)
  })
})

describe('a task that fails', () => {
  test('is opened again after waits that double up to a limit, and each failure is told', async () => {
    const { network, faults } = outage('first-0')
    const { engine, engines, clock, troubles, write, out } = await engineWorld({ faults })
    await engine.start()
    await write([1])
    await allMoved()
    const caughtUp = engines.caughtUp()
    await clock.advance(1000)
    // 0, then after 50, 100, 200, and 300 at most
    const times = [0, 50, 150, 350, 650, 950]
    expect(troubles).toEqual(times.map(at => `first-0 at ${at}: LOG_UNREACHABLE`))
    expect(engine.tasks[0]).toMatchObject({ state: 'failed', why: 'LOG_UNREACHABLE: the network is down' })
    expect([await stateOf(caughtUp), await out()]).toEqual(['waits', []])
    network.down = false
    await clock.advance(300)
    expect(await stateOf(caughtUp)).toBe('done')
    expect([await out(), engine.tasks[0]?.why]).toEqual([[3], null])
    await engine.stop(1000)
  })

  test('waits as short as the first time once a unit has gone well', async () => {
    const { network, faults } = outage('first-0')
    const { engine, engines, clock, troubles, write, out } = await engineWorld({ faults })
    await engine.start()
    await allMoved()
    await clock.advance(100)
    network.down = false
    await clock.advance(900)
    await engines.caughtUp()
    network.down = true
    await write([1])
    await allMoved()
    await clock.advance(50)
    expect(troubles.slice(2)).toEqual([1000, 1050].map(at => `first-0 at ${at}: LOG_UNREACHABLE`))
    network.down = false
    await clock.advance(100)
    expect(await out()).toEqual([3])
    await engine.stop(1000)
  })

  test('keeps nobody else from working', async () => {
    const { faults } = outage('first-0')
    const { engine, write, out } = await engineWorld({ faults })
    await engine.start()
    await write([1], 0)
    await write([2], 1)
    await allMoved()
    await allMoved()
    expect([await out(0), await out(1)]).toEqual([[], [4]])
    expect(await engine.stop(1000)).toBe(true)
  })

  test('is reported and not opened again when another owner has it', async () => {
    const { engine, engines, log, write, out, troubles, clock } = await engineWorld()
    await engine.start()
    await engines.caughtUp()
    const waiting = engines.caughtUp()
    await log.claim('first-0')
    await write([1])
    await write([2], 1)
    expect(await stateOf(waiting)).toBe('TASK_FENCED')
    await clock.advance(10_000)
    expect(troubles).toEqual(['first-0 at 0: TASK_FENCED'])
    expect(engine.tasks.map(({ state }) => state)).toEqual(['stopped', 'parked', 'parked', 'parked'])
    expect([await out(0), await out(1)]).toEqual([[], [4]])
    await expectFailure(engines.caughtUp(), 'TASK_FENCED')
    expect(await engine.stop(1000)).toBe(true)
  })
})

/** Commits of a task wait until they are let go. */
function gate(name: string, from: number) {
  const held: (() => void)[] = []
  const faults: LogFaults = {
    onCommit: (task, n, when) => {
      if (task === name && n >= from && when === 'before') return new Promise<void>(resolve => held.push(resolve))
      return undefined
    },
  }
  return {
    held,
    faults,
    letGo: async () => {
      for (const go of held.splice(0)) go()
      await allMoved()
    },
  }
}

describe('caught up', () => {
  test.each(['first-0', 'second-0'])('is nobody while a unit of %s is on its way', async name => {
    // the first commit of a task is its mark
    const { held, faults, letGo } = gate(name, 2)
    const { engine, engines, write, out } = await engineWorld({ faults })
    await engine.start()
    await engines.caughtUp()
    await write([1])
    await allMoved()
    expect(held).toHaveLength(1)
    const caughtUp = engines.caughtUp()
    expect([await stateOf(caughtUp), await out()]).toEqual(['waits', []])
    await letGo()
    expect([await stateOf(caughtUp), await out()]).toEqual(['done', [3]])
    await engine.stop(1000)
  })

  test('is nobody while a task leaves a record where it is', async () => {
    const { engine, engines, write } = await engineWorld({
      pipeline: {
        ...page,
        nodes: [
          stage(
            { name: 'first', layout: 1, open: () => ({ step: () => false }) },
            { reads: ['in'], writes: ['middle'] },
          ),
        ],
      },
    })
    await engine.start()
    await engines.caughtUp()
    await write([1])
    expect(await stateOf(engines.caughtUp())).toBe('waits')
    await engine.stop(1000)
  })

  test('is everybody at any moment only when all that was written has come out at the end', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { engine, engines, write, out } = await engineWorld({ seed })
      await engine.start()
      for (let at = 1; at <= 5; at++) {
        await write([at])
        await engines.caughtUp()
        expect(await out()).toHaveLength(at)
      }
      await engine.stop(1000)
    }
  })

  test('is a question that a stopped engine does not answer', async () => {
    const { engine, engines, write } = await engineWorld({ faults: outage('first-0').faults })
    await engine.start()
    await write([1])
    const caughtUp = engines.caughtUp()
    await allMoved()
    await engine.stop(1000)
    expect(await stateOf(caughtUp)).toBe('NOT_RUNNING')
    await expectFailure(engines.caughtUp(), 'NOT_RUNNING')
  })
})

describe('a stop', () => {
  test('finishes the unit in hand', async () => {
    const { held, faults, letGo } = gate('first-0', 2)
    const { engine, engines, write, log, codec } = await engineWorld({ faults })
    await engine.start()
    await engines.caughtUp()
    await write([1, 2])
    await allMoved()
    expect(held).toHaveLength(1)
    const stopped = engine.stop(1000)
    expect(await stateOf(stopped)).toBe('waits')
    await letGo()
    expect(await stopped).toBe(true)
    expect(await instantsOf(log, codec, 'middle')).toEqual([2, 3])
  })

  test('begins no other unit', async () => {
    const { faults, letGo } = gate('first-0', 2)
    const { engine, engines, write, log, codec } = await engineWorld({ faults, unitSteps: 1 })
    await engine.start()
    await engines.caughtUp()
    await write([1, 2, 3])
    await allMoved()
    const stopped = engine.stop(1000)
    await letGo()
    expect(await stopped).toBe(true)
    expect(await instantsOf(log, codec, 'middle')).toEqual([2])
  })

  test('says false once the deadline has passed', async () => {
    const { faults, letGo } = gate('first-0', 2)
    const { engine, engines, write, clock } = await engineWorld({ faults })
    await engine.start()
    await engines.caughtUp()
    await write([1])
    await allMoved()
    const stopped = engine.stop(1000)
    await clock.advance(999)
    expect(await stateOf(stopped)).toBe('waits')
    await clock.advance(1)
    expect(await stopped).toBe(false)
    await letGo()
  })

  test('does not wait for a task that waits after a failure, and leaves no sleeper', async () => {
    const { engine, clock, troubles } = await engineWorld({ faults: outage('first-0').faults })
    await engine.start()
    await allMoved()
    expect([troubles.length, clock.nextAt]).toEqual([1, 50])
    expect(await engine.stop(1000)).toBe(true)
    expect(clock.nextAt).toBeUndefined()
  })
})
