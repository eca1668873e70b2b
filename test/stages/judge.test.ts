import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { below, type Random, randomFrom } from '../../src/lib/random.ts'
import { days, hours } from '../../src/lib/time.ts'
import type { DriftMetrics } from '../../src/records.ts'
import { windowMetrics } from '../../src/stages/window-metrics.ts'
import { day } from './events.ts'
import {
  calm,
  carriers,
  flights,
  halves,
  hashOf,
  Judging,
  type JudgingOptions,
  judging,
  quickLoop,
  referenceOf,
  type Seen,
  shift,
  sumsOf,
} from './loop.ts'

/** So many hours, each with the same rows. */
function told(run: Judging, count: number, rows: readonly Seen[] = []): Judging {
  for (let hour = 0; hour < count; hour++) run.hour(rows)
  return run
}

/** Some hours of random rows, empty ones among them, now and then with a challenger, another champion or a shift. */
function randomHours(random: Random, count: number): Seen[][] {
  return Array.from({ length: count }, (_, hour) => {
    if (random() < 0.2) return []
    const usual = Math.floor(hour / 12) % 4 === 1 ? ['AA'] : carriers.same
    const champion = random() < 0.8 ? 'm0' : 'm1'
    const challengers = hour < 30 || random() < 0.5 ? [] : ['m2', 'm3'].slice(0, 1 + below(random, 2))
    return Array.from({ length: below(random, 6) }, () => ({
      columns: { carrier: usual[below(random, usual.length)] as string, distanceMiles: below(random, 9) },
      said: [champion, ...challengers].map(version => [version, below(random, 10_001)] as const),
      label: random() < 0.2 ? null : random() < 0.5,
    }))
  })
}

function played(rows: readonly Seen[][], options: JudgingOptions = {}, restartEvery = 0): Judging {
  const run = judging(options).model('m1')
  let steps = 0
  for (const each of rows) {
    run.hour(each)
    run.drain(() => {
      if (restartEvery > 0 && ++steps % restartEvery === 0) run.restart()
    })
  }
  return run
}

describe('the partials of an hour', () => {
  test('are waited for, however many hours the others are ahead', () => {
    const run = judging({ partitions: 3 })
    for (const to of [1, 2, 3]) for (const partition of [0, 2]) run.part(partition, day + hours(to), calm)
    expect(run.drain()).toBe(0)
    run.part(1, day + hours(1), [])
    expect(run.drain()).toBe(1)
    expect(run.metrics('HOUR')).toMatchObject([{ from: day, to: day + hours(1), rows: 4 }])
    expect(run.waiting('drift.partials', 0)).toBe(2)
    expect(run.reached).toEqual([day + hours(1)])
  })

  test('are not added if they are of two hours', () => {
    const run = judging({ partitions: 2 })
    run.part(0, day + hours(1), [])
    run.part(1, day + hours(2), [])
    expect(() => run.drain()).toThrow('partials of one hour arrive together')
  })

  test('wait for the model in force, and are counted once when it comes', () => {
    const rows = [calm, calm, [], shift]
    const late = new Judging({ partitions: 2 })
    for (const each of rows) late.hour(each)
    for (let asked = 0; asked < 3; asked++) {
      expect(late.step()).toBe(false)
      expect(late.emitted).toEqual([])
      expect(late.waiting('drift.partials', 1)).toBe(4)
      if (asked === 1) late.restart()
    }
    late.model('m0').drain()
    const punctual = told(judging({ partitions: 2 }), 0)
    for (const each of rows) punctual.hour(each)
    punctual.drain()
    expect(late.emitted).toEqual(punctual.emitted)
  })

  test('wait for a model that comes into force later, too', () => {
    const rows = [calm, calm, ...Array.from({ length: 3 }, () => flights(carriers.same, [['m1', 10]]))]
    const waited = judging()
    for (const each of rows) waited.hour(each).drain()
    expect(waited.metrics('HOUR').map(({ model }) => model)).toEqual(['m0', 'm0', 'm0', 'm0'])
    waited.restart()
    waited.drain()
    waited.model('m1').drain()
    const here = judging().model('m1')
    for (const each of rows) here.hour(each).drain()
    expect(waited.emitted).toEqual(here.emitted)
    expect(here.metrics('HOUR').at(-1)?.model).toBe('m1')
  })

  test('say the same on any number of partitions', () => {
    const rows = randomHours(randomFrom(1), 60)
    const one = played(rows)
    const three = played(rows, { partitions: 3 })
    expect(three.emitted.filter(({ name }) => name !== 'RetrainRequest')).toEqual(
      one.emitted.filter(({ name }) => name !== 'RetrainRequest'),
    )
    expect(one.metrics('WEEK')).toHaveLength(2)
  })

  test('say the same after a restart between any two steps', () => {
    const quick = { retrainDays: 1, unusualShare: 0.1, patience: { openAfter: 1, resolveAfter: 1 } }
    const rows = randomHours(randomFrom(2), 75)
    const expected = played(rows, { loop: quick }).emitted
    const names = new Set(expected.map(({ name }) => name))
    expect([...names].sort()).toEqual([
      'AlertOpened',
      'AlertResolved',
      'DriftMetrics',
      'PredictionSets',
      'RetrainRequest',
      'ShadowTested',
    ])
    expect(played(rows, { loop: quick }, 1).emitted).toEqual(expected)
    expect(played(rows, { loop: quick }, 5).emitted).toEqual(expected)
  })
})

