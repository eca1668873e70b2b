import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../src/lib/failure.ts'
import { changesIn } from '../../src/runtime/changes.ts'
import type { Stage } from '../../src/runtime/stage.ts'
import { allMoved, append, marks, recordsOf } from './small-world.ts'
import { run, sumsOf, taskWorld, upTo, wiring } from './task-world.ts'

describe('a unit of work', () => {
  test('commits outputs, changed rows and the position together, and nothing else', async () => {
    const { log, task: of } = await taskWorld({ ats: [1, 2, 3] })
    const task = of()
    await task.open()
    log.units.length = 0
    expect(await task.unit()).toBe(true)
    const shown = log.units.map(unit => unit.map(({ topic, partition, key }) => `${topic}/${partition} ${key}`))
    expect(shown).toEqual([['sums/1 1', 'sums/1 2', 'sums/1 3', 'sum.changelog/1 unit']])
    const changes = changesIn(log.units[0]?.at(-1)?.value as Uint8Array, 'the unit')
    expect(changes).toEqual({ layout: 1, position: { 'events/1': 3 }, rows: [{ table: 'sums', key: 'all', row: 6 }] })
    expect(task.position()).toEqual({ 'events/1': 3 })
    expect([task.takenCount, task.reachedAt, task.balance(), task.lookup('all')]).toEqual([3, 3, { sum: 6 }, 6])
  })

  test('has at most so many steps', async () => {
    const { log, task: of } = await taskWorld({ ats: upTo(5) })
    const task = of({ unitSteps: 2 })
    await run(task)
    const outputs = log.units.map(unit => unit.filter(({ topic }) => topic === 'sums').length)
    // the first unit is the mark of the owner
    expect(outputs).toEqual([0, 2, 2, 1])
  })

  test('ends once it has written enough bytes', async () => {
    const { log, task: of } = await taskWorld({ ats: upTo(3) })
    await run(of({ unitBytes: 1 }))
    expect(log.units.map(unit => unit.length)).toEqual([1, 2, 2, 2])
  })

  test('is not there when nothing was done: the task parks and commits nothing', async () => {
    const { log, task: of } = await taskWorld()
    const task = of()
    await task.open()
    log.units.length = 0
    expect([await task.unit(), task.state, log.units]).toEqual([false, 'parked', []])
  })

  test('says how far it is in event time only when it is committed', async () => {
    const said: number[] = []
    let fails = true
    const faults = {
      onCommit: (_: string, n: number, when: string) => {
        if (n === 2 && when === 'before' && fails) throw new Failure('LOG_UNREACHABLE', 'the network is down')
      },
    }
    const wired = { ...wiring, shares: 'events' }
    const { task: of } = await taskWorld({ ats: [1, 2], how: { faults }, wired })
    const task = of({
      shared: () => ({ shared: { view: null, has: () => true }, reached: at => said.push(at) }),
    })
    await task.open()
    await expect(task.unit()).rejects.toThrow('the network is down')
    expect([said, task.reachedAt]).toEqual([[], null])
    fails = false
    await task.fail(new Failure('LOG_UNREACHABLE', 'the network is down'))
    await run(task)
    expect(new Set(said)).toEqual(new Set([2]))
  })

  test('a parked task gives its bytes back when others need them', async () => {
    let parks = false
    const { budget, task: of } = await taskWorld({
      ats: [1, 2, 3],
      of: {
        name: 'sum',
        layout: 1,
        open: io => ({
          step: () => {
            if (parks) return false
            parks = true
            io.input('events').take()
            return true
          },
        }),
      },
    })
    await run(of())
    expect(budget.held).toBeGreaterThan(0)
    budget.grant(budget.bytesMax)
    expect(budget.held).toBe(0)
  })
})

