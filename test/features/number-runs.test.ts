import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NumberRuns } from '../../src/features/number-runs.ts'
import { windowMs } from '../../src/features/partial.ts'
import { days, hours } from '../../src/lib/time.ts'
import type { NumberRun } from '../../src/records.ts'
import { start } from './world.ts'

const first = start / windowMs

function runOf(at: number, flightId: string, delayMinutes: number): NumberRun {
  const delays = { departureDelayMinutes: delayMinutes - 1, arrivalDelayMinutes: delayMinutes }
  return { carrier: 'UA', flightNumber: 1545, origin: 'EWR', at, flightId, ...delays }
}

describe('the runs of a flight number', () => {
  it('are summed as if none had been dropped', () => {
    // Runs 1 to 12 hours after one another, some told up to 30 hours late, asked about up to 12 hours back.
    const step = fc.record({
      afterMs: fc.integer({ min: 1, max: hours(12) }),
      lateMs: fc.nat(hours(30)),
      delay: fc.nat(40),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), fc.nat(72), (steps, back) => {
        const runs = new NumberRuns()
        const all: { index: number; run: NumberRun }[] = []
        let now = start
        for (const [n, { afterMs, lateMs, delay }] of steps.entries()) {
          now += afterMs
          const index = Math.ceil(now / windowMs)
          const run = runOf(now - lateMs, `f${n}`, delay)
          all.push({ index, run })
          runs.push(index, run, (index - 72) * windowMs - days(28))
        }
        const index = Math.max(first, Math.ceil(now / windowMs) - back)
        const t = index * windowMs
        const known = all.filter(seen => seen.index <= index && seen.run.at > t - days(28)).map(({ run }) => run)
        const last = known.toSorted((a, b) => a.at - b.at || (a.flightId < b.flightId ? -1 : 1)).at(-1)
        const sum = (of: NumberRun[], what: (run: NumberRun) => number) =>
          of.reduce((total, run) => total + what(run), 0)
        const week = known.filter(({ at }) => at > t - days(7))
        expect(runs.asOf(index, t)).toEqual({
          runs7: week.length,
          runs28: known.length,
          departureDelayMinutes7: sum(week, run => run.departureDelayMinutes),
          arrivalDelayMinutes7: sum(week, run => run.arrivalDelayMinutes),
          arrivalDelayMinutes28: sum(known, run => run.arrivalDelayMinutes),
          arrivedLate28: known.filter(run => run.arrivalDelayMinutes >= 15).length,
          lastArrivalDelayMinutes: last?.arrivalDelayMinutes ?? null,
        })
      }),
    )
  })

  it('of one instant are told apart by flight', () => {
    const runs = new NumberRuns()
    runs.push(first + 1, runOf(start, 'b', 7), 0)
    runs.push(first + 1, runOf(start, 'a', 3), 0)
    expect(runs.asOf(first + 1, start + windowMs).lastArrivalDelayMinutes).toBe(7)
  })

  it('are stale once none was reported after an instant', () => {
    const runs = new NumberRuns()
    runs.push(first, runOf(start, 'a', 0), 0)
    runs.push(first, runOf(start - 5, 'b', 0), 0)
    expect([runs.isStale(start - 1), runs.isStale(start)]).toEqual([false, true])
  })
})
