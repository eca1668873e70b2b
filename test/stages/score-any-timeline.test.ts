import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hours, minutes } from '../../src/lib/time.ts'
import { m } from './events.ts'
import { modelOf, Scoring } from './scores.ts'

function expectEven(run: Scoring): void {
  const { flights, settled = 0, open = 0, givenUp = 0, horizons, predicted = 0, notYetDue = 0, ...rest } = run.balance()
  const { DEPARTED = 0, CANCELLED = 0, KNOWN_AFTER = 0, SETTLED = 0, NO_MODEL = 0 } = rest
  expect(flights).toBe(settled + open + givenUp)
  expect(horizons).toBe(predicted + notYetDue + DEPARTED + CANCELLED + KNOWN_AFTER + SETTLED + NO_MODEL)
}

describe('whatever comes', () => {
  const turn = fc.record({ what: fc.nat(5), later: fc.nat(60), id: fc.constantFrom('A', 'B', 'C'), ahead: fc.nat(300) })
  type Turn = { what: number; later: number; id: string; ahead: number }
  const fed = (turns: readonly Turn[]): Scoring => {
    const run = new Scoring([240, 30, 0])
    run.air.models.set('h2', modelOf(6000))
    run.air
      .seal(m(150), { champion: null })
      .seal(m(1700), { challengers: [{ version: 'v2', hash: 'h2', correction: [] }] })
    let at = m(0)
    const seen = new Set<string>()
    for (const { what, later, id, ahead } of turns) {
      at += minutes(later)
      const first = !seen.has(id)
      seen.add(id)
      if (first) run.timeline.scheduled(id, at, at + minutes(ahead))
      else if (what === 0) run.timeline.rescheduled(id, at, at + minutes(ahead))
      else if (what === 1) run.timeline.cancelled(id, at)
      else if (what === 2) run.timeline.departed(id, at)
      else if (what === 3) run.timeline.arrived(id, at)
      else run.timeline.watermark(at)
    }
    run.timeline.watermark(at + hours(48))
    return run
  }

  test('every flight is settled once and every horizon answered once, and the balance adds up at every step', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 20 }), turns => {
        const run = fed(turns)
        run.drain(() => expectEven(run))
        const answers = [...run.predictions, ...run.skipped].map(
          ({ flightId, horizonMinutes }) => `${flightId} ${horizonMinutes}`,
        )
        const flights = new Set(turns.map(({ id }) => id)).size
        expect(new Set(answers).size).toBe(answers.length)
        expect(answers).toHaveLength(3 * flights)
        expect(run.outcomes.map(({ number }) => number)).toEqual(Array.from({ length: flights }, (_, n) => n + 1))
        expect(run.balance()).toMatchObject({ open: 0, notYetDue: 0 })
        expect(run.rowCount('rows')).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  test('state is enough: a restart after any step changes nothing', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 20 }), turns => {
        const [whole, broken] = [fed(turns), fed(turns)]
        whole.drain()
        broken.drain(() => broken.restart())
        expect(broken.emitted).toEqual(whole.emitted)
        expect(broken.balance()).toEqual(whole.balance())
      }),
      { numRuns: 50 },
    )
  })
})
