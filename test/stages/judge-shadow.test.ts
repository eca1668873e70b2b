// What the judge makes of champion and challenger on the same rows. Of a day's rows all are seen at noon.

import { describe, expect, test } from 'vitest'
import { lossOf } from '../../src/drift/loss.ts'
import { below, type Random, randomFrom } from '../../src/lib/random.ts'
import { days } from '../../src/lib/time.ts'
import { day } from './events.ts'
import { calm, carriers, flights, type JudgingOptions, judging, type Seen } from './loop.ts'

/** Pairs of a day: losses of the champion less those of the challenger are about `gain` nats a row. */
function shadowed(random: Random, versions: readonly string[], gain: number, count = 60): Seen[] {
  const lean = 5000 * Math.exp(gain)
  return Array.from({ length: count }, (_, row): Seen => {
    const label = row % 2 === 0
    const noise = below(random, 400) - 200
    const probability = Math.round(label ? lean + noise : 10_000 - lean - noise)
    const [champion = '', ...challengers] = versions
    const said = [[champion, 5000] as const, ...challengers.map(version => [version, probability] as const)]
    return { columns: { carrier: row % 2 === 0 ? 'UA' : 'B6' }, said, label }
  })
}

describe('a challenger', () => {
  const open = (versions: readonly string[], gain: number, count: number, options: JudgingOptions = {}) => {
    const random = randomFrom(3)
    const run = judging(options)
    for (let n = 0; n < count; n++) run.day(shadowed(random, versions, gain))
    run.drain()
    return run
  }

  test('that is better is promoted at the first look, with its evidence', () => {
    const run = open(['m0', 'm1'], 0.1, 7)
    expect(run.commands).toHaveLength(1)
    const [command] = run.commands
    expect(command).toMatchObject({
      id: 'promote m1 2013-01-08T00',
      by: 'JUDGE',
      hour: day + days(7),
      verb: 'PROMOTE',
      version: 'm1',
      compare: true,
      expectedChampion: 'm0',
      effectiveFrom: null,
      card: null,
    })
    expect(command?.reason).toMatch(/^better: t = .* over 7 days, bound 3\.2161$/)
    const evidence = JSON.parse(command?.evidence ?? '') as Record<string, unknown>
    expect(evidence).toMatchObject({ champion: 'm0', days: 7, rows: 420, bound: 3.2161, verdict: 'PROMOTE' })
    expect(evidence['daySums']).toHaveLength(7)
    expect(evidence['daySums']).toMatchObject([
      { rows: 60, championLoss: 60 * lossOf(5000, true) },
      {},
      {},
      {},
      {},
      {},
      {},
    ])
    expect(run.tests.map(({ verdict, days: count }) => [verdict, count])).toEqual([
      ...Array.from({ length: 6 }, (_, index) => ['WAIT', index + 1]),
      ['PROMOTE', 7],
    ])
    expect(run.balance()).toMatchObject({ shadows: 0 })
  })

  test('that is worse is rejected, whoever is the champion by then', () => {
    const run = open(['m0', 'm1'], -0.1, 7)
    expect(run.commands).toMatchObject([
      { id: 'reject m1 2013-01-08T00', verb: 'REJECT', version: 'm1', compare: false },
    ])
    expect(run.commands[0]?.reason).toMatch(/^worse/)
  })

  test('that says the same is rejected at the second look', () => {
    const run = judging()
    for (let n = 0; n < 14; n++)
      run.day(
        Array.from({ length: 30 }, () =>
          flights(carriers.same, [
            ['m0', 10],
            ['m1', 10],
          ]),
        ).flat(),
      )
    run.drain()
    expect(run.commands).toMatchObject([{ verb: 'REJECT', hour: day + days(14) }])
  })

  test('is not tested again while rows of it come back', () => {
    const run = open(['m0', 'm1'], 0.1, 9)
    expect(run.commands).toHaveLength(1)
    expect(run.tests).toHaveLength(7)
  })

  test('whose promotion the registry refused is tested anew, and commanded under another id', () => {
    // decided at the end of day 7, in force from day 8, its rows may come until the end of day 10
    const run = open(['m0', 'm1'], 0.1, 17)
    expect(run.tests.map(({ at, days: count }) => [(at - day) / days(1), count]).slice(6)).toEqual([
      [7, 7],
      [11, 1],
      [12, 2],
      [13, 3],
      [14, 4],
      [15, 5],
      [16, 6],
      [17, 7],
    ])
    expect(run.commands.map(({ id }) => id)).toEqual(['promote m1 2013-01-08T00', 'promote m1 2013-01-18T00'])
  })

  test('days with too few pairs do not count', () => {
    const random = randomFrom(3)
    const run = judging()
    for (let n = 0; n < 8; n++) run.day(shadowed(random, ['m0', 'm1'], 0.1, n === 3 ? 49 : 50))
    run.drain()
    expect(run.tests.map(({ days: count }) => count)).toEqual([1, 2, 3, 3, 4, 5, 6, 7])
    expect(run.commands).toMatchObject([{ verb: 'PROMOTE', hour: day + days(8) }])
  })

  test('for which too few days count is rejected after eight weeks', () => {
    const random = randomFrom(3)
    const run = judging()
    for (let n = 0; n < 56; n++) run.day(shadowed(random, ['m0', 'm1'], 0.1, 10))
    run.drain()
    expect(run.commands).toMatchObject([{ verb: 'REJECT', hour: day + days(56) }])
  })

  test('that vanishes is forgotten; if it comes back it starts from the first day', () => {
    const random = randomFrom(3)
    const run = judging()
    const both = () => run.day(shadowed(random, ['m0', 'm1'], 0.1))
    for (let n = 0; n < 5; n++) both()
    run.day(calm)
    run.drain()
    expect(run.balance()).toMatchObject({ shadows: 0 })
    for (let n = 0; n < 3; n++) both()
    run.drain()
    expect(run.tests.map(({ days: count }) => count)).toEqual([1, 2, 3, 4, 5, 1, 2, 3])
    expect(run.commands).toEqual([])
  })

  test('is not forgotten on a day without any flight', () => {
    const random = randomFrom(3)
    const run = judging()
    for (let n = 0; n < 4; n++) run.day(shadowed(random, ['m0', 'm1'], 0.1))
    run.day([])
    for (let n = 0; n < 3; n++) run.day(shadowed(random, ['m0', 'm1'], 0.1))
    run.drain()
    expect(run.tests.map(({ days: count }) => count)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(run.commands).toMatchObject([{ verb: 'PROMOTE' }])
  })

  test('starts anew against another champion', () => {
    const random = randomFrom(3)
    const run = judging().model('m9')
    for (let n = 0; n < 5; n++) run.day(shadowed(random, ['m0', 'm1'], 0.1))
    for (let n = 0; n < 7; n++) run.day(shadowed(random, ['m9', 'm1'], 0.1))
    run.drain()
    expect(run.tests.map(({ champion, days: count }) => `${champion} ${count}`).slice(4, 7)).toEqual([
      'm0 5',
      'm9 1',
      'm9 2',
    ])
    expect(run.commands).toMatchObject([{ verb: 'PROMOTE', expectedChampion: 'm9', hour: day + days(12) }])
  })

  test('that is decided against one champion is tested against the next', () => {
    const random = randomFrom(3)
    const run = judging().model('m9')
    for (let n = 0; n < 7; n++) run.day(shadowed(random, ['m0', 'm1'], 0.1))
    // the promotion was refused, because m9 had been promoted by hand
    for (let n = 0; n < 7; n++) run.day(shadowed(random, ['m9', 'm1'], 0.1))
    run.drain()
    expect(run.commands.map(({ id, expectedChampion }) => [id, expectedChampion])).toEqual([
      ['promote m1 2013-01-08T00', 'm0'],
      ['promote m1 2013-01-15T00', 'm9'],
    ])
  })

  test('beside another: one promotion at a time, a rejection of each', () => {
    const better = open(['m0', 'm2', 'm1'], 0.1, 7)
    expect(better.commands).toMatchObject([{ verb: 'PROMOTE', version: 'm1' }])
    const worse = open(['m0', 'm2', 'm1'], -0.1, 7)
    expect(worse.commands.map(({ verb, version }) => `${verb} ${version}`)).toEqual(['REJECT m1', 'REJECT m2'])
  })

  test('keeps the turn: nothing is asked for until it is decided', () => {
    const run = open(['m0', 'm1'], 0.1, 9, { loop: { retrainDays: 2 } })
    const [first] = run.requests
    expect(run.requests).toHaveLength(1)
    // decided at the end of day 7; by then two days have long passed
    expect(first?.at).toBe(day + days(7))
    expect(open(['m0', 'm1'], 0.1, 6, { loop: { retrainDays: 2 } }).requests).toEqual([])
  })

  test('is counted as open at once, by its first rows', () => {
    const run = open(['m0', 'm1'], 0.1, 1)
    expect(run.balance()).toMatchObject({ shadows: 1 })
  })
})
