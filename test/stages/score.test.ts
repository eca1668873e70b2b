import { describe, expect, test } from 'vitest'
import { hours, minutes } from '../../src/lib/time.ts'
import { m } from './events.ts'
import { modelOf, Scoring } from './scores.ts'

const h36 = hours(36)

describe('a due instant', () => {
  test('fires when the timeline has gone past it, not when it has reached it', () => {
    const run = new Scoring()
    run.air.seal(m(300))
    run.timeline.scheduled('A', m(0), m(300)).watermark(m(180))
    run.drain()
    expect(run.predictions).toEqual([])
    run.timeline.watermark(m(180) + 1)
    run.drain()
    expect(run.predictions).toMatchObject([{ flightId: 'A', horizonMinutes: 120, dueAt: m(180), at: m(180) }])
  })

  test('comes after the events of its instant', () => {
    const run = new Scoring()
    run.air.seal(m(300))
    run.timeline.scheduled('A', m(0), m(300)).scheduled('B', m(0), m(300)).cancelled('A', m(180)).departed('B', m(180))
    run.timeline.watermark(m(181))
    run.drain()
    expect(run.skipped.map(({ flightId, reason }) => [flightId, reason])).toEqual([
      ['A', 'CANCELLED'],
      ['B', 'DEPARTED'],
    ])
  })

  test('of several at one instant the flight id decides, then the horizon', () => {
    const run = new Scoring([30, 120])
    run.air.seal(m(300))
    run.timeline
      .scheduled('C', m(0), m(210))
      .scheduled('B', m(0), m(300))
      .scheduled('A', m(0), m(300))
      .watermark(m(181))
    run.drain()
    const due = run.predictions.filter(({ at }) => at === m(180))
    expect(due.map(({ flightId, horizonMinutes }) => `${flightId} ${horizonMinutes}`)).toEqual([
      'A 120',
      'B 120',
      'C 30',
    ])
  })

  test('comes before the flights that close at its instant', () => {
    const run = new Scoring()
    // A closes 36 h after its arrival at 240; B is due then
    const closes = m(240) + h36
    run.air.seal(closes)
    run.timeline
      .scheduled('A', m(0), m(60))
      .scheduled('B', m(1), closes + minutes(120))
      .watermark(closes + 1)
    run.drain()
    expect(run.emitted.slice(-2).map(({ name, key }) => [name, key])).toEqual([
      ['Prediction', 'B'],
      ['FlightOutcome', 'A'],
    ])
  })

  test('of a flight that closes at one instant with others comes in the order of ids', () => {
    const run = new Scoring()
    run.timeline
      .scheduled('B', m(0), m(60))
      .scheduled('A', m(0), m(60))
      .watermark(m(241) + h36)
    run.drain()
    expect(run.outcomes.map(({ flightId, number }) => [flightId, number])).toEqual([
      ['A', 1],
      ['B', 2],
    ])
  })
})

describe('the frame of a prediction', () => {
  test.each([
    // due, end of the last frame it may use: floor(due, 10) - 10
    [m(180), m(170)],
    [m(189), m(170)],
    [m(190), m(180)],
  ])('due at %d is the one that ends at %d', (dueAt, frameTo) => {
    const run = new Scoring()
    run.timeline.scheduled('A', m(0), dueAt + minutes(120)).watermark(m(400))
    run.air.seal(frameTo - 1)
    run.drain()
    expect(run.predictions).toEqual([])
    expect(run.waiting('flights.timeline')).toBe(1)
    run.air.seal(frameTo)
    run.drain()
    expect(run.predictions).toMatchObject([{ frameTo, model: 'v1', modelHash: 'h1' }])
  })

  test('is the same however far ahead the view is', () => {
    const run = new Scoring()
    run.air.seal(m(170)).seal(m(400), { champion: { version: 'v2', hash: 'h2', correction: [] } })
    run.timeline.scheduled('A', m(0), m(300)).watermark(m(300))
    run.drain()
    expect(run.predictions).toMatchObject([{ frameTo: m(170), model: 'v1' }])
  })

  test('is none before the first window: an empty air space, without a model', () => {
    const run = new Scoring()
    // due at 19: floor(19) - 10 = 0, where the first window begins
    run.timeline.scheduled('A', m(0), m(139)).arrived('A', m(150)).watermark(m(200))
    run.drain()
    expect(run.skipped).toMatchObject([{ reason: 'NO_MODEL', at: m(19) }])
    expect(run.outcomes[0]?.rows).toMatchObject([{ frameTo: null, skipped: 'NO_MODEL', outputs: [] }])
    const next = new Scoring()
    next.timeline.scheduled('A', m(0), m(140)).watermark(m(200))
    next.drain()
    expect(next.skipped).toEqual([])
    expect(next.waiting('flights.timeline')).toBe(1)
  })

  test('comes from another pipeline: the task stops by name', () => {
    const run = new Scoring()
    run.air.seal(m(300), { pipeline: 'p0' })
    run.timeline.scheduled('A', m(0), m(300)).watermark(m(300))
    expect(() => run.drain()).toThrow(expect.objectContaining({ code: 'PIPELINE_VERSION' }))
  })
})