describe('the windows', () => {
  const inForce = (version: string) => ({
    version,
    hash: hashOf(version),
    threshold: 5000,
    reference: referenceOf({ columns: { carrier: halves } }),
  })

  test('are each hour, the trailing day at the end of each, and the trailing week at the end of each UTC day', () => {
    const run = told(judging(), 50, calm)
    run.drain()
    const spans = run.metrics().map(({ span, to }) => `${(to - day) / hours(1)} ${span}`)
    expect(spans).toEqual(
      Array.from({ length: 50 }, (_, hour) => hour + 1).flatMap(hour => [
        `${hour} HOUR`,
        `${hour} DAY`,
        ...(hour % 24 === 0 ? [`${hour} WEEK`] : []),
      ]),
    )
    expect(run.emitted[0]?.key).toBe(`${day + hours(1)}/HOUR`)
  })

  test('slide exactly: each says what a recount of its rows says', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), seed => {
        const rows = randomHours(randomFrom(seed), 40)
        for (const metrics of played(rows).metrics('DAY')) expect(metrics).toEqual(recount(rows, metrics, 24))
      }),
      { numRuns: 4 },
    )
  })

  test('of a week hold seven UTC days', () => {
    const rows = randomHours(randomFrom(4), 24 * 8)
    const weeks = played(rows).metrics('WEEK')
    expect(weeks.map(({ from, to }) => (to - from) / days(1))).toEqual([1, 2, 3, 4, 5, 6, 7, 7])
    for (const metrics of weeks) expect(metrics).toEqual(recount(rows, metrics, 24 * 7))
  })

  function recount(rows: readonly Seen[][], { from, to, span, model }: DriftMetrics, width: number): DriftMetrics {
    const last = (to - day) / hours(1)
    const sums = sumsOf(rows.slice(Math.max(0, last - width), last).flat())
    expect(from).toBe(Math.max(day, to - hours(width)))
    return windowMetrics({ from, to, span, sums }, model === null ? null : inForce(model), quickLoop)
  }

  test('start where the stream starts, be it within a day', () => {
    const run = new Judging().model('m0')
    for (let hour = 6; hour <= 30; hour++) run.part(0, day + hours(hour), calm)
    run.drain()
    const [first] = run.metrics('DAY')
    expect(first).toMatchObject({ from: day + hours(5), to: day + hours(6) })
    expect(run.metrics('DAY').at(-1)).toMatchObject({ from: day + hours(6), rows: 48 })
    expect(run.metrics('WEEK')).toMatchObject([{ from: day + hours(5), to: day + hours(24), rows: 38 }])
  })

  test('are held against the champion of most rows of the trailing day; of two the first by name', () => {
    const run = judging().model('m1')
    const by = (version: string) => flights(carriers.same, [[version, 100]])
    for (const version of ['m1', 'm0', 'm0', 'm1', 'm1']) run.hour(by(version))
    run.drain()
    expect(run.metrics('DAY').map(({ model }) => model)).toEqual(['m1', 'm0', 'm0', 'm0', 'm1'])
  })

  test('without a champion name none, alert nobody and ask for nothing', () => {
    const run = told(judging({ loop: { retrainDays: 1 } }), 60, [{ columns: { carrier: 'AA' }, label: true }])
    run.drain()
    expect(new Set(run.metrics().map(({ model }) => model))).toEqual(new Set([null]))
    expect([...run.opened, ...run.requests]).toEqual([])
  })
})

