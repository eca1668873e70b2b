import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minutes } from '../../src/lib/time.ts'
import { observe, windowKey } from '../../src/stages/observe.ts'
import { day, m } from './events.ts'
import { StageRun } from './stage-io.ts'
import { Timeline } from './timeline.ts'

const partialsOf = (run: StageRun) => run.out('airspace.partials', 'AirspacePartial')
const windowsOf = (run: StageRun) => partialsOf(run).map(({ from, to }) => [(from - day) / 60_000, (to - day) / 60_000])

describe('observe', () => {
  test('closes a window once the timeline has reached its end, not before', () => {
    const run = new StageRun(observe)
    const timeline = new Timeline(run).watermark(m(0)).watermark(m(10) - 1)
    run.drain()
    expect(partialsOf(run)).toEqual([])
    timeline.watermark(m(10))
    run.drain()
    expect(windowsOf(run)).toEqual([[0, 10]])
  })

  test('gives one partial a window, empty ones too, under the key of its end', () => {
    const run = new StageRun(observe, { partition: 1, partitions: 3 })
    new Timeline(run).watermark(m(3)).watermark(m(34))
    run.drain()
    expect(windowsOf(run)).toEqual([
      [0, 10],
      [10, 20],
      [20, 30],
    ])
    for (const partial of partialsOf(run)) {
      expect(partial).toMatchObject({ partition: 1, cells: [], plans: [], legs: [], runs: [], weather: [] })
    }
    expect(run.emitted.map(({ key }) => key)).toEqual([m(10), m(20), m(30)].map(windowKey))
  })

  test('an entry at the end of a window belongs to the next one', () => {
    const run = new StageRun(observe)
    new Timeline(run)
      .scheduled('A', m(10) - 1, m(300))
      .scheduled('B', m(10), m(300))
      .watermark(m(20))
    run.drain()
    expect(partialsOf(run).map(({ cells }) => cells.map(({ scheduled }) => scheduled))).toEqual([[1], [1]])
  })

  test('sums what the window saw: by route and carrier, aircraft, station and slot of the plan', () => {
    const run = new StageRun(observe)
    const timeline = new Timeline(run).scheduled('A', m(0), m(5)).scheduled('B', m(1), m(300), 'B6')
    timeline.weather('EWR', m(2)).departed('A', m(7), 'N1').watermark(m(10))
    run.drain()
    expect(partialsOf(run)).toMatchObject([
      {
        cells: [
          { origin: 'EWR', destination: 'IAH', carrier: 'B6', scheduled: 1, departed: 0 },
          { carrier: 'UA', scheduled: 1, departed: 1, departureDelayMinutes: 2, departedLate: 0 },
        ],
        legs: [{ tail: 'N1', flightId: 'A', departureDelayMinutes: 2 }],
        // A is planned and not open any more, B is both
        plans: [
          { carrier: 'B6', departureSlotAt: m(300), planned: 1, open: 1 },
          { carrier: 'UA', departureSlotAt: m(0), planned: 1, open: 0 },
        ],
        // 12.3 miles an hour in tenths
        weather: [{ station: 'EWR', at: m(2), reading: { windMilesPerHour: 123 } }],
      },
    ])
  })

  test('a partial given out is not changed by what follows', () => {
    const run = new StageRun(observe)
    new Timeline(run)
      .scheduled('A', m(0), m(300))
      .scheduled('B', m(10), m(300))
      .scheduled('C', m(11), m(300))
      .watermark(m(20))
    run.drain()
    expect(partialsOf(run).map(({ cells }) => cells[0]?.scheduled)).toEqual([1, 2])
  })

  test('says how far it is', () => {
    const run = new StageRun(observe)
    new Timeline(run).watermark(m(0)).watermark(m(25))
    run.drain()
    expect(run.reached).toEqual([m(0), m(25)])
  })

  test('state is enough: a restart after any step changes nothing', () => {
    const gap = fc.record({
      what: fc.nat(4),
      minutes: fc.integer({ min: 0, max: 12 }),
      id: fc.constantFrom('A', 'B', 'C'),
    })
    const fed = (gaps: { what: number; minutes: number; id: string }[]) => {
      const run = new StageRun(observe)
      const timeline = new Timeline(run)
      let at = m(0)
      for (const id of ['A', 'B', 'C']) timeline.scheduled(id, at, m(60))
      for (const { what, minutes: later, id } of gaps) {
        at += minutes(later)
        if (what === 0) timeline.watermark(at)
        if (what === 1) timeline.departed(id, at, `N${id}`)
        if (what === 2) timeline.rescheduled(id, at, at + minutes(90))
        if (what === 3) timeline.cancelled(id, at)
        if (what === 4) timeline.weather('JFK', at)
      }
      timeline.watermark(at + minutes(30))
      return run
    }
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 30 }), gaps => {
        const [whole, broken] = [fed(gaps), fed(gaps)]
        whole.drain()
        broken.drain(() => broken.restart())
        expect(broken.emitted).toEqual(whole.emitted)
      }),
      { numRuns: 50 },
    )
  })
})
