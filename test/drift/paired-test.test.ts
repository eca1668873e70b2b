// Bounds are checked against Student's t by integrating its density; error and power by simulation, seeded.

import { describe, expect, test } from 'vitest'
import { lossesPerNat } from '../../src/drift/loss.ts'
import { mattersNats, type PairedDay, type PairedTest, pairedTest, rowsMin } from '../../src/drift/paired-test.ts'
import { type Random, randomFrom } from '../../src/lib/random.ts'

const rows = 100

/** A day on which the challenger was better by so many nats a row. */
function better(nats: number): PairedDay {
  return { rows, championLoss: Math.round(nats * rows * lossesPerNat), challengerLoss: 0 }
}

/** So many days whose mean is `mean`, one up, one down by `spread`; the last of an odd number is in the middle. */
function daysOf(count: number, mean: number, spread: number): PairedDay[] {
  return Array.from({ length: count }, (_, day) => {
    const isMiddle = count % 2 === 1 && day === count - 1
    return better(mean + (isMiddle ? 0 : day % 2 === 0 ? spread : -spread))
  })
}

describe('the verdict', () => {
  const noisy = 0.05
  const cases: [fact: string, days: PairedDay[], verdict: PairedTest['verdict'], because: RegExp][] = [
    ['waits without a day', [], 'WAIT', /^0 of 7 days$/],
    ['waits after one day', daysOf(1, 0.1, 0), 'WAIT', /^1 of 7 days$/],
    ['waits between two looks, however clear it is', daysOf(6, 0.1, 0.001), 'WAIT', /next look is after 7$/],
    ['promotes at the first look', daysOf(7, 0.1, noisy), 'PROMOTE', /^better: t = .* over 7 days, bound 3\.2161$/],
    ['rejects at the first look', daysOf(7, -0.1, noisy), 'REJECT', /^worse: t = -.* over 7 days, bound -3\.2161$/],
    ['waits at the first look for a small difference', daysOf(7, 0.01, noisy), 'WAIT', /^undecided/],
    ['waits at the first look for a small loss', daysOf(7, -0.01, noisy), 'WAIT', /^undecided/],
    ['waits after it for the second', daysOf(8, 0.1, noisy), 'WAIT', /^8 days; the next look is after 14$/],
    ['promotes at the second look', daysOf(14, 0.04, noisy), 'PROMOTE', /bound 2\.6991$/],
    ['rejects at the second look what is worse', daysOf(14, -0.1, noisy), 'REJECT', /^worse/],
    ['rejects at the second look what is not above 0', daysOf(14, -0.001, noisy), 'REJECT', /^no sign/],
    ['rejects at the second look what does not differ', daysOf(14, 0, 0), 'REJECT', /^no sign/],
    ['waits at the second look for what is above 0', daysOf(14, 0.001, noisy), 'WAIT', /^undecided/],
    ['promotes at the third look', daysOf(21, 0.03, noisy), 'PROMOTE', /bound 2\.5712$/],
    ['waits at the third look', daysOf(21, 0.001, noisy), 'WAIT', /^undecided/],
    ['promotes at the last look', daysOf(28, 0.03, noisy), 'PROMOTE', /bound 2\.5135$/],
    [
      'promotes what did better and is not worse by what matters',
      daysOf(14, 0.001, 0.006),
      'PROMOTE',
      /^not worse, and newer: t = 3.00 against -0\.004 nats over 14 days/,
    ],
    ['rejects what is not worse by what matters, but did no better', daysOf(14, -0.0001, 0.004), 'REJECT', /^no sign/],
    ['rejects at the last look what is not shown to be better', daysOf(28, 0.001, noisy), 'REJECT', /^not shown/],
  ]
  test.each(cases)('%s', (_fact, days, verdict, because) => {
    const said = pairedTest(days)
    expect(said).toMatchObject({ verdict, days: days.length, rows: rows * days.length })
    expect(said.because).toMatch(because)
  })

  test('gives up on a challenger for which too few days count', () => {
    expect(pairedTest(daysOf(10, 0.1, 0.01), 55)).toMatchObject({ verdict: 'WAIT', days: 10 })
    expect(pairedTest(daysOf(10, 0.1, 0.01), 56)).toMatchObject({
      verdict: 'REJECT',
      because: `undecided: of 56 days 10 have ${rowsMin} rows`,
    })
    expect(pairedTest([], 56)).toMatchObject({ verdict: 'REJECT', rows: 0 })
    // what is decided stays decided
    expect(pairedTest(daysOf(14, 0.04, 0.05), 90).verdict).toBe('PROMOTE')
  })

  test('is not asked for days that do not count, nor after the last look', () => {
    expect(() => pairedTest([{ ...better(0.1), rows: rowsMin - 1 }])).toThrow('a day that counts has rows')
    expect(() => pairedTest(daysOf(29, 0.1, 0.01))).toThrow('there is no day after the last look')
  })
})

