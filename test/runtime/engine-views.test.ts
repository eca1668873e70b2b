import { describe, expect, test } from 'vitest'
import type { LogFaults } from '../../src/adapters/log-memory.ts'
import { Failure } from '../../src/lib/failure.ts'
import type { Fold } from '../../src/runtime/shared-view.ts'
import type { Stage } from '../../src/runtime/stage.ts'
import { type Pipeline, stage } from '../../src/runtime/topology.ts'
import { engineWorld, page, stateOf } from './engine-world.ts'
import { allMoved, append, marks } from './small-world.ts'

describe('views of an engine', () => {
  const fold: Fold<number[]> = {
    topic: 'frames',
    open: () => [],
    apply: (view, value) => {
      const { at } = value as { at: number }
      view.push(at)
      return at
    },
    timeOf: value => (value as { at: number }).at,
    forget: () => undefined,
    lookBackMs: 100,
    spreadMs: 15,
  }
  // passes a mark on when the view holds everything up to it
  const asking: Stage<null> = {
    name: 'ask',
    layout: 1,
    open: io => ({
      step: () => {
        const record = io.input('in').peek()
        if (!record) return false
        const { at } = record.value as { at: number }
        io.reached(at)
        if (!io.shared<number[]>('frames').has(at)) return false
        io.input('in').take()
        io.output('out').emit('Mark', record.key, { at })
        return true
      },
    }),
  }
  const pipeline: Pipeline<null> = {
    ...page,
    topics: [...page.topics, { name: 'frames', partitions: 1, cleanup: 'delete' }],
    nodes: [stage(asking, { reads: ['in'], shares: 'frames', writes: ['out'] })],
  }

  test('a task that waits for a view goes on when a frame has come, and caught up does not wait for frames', async () => {
    const { engine, engines, log, codec, write, out } = await engineWorld({
      pipeline,
      folds: [fold as Fold<unknown>],
      partitions: 1,
    })
    await engine.start()
    await write([10, 20])
    expect(await stateOf(engines.caughtUp())).toBe('waits')
    await append(log, marks(codec, 'frames', [10]))
    await allMoved()
    expect(await out()).toEqual([10])
    await append(log, marks(codec, 'frames', [20, 30, 40, 50]))
    await engines.caughtUp()
    expect(await out()).toEqual([10, 20])
    // 40 > 20 + 15
    expect(engine.views.get('frames')?.upTo).toBe(30)
    await engine.stop(1000)
  })

  test('a view of a topic is shared by all tasks and fed as far as the slowest of them', async () => {
    const { engine, log, codec, write, out } = await engineWorld({ pipeline, folds: [fold as Fold<unknown>] })
    await engine.start()
    await append(log, marks(codec, 'frames', [10, 20, 30, 40]))
    await write([10, 20, 30, 40], 0)
    await allMoved()
    expect(await out(0)).toEqual([])
    await write([10], 1)
    await allMoved()
    await allMoved()
    // the other task stands at 10, so frames up to 25 may be there
    expect([await out(0), await out(1), engine.views.get('frames')?.view]).toEqual([[10, 20], [10], [10, 20]])
    await engine.stop(1000)
  })

  test('a view that cannot be read is reported and read again later', async () => {
    let fails = 2
    const faults: LogFaults = {
      onRead: topic => {
        if (topic === 'frames' && fails-- > 0) throw new Failure('LOG_UNREACHABLE', 'the network is down')
      },
    }
    const { engine, engines, log, codec, clock, write, out, troubles } = await engineWorld({
      pipeline,
      folds: [fold as Fold<unknown>],
      partitions: 1,
      faults,
    })
    await engine.start()
    await append(log, marks(codec, 'frames', [10]))
    await write([10])
    await allMoved()
    await clock.advance(1000)
    expect(troubles).toEqual(['view of frames at 0: LOG_UNREACHABLE', 'view of frames at 50: LOG_UNREACHABLE'])
    await engines.caughtUp()
    expect(await out()).toEqual([10])
    await engine.stop(1000)
  })

  test('a stage whose view nobody gave is a failure that names the topic', async () => {
    const { engine, write, clock } = await engineWorld({ pipeline, partitions: 1 })
    await engine.start()
    await write([10])
    await allMoved()
    await clock.advance(100)
    expect(engine.tasks[0]?.why).toBe('STATE_CORRUPT: no view of frames was given to the engine')
    await engine.stop(1000)
  })
})