describe('the models', () => {
  test('that the frame names are waited for, challengers too; none is put in their place', () => {
    const run = new Scoring()
    run.air.seal(m(300), { challengers: [{ version: 'v2', hash: 'h2', correction: [] }] })
    run.timeline.scheduled('A', m(0), m(300)).arrived('A', m(200)).watermark(m(300))
    run.drain()
    expect(run.predictions).toEqual([])
    run.air.models.set('h2', modelOf(7000))
    run.drain()
    expect(run.predictions).toMatchObject([{ model: 'v1', probability: 4000, low: 3000, high: 5000, late: false }])
    expect(run.outcomes[0]?.rows[0]?.outputs).toEqual([
      { model: 'v1', hash: 'h1', probability: 4000 },
      { model: 'v2', hash: 'h2', probability: 7000 },
    ])
  })

  test('when there is none the features are logged all the same', () => {
    const run = new Scoring()
    run.air.seal(m(300), { champion: null })
    run.timeline.scheduled('A', m(0), m(300)).arrived('A', m(200)).watermark(m(300))
    run.drain()
    expect(run.skipped).toMatchObject([{ reason: 'NO_MODEL', dueAt: m(180) }])
    const [row] = run.outcomes[0]?.rows ?? []
    expect(row).toMatchObject({ frameTo: m(170), skipped: 'NO_MODEL', outputs: [] })
    expect(row?.features.length).toBeGreaterThan(20)
  })

  test.each([
    [4999, false],
    [5000, true],
  ])('a probability of %d is late: %s', (probability, late) => {
    const run = new Scoring()
    run.air.models.set('h1', modelOf(probability))
    run.air.seal(m(300))
    run.timeline.scheduled('A', m(0), m(300)).watermark(m(300))
    run.drain()
    expect(run.predictions).toMatchObject([{ probability, late }])
  })
})

describe('a skip', () => {
  test('KNOWN_AFTER: the instant lay before the flight was known; it is said when it is known', () => {
    const run = new Scoring()
    run.timeline.scheduled('A', m(200), m(300)).watermark(m(201))
    run.drain()
    expect(run.skipped).toMatchObject([{ reason: 'KNOWN_AFTER', dueAt: m(180), at: m(200) }])
  })

  test('an instant at which the flight became known is not too late', () => {
    const run = new Scoring()
    run.air.seal(m(300))
    run.timeline.scheduled('A', m(180), m(300)).watermark(m(201))
    run.drain()
    expect(run.predictions).toHaveLength(1)
  })

  test('KNOWN_AFTER: the instant lay before the new time was known', () => {
    const run = new Scoring()
    run.timeline.scheduled('A', m(0), m(600)).rescheduled('A', m(200), m(300)).watermark(m(201))
    run.drain()
    expect(run.skipped).toMatchObject([
      { reason: 'KNOWN_AFTER', dueAt: m(180), at: m(200), scheduledDepartureAt: m(300) },
    ])
  })

  test('SETTLED: the flight landed before its instants, which are skipped in the order of horizons', () => {
    const run = new Scoring([30, 120, 60])
    run.timeline.scheduled('A', m(0), m(300)).arrived('A', m(100)).watermark(m(400))
    run.drain()
    expect(run.skipped.map(({ reason, horizonMinutes, at, dueAt }) => [reason, horizonMinutes, at, dueAt])).toEqual([
      ['SETTLED', 30, m(100), m(270)],
      ['SETTLED', 60, m(100), m(240)],
      ['SETTLED', 120, m(100), m(180)],
    ])
  })

  test('what departed is not predicted, and a cancelled flight that comes back is', () => {
    const run = new Scoring()
    run.air.seal(m(600))
    run.timeline.scheduled('A', m(0), m(300)).cancelled('A', m(10)).rescheduled('A', m(20), m(310)).watermark(m(400))
    run.drain()
    expect(run.predictions).toMatchObject([{ dueAt: m(190) }])
  })
})