describe('an alert', () => {
  test('is sounded once, resolved once, and asks for a training with what each partition had seen', () => {
    const run = judging({ partitions: 2 })
    told(run, 3, shift)
    told(run, 40, calm)
    run.drain()
    const at = day + hours(2)
    expect(run.opened).toMatchObject([{ kind: 'DATASET_DRIFT', at, since: day + hours(1), columns: ['carrier'] }])
    expect(run.resolved).toMatchObject([{ id: run.opened[0]?.id, openedAt: at }])
    expect(run.requests).toEqual([
      {
        id: 'm-2013-01-01T02',
        at,
        effectiveFrom: day + days(1),
        by: 'DRIFT',
        why: 'the columns have shifted',
        alert: run.opened[0]?.id,
        champion: 'm0',
        cut: [2, 2],
      },
    ])
    expect(run.balance()).toEqual({ shadows: 0, alerts: 0 })
  })

  test('that opens while a request is open waits until its first rows could be back', () => {
    // asked at hour 2, in force from hour 24, rows of it can be known to all 24 hours and a horizon of two hours later
    const run = judging()
    told(run, 2, shift)
    told(run, 16, Array.from({ length: 8 }, () => calm).flat())
    told(run, 40, shift.concat(shift, shift))
    run.drain()
    const opened = run.opened.filter(({ kind }) => kind === 'DATASET_DRIFT')
    expect(opened).toHaveLength(2)
    expect(opened[1]?.at).toBeLessThan(day + hours(50))
    expect(run.requests.map(({ at }) => (at - day) / hours(1))).toEqual([2, 50])
  })

  test('of the trailing week is sounded at the end of the second day', () => {
    const run = judging()
    // all late, of which half were expected
    for (let n = 0; n < 3; n++) run.day([...calm, ...calm].map(row => ({ ...row, label: true })))
    run.drain()
    expect(run.opened.map(({ kind, at }) => [kind, (at - day) / days(1)])).toContainEqual(['TARGET_DRIFT', 2])
    expect(run.opened.filter(({ kind }) => kind === 'TARGET_DRIFT')).toHaveLength(1)
  })

  test.each([{ alertsRetrain: true }, { alertsRetrain: false }])(
    'of performance asks for a training ($alertsRetrain)',
    ({ alertsRetrain }) => {
      const run = judging({ loop: { alertsRetrain } })
      // the later ones are told to be punctual: an AUC of 0 against 0.5
      const wrong = carriers.same.map((carrier, index): Seen => {
        return { columns: { carrier }, said: [['m0', index === 0 ? 1000 : 9000]], label: index === 0 }
      })
      for (let n = 0; n < 2; n++) run.day([...wrong, ...wrong])
      run.drain()
      expect(run.opened.map(({ kind }) => kind)).toContain('PERFORMANCE')
      const asked = { by: 'PERFORMANCE', at: day + days(2), alert: 'performance-2013-01-03T00' }
      expect(run.requests).toMatchObject(alertsRetrain ? [asked] : [])
    },
  )
})