describe('the figures', () => {
  test('are those of a t test of the days, each of which counts the same', () => {
    // differences of 0.01, 0.02 and 0.06 nats: mean 0.03, deviation sqrt(0.0007), standard error sqrt(0.0007 / 3)
    const days = [better(0.01), { rows: 1000, championLoss: 300_000, challengerLoss: 100_000 }, better(0.06)]
    const said = pairedTest(days)
    expect(said.meanDifference).toBeCloseTo(0.03, 12)
    expect(said.standardError).toBeCloseTo(Math.sqrt(0.0007 / 3), 12)
    expect(said.statistic).toBeCloseTo(0.03 / Math.sqrt(0.0007 / 3), 9)
    expect(said).toMatchObject({ rows: 1200, bound: null })
  })

  test('are null where there is none', () => {
    const nothing = { standardError: null, statistic: null, bound: null, power: null }
    expect(pairedTest([])).toMatchObject({ ...nothing, meanDifference: null })
    expect(pairedTest([better(0.5)])).toMatchObject({ ...nothing, meanDifference: 0.5 })
    expect(pairedTest(daysOf(7, 0, 0))).toMatchObject({ standardError: 0, statistic: null, power: null, bound: 3.2161 })
  })

  test('the power is that of a normal statistic', () => {
    // a deviation of mattersNats * sqrt(28) / 2.5135 puts the effect on the bound: one half; half of it 2.5135 beyond
    const onBound = (mattersNats * Math.sqrt(28)) / 2.5135
    const withDeviation = (deviation: number) => {
      // two equal halves: deviation = spread * sqrt(n / (n - 1))
      const spread = deviation / Math.sqrt(14 / 13)
      return pairedTest(daysOf(14, 0.1, spread).map(day => scaled(day, 1000))).power as number
    }
    expect(withDeviation(onBound)).toBeCloseTo(0.5, 4)
    expect(withDeviation(onBound / 2)).toBeCloseTo(0.99402, 4)
    expect(withDeviation(onBound * 2)).toBeCloseTo(1 - 0.89557, 4)
  })
})

/** The same day with more rows, so that rounding matters less. */
function scaled(day: PairedDay, times: number): PairedDay {
  const nats = day.championLoss / day.rows / lossesPerNat
  return { rows: rows * times, championLoss: Math.round(nats * rows * times * lossesPerNat), challengerLoss: 0 }
}

describe('the bounds', () => {
  test.each([7, 14, 21, 28])("after %i days it is Student's t at Pocock's level a look", days => {
    const bound = pairedTest(daysOf(days, 0.001, 0.05)).bound as number
    // z = 2.361 leaves 0.00911 above it
    expect(upperTail(bound, days - 1)).toBeCloseTo(0.00911, 5)
  })
})

/** P(T > t) with so many degrees of freedom: by the trapezoidal rule over t = tan(angle), where the density ends at 0. */
function upperTail(t: number, freedom: number): number {
  const density = (x: number) => (1 + (x * x) / freedom) ** (-(freedom + 1) / 2)
  const [from, to, steps] = [Math.atan(t), Math.PI / 2, 20_000]
  const integral = (low: number) => {
    let sum = 0
    for (let i = 0; i < steps; i++) {
      const angle = low + ((i + 0.5) * (to - low)) / steps
      sum += density(Math.tan(angle)) / Math.cos(angle) ** 2
    }
    return (sum * (to - low)) / steps
  }
  return integral(from) / integral(-Math.PI / 2)
}

type Simulation = { readonly effect: number; readonly deviation: number; readonly runs: number }

/** Share of challengers that are promoted: better by `effect` nats a row, of which days differ by `deviation`. */
function promotedOf(seed: number, { effect, deviation, runs }: Simulation): number {
  const random = randomFrom(seed)
  let promoted = 0
  for (let run = 0; run < runs; run++) {
    const days: PairedDay[] = []
    for (;;) {
      days.push(scaled(better(effect + deviation * normalFrom(random)), 100))
      const { verdict } = pairedTest(days)
      if (verdict === 'WAIT') continue
      if (verdict === 'PROMOTE') promoted++
      break
    }
  }
  return promoted / runs
}

/** Box and Muller's. */
function normalFrom(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

describe('four looks', () => {
  test.each([0.007, 0.01, 0.02])(
    'promote at most one in forty of those that are worse by what matters (%d)',
    deviation => {
      // 2.5 % and three standard errors of 4,000 runs: 0.025 + 3 * sqrt(0.025 * 0.975 / 4000) = 0.0324
      expect(promotedOf(1, { effect: -mattersNats, deviation, runs: 4000 })).toBeLessThan(0.0324)
    },
  )

  test('promote many of those that do not differ, where days tell enough', () => {
    expect(promotedOf(4, { effect: 0, deviation: 0.007, runs: 1000 })).toBeGreaterThan(0.3)
  })

  test('promote none that is clearly worse', () => {
    expect(promotedOf(2, { effect: -0.02, deviation: 0.02, runs: 1000 })).toBe(0)
  })

  test('find the smallest difference that matters at least as often as the last look alone would', () => {
    // deviation 0.007 nats a day: 0.004 * sqrt(28) / 0.007 - 2.5135 = 0.51, so 69.5 %
    const promoted = promotedOf(3, { effect: mattersNats, deviation: 0.007, runs: 2000 })
    const days = daysOf(28, 0.004, 0.007 / Math.sqrt(28 / 27)).map(day => scaled(day, 1000))
    const stated = pairedTest(days).power as number
    expect(stated).toBeCloseTo(0.695, 2)
    expect(promoted).toBeGreaterThan(stated)
  })
})