describe('a reschedule', () => {
  test('moves the instants that have not fired, and fires none twice', () => {
    const run = new Scoring([120, 30])
    run.air.seal(m(600))
    run.timeline.scheduled('A', m(0), m(300)).watermark(m(181)).rescheduled('A', m(200), m(500)).watermark(m(600))
    run.drain()
    expect(run.predictions.map(({ horizonMinutes, at }) => [horizonMinutes, at])).toEqual([
      [120, m(180)],
      [30, m(470)],
    ])
  })

  test('after a restart fires none twice either, be it predicted or skipped', () => {
    const run = new Scoring([240, 120, 30])
    run.air.seal(m(600))
    // 240 lies before the flight was known
    run.timeline.scheduled('A', m(100), m(300)).watermark(m(181))
    run.drain()
    run.restart()
    expect(run.lookup('A')).toMatchObject({ due: [30] })
    run.timeline.rescheduled('A', m(200), m(500)).watermark(m(600))
    run.drain()
    expect([...run.skipped, ...run.predictions].map(({ horizonMinutes, at }) => [horizonMinutes, at])).toEqual([
      [240, m(100)],
      [120, m(180)],
      [30, m(470)],
    ])
  })

  test('there and back leaves one prediction', () => {
    const run = new Scoring()
    run.air.seal(m(600))
    run.timeline
      .scheduled('A', m(0), m(300))
      .rescheduled('A', m(1), m(400))
      .rescheduled('A', m(2), m(300))
      .watermark(m(600))
    run.drain()
    expect(run.predictions.map(({ at }) => at)).toEqual([m(180)])
    expect(run.balance()).toMatchObject({ flights: 1, horizons: 1, predicted: 1, notYetDue: 0 })
  })
})

