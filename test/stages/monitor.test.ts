import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noSketches } from '../../src/drift/columns.ts'
import { featureSetHash, features } from '../../src/features/table.ts'
import { hours } from '../../src/lib/time.ts'
import { columnKinds, monitor } from '../../src/stages/monitor.ts'
import { day, m } from './events.ts'
import { Counting, sumsOf } from './loop.ts'

/** From, to, rows and the number reached of each partial, in hours of the day. */
const shapeOf = (run: Counting) =>
  run.partials.map(({ from, to, rows, reached }) => [(from - day) / hours(1), (to - day) / hours(1), rows, reached])

describe('monitor', () => {
  test('has a sketch of the kind of each feature', () => {
    expect(columnKinds).toHaveLength(features.length)
    expect(columnKinds[features.findIndex(({ name }) => name === 'carrier')]).toBe('categorical')
    expect(columnKinds[features.findIndex(({ name }) => name === 'distanceMiles')]).toBe('numeric')
  })

  test('closes an hour when the outcomes say that it is complete, not before', () => {
    const run = new Counting().hour(m(0)).flight(m(59), true)
    run.drain()
    expect(run.partials).toEqual([])
    run.hour(m(60))
    run.drain()
    expect(shapeOf(run)).toEqual([[0, 1, 1, 1]])
  })

  test('the first watermark opens the first hour, without a partial for what lies before', () => {
    const run = new Counting().hour(m(180)).hour(m(240))
    run.drain()
    expect(shapeOf(run)).toEqual([[3, 4, 0, 0]])
  })

  test('gives one partial an hour under the key of its end, empty ones too, however long the gap', () => {
    const run = new Counting(1, 3).hour(m(0)).flight(m(10), false).hour(m(240))
    run.drain()
    expect(shapeOf(run)).toEqual([
      [0, 1, 1, 1],
      [1, 2, 0, 1],
      [2, 3, 0, 1],
      [3, 4, 0, 1],
    ])
    expect(run.emitted.map(({ key }) => key)).toEqual([m(60), m(120), m(180), m(240)].map(String))
    const nothing = {
      sketches: noSketches,
      champions: [],
      scores: [],
      pairs: [],
      labelled: 0,
      late: 0,
      featureSet: null,
    }
    for (const partial of run.partials.slice(1)) expect(partial).toMatchObject({ ...nothing, partition: 1 })
  })

  test('an outcome at the end of an hour stands behind its watermark and belongs to the next one', () => {
    const run = new Counting().hour(m(0)).hour(m(60)).flight(m(60), true).flight(m(61), true).hour(m(120))
    run.drain()
    expect(shapeOf(run)).toEqual([
      [0, 1, 0, 0],
      [1, 2, 2, 2],
    ])
  })

  test('counts every horizon of a flight, and the flight once', () => {
    const said = [['m0', 3000]] as const
    const rows = [
      { columns: { carrier: 'UA' }, said },
      { columns: { carrier: 'UA', distanceMiles: 1400 }, said },
    ]
    const run = new Counting()
    run.hour(m(0)).flight(m(5), true, rows).flight(m(6), null, rows).flight(m(7), false, []).hour(m(60)).drain()
    const expected = sumsOf([
      ...rows.map(row => ({ ...row, label: true })),
      ...rows.map(row => ({ ...row, label: null })),
    ])
    expect(run.partials).toEqual([
      {
        from: m(0),
        to: m(60),
        partition: 0,
        reached: 3,
        featureSet: featureSetHash,
        columns: [],
        ...expected.content(),
      },
    ])
    expect(run.partials[0]).toMatchObject({ rows: 4, labelled: 2, late: 2 })
  })

  test('says how many outcomes it has seen when the hour closes, those without rows too', () => {
    const run = new Counting().hour(m(0)).flight(m(1), true, []).flight(m(2), true, []).hour(m(60))
    run.flight(m(61), true).hour(m(120)).drain()
    expect(run.partials.map(({ reached }) => reached)).toEqual([2, 3])
  })

  test('brings an open hour forward that lists its columns', () => {
    const { sketches, ...content } = sumsOf([{ columns: { carrier: 'UA' }, label: true }]).content()
    const columns = features.map(({ name }) => (name === 'carrier' ? [0, ['UA'], [1]] : [1, [], []]))
    const before = { from: m(0), reached: 7, content: { ...content, columns } }
    const now = { from: m(0), reached: 7, content: { ...content, sketches } }
    expect(monitor.migrate?.[monitor.layout - 1]?.('hour', before)).toEqual(now)
  })

  test('says how far it is', () => {
    const run = new Counting().hour(m(0)).flight(m(59), true).hour(m(60))
    run.drain()
    expect(run.reached.at(-1)).toBe(m(60))
    expect(run.reached).toEqual(run.reached.toSorted((a, b) => a - b))
  })

  test('does not count outcomes of another feature table', () => {
    const run = new Counting().hour(m(0)).flight(m(1), true, [], 'another')
    expect(() => run.drain()).toThrow('outcomes are of this feature table')
  })

  test('a restart after any step gives the same partials', () => {
    const happening = fc.record({
      minutes: fc.integer({ min: 0, max: 150 }),
      label: fc.constantFrom(true, false, null),
    })
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 12 }), fc.nat(4), (happenings, every) => {
        const played = (restarts: boolean) => {
          const run = new Counting().hour(m(0))
          let [at, hour] = [0, 0]
          for (const { minutes, label } of happenings) {
            at += minutes
            const passed = Math.floor(at / 60) > hour
            hour = Math.floor(at / 60)
            if (passed) run.hour(m(hour * 60))
            const row = { columns: { carrier: 'UA', distanceMiles: at }, said: [['m0', at]] } as const
            run.flight(m(at), label, [row, { ...row, horizonMinutes: 0 }])
          }
          run.hour(m((hour + 1) * 60))
          let steps = 0
          run.drain(() => {
            if (restarts && steps++ % (every + 1) === 0) run.restart()
          })
          return run.emitted
        }
        expect(played(true)).toEqual(played(false))
      }),
      { numRuns: 40 },
    )
  })
})
