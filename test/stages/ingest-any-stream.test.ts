import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minutes } from '../../src/lib/time.ts'
import type { RecordName, Records } from '../../src/records.ts'
import { ingest } from '../../src/stages/ingest.ts'
import { arrived, assigned, cancelled, departed, diverted, m, rescheduled, scheduled, weather } from './events.ts'
import { expectEven } from './ingesting.ts'
import { StageRun } from './stage-io.ts'

describe('whatever comes', () => {
  type Say = { name: RecordName; value: unknown }
  const minute = fc.integer({ min: 0, max: 400 })
  const id = fc.constantFrom('A', 'B')
  const revision = fc.nat(1)
  const plan = (at: number) => ({ scheduledDepartureAt: at, scheduledArrivalAt: at + minutes(60) })
  const anyEvent: fc.Arbitrary<Say> = fc
    .tuple(fc.nat(7), minute, minute, fc.record({ flightId: id, revision }))
    .map(([rank, at, other, change]): Say => {
      const what: Say[] = [
        { name: 'FlightScheduled', value: scheduled(m(at), { ...plan(m(other)), ...change }) },
        { name: 'FlightRescheduled', value: rescheduled(m(at), { ...plan(m(other)), ...change }) },
        { name: 'AircraftAssigned', value: assigned(m(at), { tail: `N${other % 3}`, ...change }) },
        { name: 'FlightCancelled', value: cancelled(m(at), change) },
        { name: 'FlightDeparted', value: departed(m(at), change) },
        { name: 'FlightDiverted', value: diverted(m(at), change) },
        { name: 'FlightArrived', value: arrived(m(at), change) },
        { name: 'WeatherObserved', value: weather(m(at), { windMilesPerHour: other % 2 }) },
      ]
      return what[rank] as Say
    })
  const anyMark: fc.Arbitrary<Say> = minute.map(at => ({ name: 'Mark', value: { at: m(at) } }))
  const opening: Say[] = [
    { name: 'Mark', value: { at: m(0) } },
    { name: 'FlightScheduled', value: scheduled(m(0), plan(m(200))) },
  ]
  const stream = fc
    .array(fc.oneof({ weight: 3, arbitrary: anyEvent }, { weight: 1, arbitrary: anyMark }), { maxLength: 60 })
    .map(says => [...opening, ...says, { name: 'Mark', value: { at: m(500) } } as Say])
  const fed = (says: readonly Say[]): StageRun => {
    const run = new StageRun(ingest)
    for (const { name, value } of says) run.put('flights.events', name, value as Records[typeof name])
    return run
  }

  test('the timeline is sorted, the watermark rises with it, and the balance adds up at every step', () => {
    fc.assert(
      fc.property(stream, says => {
        const run = fed(says)
        run.drain(() => expectEven(run))
        const ats = run.emitted
          .filter(({ topic }) => topic === 'flights.timeline')
          .map(({ value }) => (value as { at: number }).at)
        expect(ats).toEqual(ats.toSorted((a, b) => a - b))
        expect(run.balance()).toMatchObject({ held: 0 })
        const late = run.out('flights.timeline', 'TimelineEntry').filter(({ at, claimedAt }) => claimedAt < at)
        expect(run.out('flights.late', 'TimelineEntry')).toEqual(late)
      }),
    )
  })

  test('state is enough: a restart after any step changes nothing', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }), (says, restarts) => {
        const [whole, broken] = [fed(says), fed(says)]
        whole.drain()
        let step = 0
        broken.drain(() => {
          if (restarts[step++ % restarts.length]) broken.restart()
        })
        expect(broken.emitted).toEqual(whole.emitted)
        expect(broken.balance()).toEqual(whole.balance())
      }),
      { numRuns: 60 },
    )
  })

  test('between two marks the order of arrival does not matter', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (says, dice) => {
        const shuffled = says
          .map(say => ({ say, by: dice.next().value as number }))
          .sort((a, b) => a.by - b.by)
          .map(({ say }) => say)
        const end: Say = { name: 'Mark', value: { at: m(500) } }
        const open: Say = { name: 'Mark', value: { at: m(400) } }
        const [one, other] = [fed([open, ...says, end]), fed([open, ...shuffled, end])]
        one.drain()
        other.drain()
        expect(other.out('flights.timeline', 'TimelineEntry')).toEqual(one.out('flights.timeline', 'TimelineEntry'))
        expect(other.balance()).toEqual(one.balance())
      }),
    )
  })
})