describe('an outcome', () => {
  test('has its rows in the order of the horizons of the settings, and the label', () => {
    const run = new Scoring([30, 120])
    run.air.seal(m(600))
    // planned to arrive at 480
    run.timeline.scheduled('A', m(0), m(300)).departed('A', m(310)).arrived('A', m(495)).watermark(m(600))
    run.drain()
    expect(run.outcomes).toMatchObject([
      { flightId: 'A', number: 1, at: m(495), kind: 'LANDED', arrivalDelayMinutes: 15, label: true },
    ])
    expect(run.outcomes[0]?.rows.map(({ horizonMinutes, dueAt }) => [horizonMinutes, dueAt])).toEqual([
      [30, m(270)],
      [120, m(180)],
    ])
    expect(run.rowCount('rows')).toBe(0)
  })

  test('comes 36 h after the last planned instant when nothing is heard: given up, without a label', () => {
    const run = new Scoring([])
    run.timeline
      .scheduled('A', m(0), m(60))
      .departed('A', m(70))
      .watermark(m(240) + h36)
    run.drain()
    expect(run.outcomes).toEqual([])
    run.timeline.watermark(m(240) + h36 + 1)
    run.drain()
    expect(run.outcomes).toMatchObject([{ kind: 'GIVEN_UP', at: m(240) + h36, label: null, departedAt: m(70) }])
    expect(run.balance()).toMatchObject({ flights: 1, settled: 0, givenUp: 1, open: 0 })
  })

  test('of a cancelled flight comes then too, and counts as settled', () => {
    const run = new Scoring([])
    run.timeline
      .scheduled('A', m(0), m(60))
      .cancelled('A', m(50))
      .watermark(m(241) + h36)
    run.drain()
    expect(run.outcomes).toMatchObject([{ kind: 'CANCELLED', at: m(240) + h36, label: null }])
    expect(run.balance()).toMatchObject({ settled: 1, cancelled: 1, givenUp: 0 })
  })

  test('waits for the new plan of a flight that was moved', () => {
    const run = new Scoring([])
    run.timeline
      .scheduled('A', m(0), m(60))
      .rescheduled('A', m(1), m(600))
      .watermark(m(241) + h36)
    run.drain()
    expect(run.outcomes).toEqual([])
    run.timeline.watermark(m(781) + h36)
    run.drain()
    expect(run.outcomes).toMatchObject([{ at: m(780) + h36 }])
  })

  test('has the next number, also after a restart', () => {
    const run = new Scoring([])
    run.timeline.scheduled('A', m(0), m(60)).scheduled('B', m(0), m(60)).arrived('B', m(70)).watermark(m(80))
    run.drain()
    run.restart()
    run.timeline.arrived('A', m(90)).watermark(m(100))
    run.drain()
    expect(run.outcomes.map(({ flightId, number }) => [flightId, number])).toEqual([
      ['B', 1],
      ['A', 2],
    ])
  })

  test('what is told of a flight that is over changes nothing', () => {
    const run = new Scoring([])
    run.timeline.scheduled('A', m(0), m(60)).arrived('A', m(90)).watermark(m(100))
    run.drain()
    const answers = () => run.emitted.filter(({ name }) => name !== 'Watermark')
    const said = answers().length
    run.timeline.departed('A', m(110)).weather('EWR', m(111)).watermark(m(120))
    run.drain()
    expect(answers()).toHaveLength(said)
    expect(run.lookup('A')).toBeUndefined()
  })
})

describe('how far it is', () => {
  test('is where it waits, not what it has read', () => {
    const run = new Scoring()
    run.timeline.scheduled('A', m(0), m(300)).watermark(m(1000))
    run.drain()
    expect(run.reached.at(-1)).toBe(m(180))
    run.restart()
    expect(run.reached.at(-1)).toBe(m(180))
    run.air.seal(m(300))
    run.drain()
    expect(run.reached.at(-1)).toBe(m(1000))
  })

  test('never goes back for an instant that lay before its flight was known', () => {
    const run = new Scoring()
    run.timeline.watermark(m(250)).scheduled('A', m(260), m(300)).watermark(m(270))
    run.drain()
    expect(run.reached).toEqual(run.reached.toSorted((a, b) => a - b))
  })
})

describe('the watermarks of the outcomes', () => {
  test('stand at the start and at the end of each hour, before what closes in the next', () => {
    const run = new Scoring()
    run.timeline.scheduled('A', m(0), m(10)).arrived('A', m(60)).watermark(m(61)).watermark(m(200))
    run.drain()
    const closed = run.emitted
      .filter(({ topic }) => topic === 'flights.outcomes')
      .map(({ name, value }) => [name, (value as { at: number }).at])
    expect(closed).toEqual([
      ['Watermark', m(0)],
      ['Watermark', m(60)],
      ['FlightOutcome', m(60)],
      ['Watermark', m(180)],
    ])
  })

  test('do not wait with a prediction: a step that parks has said nothing', () => {
    const run = new Scoring()
    run.timeline.scheduled('A', m(0), m(300)).watermark(m(1000))
    let said = 0
    run.drain(() => {
      said = run.emitted.length
    })
    expect(run.out('flights.outcomes', 'Watermark').at(-1)).toEqual({ at: m(180) })
    expect(run.emitted).toHaveLength(said)
  })

  test('are not said again after a restart', () => {
    const run = new Scoring()
    run.timeline.watermark(m(61))
    run.drain()
    run.restart()
    run.timeline.watermark(m(70))
    run.drain()
    expect(run.out('flights.outcomes', 'Watermark')).toEqual([{ at: m(0) }, { at: m(60) }])
  })
})