describe('the schedule', () => {
  test('asks so many days after a model came into force, and after the last request', () => {
    const run = judging({ loop: { retrainDays: 3 } })
    told(run, 5)
    told(run, 24 * 10 - 6, calm)
    run.drain()
    expect(run.requests.map(({ at, by }) => [by, (at - day) / hours(1)])).toEqual([
      ['SCHEDULE', 6 + 72],
      ['SCHEDULE', 6 + 144],
      ['SCHEDULE', 6 + 216],
    ])
    expect(run.requests[0]).toMatchObject({ why: '3 days have passed since the last request', alert: null })
  })

  test('asks never if it is told so', () => {
    const run = told(judging(), 24 * 9, calm)
    run.drain()
    expect(run.requests).toEqual([])
  })
})

describe('what a probability leaves open', () => {
  const said = (probability: number, label: boolean) => ({ said: [['m0', probability] as const], label })
  /** Late flights called 1000, 1100 .. 10000, punctual ones 0, 50 .. 4950. */
  const rows = [
    ...Array.from({ length: 91 }, (_, n) => said(1000 + 100 * n, true)),
    ...Array.from({ length: 100 }, (_, n) => said(50 * n, false)),
  ]

  test('follows at the end of each day from the rows of the last seven, and holds from the next step on', () => {
    const run = judging().day(rows).day(rows)
    run.drain()
    const [first, second] = run.sets
    // floor(0.1 x 92) = 9th lowest; floor(0.1 x 101) = 10th highest; nothing was bound yet, so nothing is missed
    expect(first).toMatchObject({ model: 'm0', lateFrom: 1800, punctualTo: 4500, lateMissed: 0, punctualMissed: 0 })
    expect(first?.effectiveFrom).toBe((first?.at ?? 0) + days(1))
    expect(second).toMatchObject({ lateRows: 91, lateMissed: 8, punctualRows: 100, punctualMissed: 9 })
    // 0.1 + 0.05 (9.1 - 8) / 91
    expect(second?.lateLevel).toBeCloseTo(0.1006044, 6)
  })

  test('of a horizon is what it would be if there were no other, its levels too', () => {
    const horizons = [1440, 120, 0]
    const seen = fc.record({ late: fc.nat(10_000), punctual: fc.nat(10_000), rows: fc.integer({ min: 1, max: 90 }) })
    const property = fc.property(fc.array(fc.tuple(seen, seen, seen), { minLength: 1, maxLength: 4 }), stretch => {
      const [all, ...single] = [horizons, ...horizons.map(each => [each])].map(horizonsMinutes => {
        const run = judging({ horizonsMinutes, partitions: 2 })
        for (const each of stretch) run.day(horizonsMinutes.flatMap(horizon => ofHorizon(horizon, each)))
        run.drain(() => run.restart())
        return run.sets
      })
      const byHorizon = horizons.map(horizon => all?.filter(({ horizonMinutes }) => horizonMinutes === horizon))
      expect(byHorizon).toEqual(single)
      expect(all).toHaveLength(3 * (single[0] ?? []).length)
    })
    fc.assert(property, { numRuns: 10 })

    /** Late and punctual rows of one horizon around a probability of their own. */
    function ofHorizon(horizonMinutes: number, each: readonly { late: number; punctual: number; rows: number }[]) {
      const { late, punctual, rows: count } = each[horizons.indexOf(horizonMinutes)] as (typeof each)[number]
      return Array.from({ length: 2 * count }, (_, n) => {
        const around = (n % 2 === 0 ? late : punctual) + 10 * n
        return { ...said(Math.min(10_000, around), n % 2 === 0), horizonMinutes }
      })
    }
  })
})