describe('the next life', () => {
  test('goes on where the last commit ended, with its rows', async () => {
    const { log, codec, task: of, sums } = await taskWorld({ ats: [1, 2] })
    await run(of())
    await append(log, marks(codec, 'events', [3, 4], 1))
    const next = of()
    await run(next)
    expect(await sums()).toEqual(sumsOf([1, 2, 3, 4]))
    expect(next.takenCount).toBe(2)
  })

  test('a snapshot that is due is made after the unit, and the next life starts from it', async () => {
    const { log, codec, blobs, task: of, sums } = await taskWorld({ ats: [1, 2] })
    await run(of({ snapshotBytes: 1 }))
    expect(await blobs.list('snapshots/sum-1/')).toHaveLength(1)
    expect((await recordsOf(log, 'sum.changelog', 1)).map(({ key }) => key)).toEqual(['snapshot'])
    await append(log, marks(codec, 'events', [3], 1))
    await run(of({ snapshotBytes: 1 }))
    expect(await sums()).toEqual([1, 3, 6])
  })

  test.each(['before', 'after', 'later'] as const)(
    'a commit that fails (taking effect: %s the failure) leaves each output there once',
    async when => {
      const faults = {
        onCommit: (task: string, n: number, at: 'before' | 'after') => {
          if (task !== 'sum-1' || n !== 3) return undefined
          if (when === 'later') return at === 'before' ? when : undefined
          if (at === when) throw new Failure('COMMIT_UNKNOWN', 'no answer')
          return undefined
        },
      }
      const { task: of, sums, letters } = await taskWorld({ ats: upTo(6), how: { faults } })
      const task = of({ unitSteps: 2 })
      const failed = await run(task)
      expect(failed).toHaveLength(1)
      expect([await sums(), task.balance(), await letters()]).toEqual([sumsOf(upTo(6)), { sum: 21 }, []])
    },
  )

  test('outputs appear once whatever commits fail, at any size of a unit, with snapshots, in any gaps', async () => {
    const fate = fc.constantFrom('go', 'go', 'before', 'after', 'later')
    const sizes = fc.record({ unitSteps: fc.integer({ min: 1, max: 5 }), snapshotBytes: fc.constantFrom(1, 50, 1e9) })
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 20 }), sizes, fc.integer(), async (fates, size, seed) => {
        const faults = {
          onCommit: (task: string, n: number, at: 'before' | 'after') => {
            const how = task === 'sum-1' ? fates[n - 1] : 'go'
            if (how === 'later') return at === 'before' ? how : undefined
            if (how === at) throw new Failure('COMMIT_UNKNOWN', 'no answer')
            return undefined
          },
        }
        const how = { kafkaMode: { seed, slowMarkers: seed % 2 === 0 }, faults }
        const { task: of, sums, letters } = await taskWorld({ ats: upTo(12), how })
        await run(of(size))
        await allMoved()
        expect([await sums(), await letters()]).toEqual([sumsOf(upTo(12)), []])
      }),
      { numRuns: 60 },
    )
  })

  test('a fenced task stops for good and does not touch what its follower writes', async () => {
    const { task: of, sums } = await taskWorld({ ats: [1, 2] })
    const [early, late] = [of(), of()]
    await early.open()
    await run(late)
    const failed = await run(early)
    expect([failed.length, early.state, early.why]).toEqual([1, 'failed', expect.stringMatching(/^TASK_FENCED: /)])
    expect(await sums()).toEqual([1, 3])
  })
})

describe('caught up', () => {
  test('is a task that parks with nothing left to take', async () => {
    const { log, codec, task: of } = await taskWorld({ ats: [1] })
    const task = of()
    expect(await task.caughtUp()).toBe(false)
    await task.open()
    await task.unit()
    expect(await task.caughtUp()).toBe(false)
    await task.unit()
    expect(await task.caughtUp()).toBe(true)
    await append(log, marks(codec, 'events', [2], 1))
    expect(await task.caughtUp()).toBe(false)
  })

  test('is not a task that parks before a record it may not take yet', async () => {
    const waits: Stage<null> = { name: 'sum', layout: 1, open: () => ({ step: () => false }) }
    const { task: of } = await taskWorld({ ats: [1], of: waits })
    const task = of()
    await run(task)
    expect([task.state, await task.caughtUp()]).toEqual(['parked', false])
  })

  test('is not a task whose unit is not committed yet', async () => {
    let held: (() => void) | undefined
    const faults = {
      onCommit: (task: string, n: number, when: string) => {
        if (task !== 'sum-1' || n !== 2 || when !== 'before') return undefined
        return new Promise<void>(resolve => {
          held = resolve
        })
      },
    }
    const { log, codec, task: of } = await taskWorld({ how: { faults } })
    const task = of()
    await run(task)
    await append(log, marks(codec, 'events', [1], 1))
    const unit = task.unit()
    await allMoved()
    expect(held).toBeDefined()
    const early = await task.caughtUp()
    held?.()
    await unit
    expect(early).toBe(false)
  })
})
