import { describe, expect, test } from 'vitest'
import { Failure } from '../../src/lib/failure.ts'
import { type Hooks, run, summing, sumsOf, taskWorld, upTo } from './task-world.ts'

describe('a record on which the stage fails', () => {
  const failing = (bad: readonly number[], hooks: Hooks = {}) =>
    summing({
      ...hooks,
      took: at => {
        if (bad.includes(at)) throw new Error(`no ${at} please`)
      },
    })

  test.each([1, 2, 3, 7, 100])('is found and dead-lettered while the others go on (units of %i)', async unitSteps => {
    const buried: number[] = []
    const bad = [5, 6, 13]
    const {
      codec,
      task: of,
      sums,
      letters,
    } = await taskWorld({
      ats: upTo(20),
      of: failing(bad, { poisoned: at => buried.push(at) }),
    })
    const task = of({ unitSteps })
    const failed = await run(task)
    expect(await sums()).toEqual(sumsOf(upTo(20).filter(at => !bad.includes(at))))
    expect(new Set(failed)).toEqual(new Set(bad.map(at => `Error: no ${at} please`)))
    const dead = await letters()
    expect(dead.map(({ key }) => key)).toEqual(['5', '6', '13'])
    expect(dead[0]?.letter).toMatchObject({ topic: 'events', reason: 'STAGE_FAILED', field: null })
    expect(dead[0]?.letter.message).toContain('no 5 please')
    expect(codec.decode(dead[0]?.letter.value as Uint8Array).value).toEqual({ at: 5 })
    expect(dead[0]?.headers).toMatchObject({ origin: 'events/1@4' })
    expect([buried, task.takenCount]).toEqual([bad, 20])
  })

  test('is not dead-lettered for failing once', async () => {
    let left = 1
    const {
      task: of,
      sums,
      letters,
    } = await taskWorld({
      ats: upTo(3),
      of: summing({
        took: at => {
          if (at === 2 && left-- > 0) throw new Error('once')
        },
      }),
    })
    expect(await run(of({ unitSteps: 1 }))).toEqual(['Error: once'])
    expect([await sums(), await letters()]).toEqual([[1, 3, 6], []])
  })

  test('is not dead-lettered for what the log does', async () => {
    const faults = {
      onCommit: (_: string, n: number, when: string) => {
        if (n > 1 && n < 9 && when === 'before') throw new Failure('LOG_UNREACHABLE', 'the network is down')
      },
    }
    const { task: of, sums, letters } = await taskWorld({ ats: upTo(3), how: { faults } })
    // the writer of the test commits once too
    await run(of({ unitSteps: 1 }))
    expect([await sums(), await letters()]).toEqual([[1, 3, 6], []])
  })

  test('is dead-lettered once though the commit of the letter fails', async () => {
    let failing2 = false
    const faults = {
      onCommit: (task: string, _: number, when: string) => {
        if (task === 'sum-1' && when === 'after' && failing2) {
          failing2 = false
          throw new Failure('COMMIT_UNKNOWN', 'no answer')
        }
      },
    }
    const poisoned = () => {
      failing2 = true
    }
    const {
      task: of,
      sums,
      letters,
    } = await taskWorld({ ats: upTo(4), of: failing([2], { poisoned }), how: { faults } })
    await run(of())
    expect([await sums(), (await letters()).map(({ key }) => key)]).toEqual([[1, 4, 8], ['2']])
  })

  test('a failure before anything was taken costs no record, however often it comes', async () => {
    const {
      task: of,
      sums,
      letters,
    } = await taskWorld({
      ats: upTo(3),
      of: summing({
        before: () => {
          throw new Error('a due instant fails')
        },
      }),
    })
    const task = of()
    expect(await run(task, 12)).toHaveLength(12)
    expect([task.state, await sums(), await letters()]).toEqual(['failed', [], []])
  })

  test('a gathered record is never done without', async () => {
    const { task: of, letters } = await taskWorld({
      ats: upTo(3),
      wired: { reads: [], gathers: 'events', writes: ['sums'] },
      of: {
        name: 'sum',
        layout: 1,
        open: io => ({
          step: () => {
            io.gather('events')[1]?.take()
            throw new Error('no partial please')
          },
        }),
      },
    })
    expect(await run(of(), 12)).toHaveLength(12)
    expect(await letters()).toEqual([])
  })

  test('a record that failed once is not blamed for a life that could not even open', async () => {
    let left = 1
    const {
      log,
      task: of,
      sums,
      letters,
    } = await taskWorld({
      ats: upTo(3),
      of: summing({
        took: at => {
          if (at === 2 && left-- > 0) throw new Error('once')
        },
      }),
    })
    const claim = log.claim.bind(log)
    let claims = 0
    log.claim = async name => {
      if (++claims === 2) throw new Error('a raw error of a client')
      return claim(name)
    }
    expect(await run(of({ unitSteps: 1 }))).toHaveLength(2)
    expect([await sums(), await letters()]).toEqual([[1, 3, 6], []])
  })
})
