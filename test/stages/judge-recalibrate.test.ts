// What the judge makes of a champion whose probabilities are off, and the road of its command to the predictions: by the
// registry into the frame.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recalibrated } from '../../src/drift/recalibration.ts'
import { windowMs } from '../../src/features/partial.ts'
import { schedule } from '../../src/flights/life.ts'
import { below, randomFrom } from '../../src/lib/random.ts'
import { days, minutes } from '../../src/lib/time.ts'
import type { AirspaceFrame, ModelCommand } from '../../src/records.ts'
import type { StageIo } from '../../src/runtime/stage.ts'
import { register } from '../../src/stages/register.ts'
import { Scoring } from '../../src/stages/scoring.ts'
import { seal } from '../../src/stages/seal.ts'
import { day, m, scheduled } from './events.ts'
import { type JudgingOptions, judging, type Seen } from './loop.ts'
import { Air } from './scores.ts'
import { StageRun, settings } from './stage-io.ts'

/** Flights of a day of which some are late, and what champion and challengers said of each. */
function flown(late: number, said: Readonly<Record<string, number>>, rows = 100): Seen[] {
  return Array.from({ length: rows }, (_, row) => ({
    columns: { carrier: row % 2 === 0 ? 'UA' : 'B6' },
    said: Object.entries(said),
    label: row < late,
  }))
}

/** At the second knot, where the probabilities of these tests have most of their weight. */
const correctionsOf = (commands: readonly ModelCommand[]) => commands.map(({ correction }) => correction[1] as number)

describe('the champion', () => {
  test('that says too little is corrected upwards, with a command that names it', () => {
    const run = judging()
    run.day(flown(40, { m0: 2000 }))
    run.drain()
    expect(run.recalibrations).toEqual([
      {
        id: 'recalibrate m0 2013-01-02T00',
        by: 'JUDGE',
        hour: day + days(1),
        verb: 'RECALIBRATE',
        version: 'm0',
        expectedChampion: 'm0',
        compare: true,
        effectiveFrom: null,
        reason: '40 of 100 flights were late, 20 were expected',
        evidence: null,
        card: null,
        correction: [expect.any(Number), expect.any(Number), 0],
      },
    ])
    expect(run.recalibrations[0]?.correction.map(Math.sign)).toEqual([1, 1, 0])
  })

  test('that is right is not corrected, and neither is one of which too few flights have landed', () => {
    const run = judging()
    for (let n = 0; n < 5; n++) run.day(flown(20, { m0: 2000 }))
    run.day(flown(49, { m0: 100 }, 49))
    run.day([])
    run.drain()
    expect(run.recalibrations).toEqual([])
  })

  test('is corrected from where it stands, one command a day at most, also after restarts', () => {
    const [run, broken] = [judging(), judging()]
    for (let n = 0; n < 6; n++) for (const each of [run, broken]) each.day(flown(10 + 10 * n, { m0: 2000 }))
    run.drain()
    broken.drain(() => broken.restart())
    const [first, , third] = correctionsOf(run.recalibrations)
    expect(run.recalibrations.map(({ hour }) => (hour - day) / days(1))).toEqual([1, 3, 4, 5, 6])
    expect(first).toBeLessThan(0)
    expect(third).toBeGreaterThan(first as number)
    expect(broken.recalibrations).toEqual(run.recalibrations)
  })

  test('begins without a correction when it is another one', () => {
    const run = judging().model('m1')
    for (let n = 0; n < 3; n++) run.day(flown(40, { m0: 2000 }))
    run.day(flown(22, { m1: 2000 }))
    run.drain()
    const [, , , other] = run.recalibrations
    const [first, , , last] = correctionsOf(run.recalibrations)
    expect(other).toMatchObject({ version: 'm1', expectedChampion: 'm1' })
    expect(last).toBeLessThan(first as number)
  })

  test('that is about to leave is left alone; what a challenger says is never corrected', () => {
    const random = randomFrom(3)
    const run = judging()
    const shadowed = (): Seen[] =>
      flown(22, { m0: 2000, m1: 0 }).map(({ label, ...row }) => {
        const probability = (label === true ? 4000 : 1500) + below(random, 400)
        return { ...row, label: label ?? null, said: [['m0', 2000] as const, ['m1', probability] as const] }
      })
    for (let n = 0; n < 9; n++) run.day(shadowed())
    run.drain()
    const verbs = run
      .out('models.commands', 'ModelCommand')
      .map(({ verb, version, hour }) => `${(hour - day) / days(1)} ${verb} ${version}`)
    expect(verbs).toEqual([...[1, 2, 3, 4, 5, 6].map(n => `${n} RECALIBRATE m0`), '7 PROMOTE m1'])
  })

  test('is corrected the same for any number of partitions', () => {
    const seen = fc.record({ late: fc.nat(100), said: fc.integer({ min: 1, max: 9999 }) })
    const story = (stretch: readonly { late: number; said: number }[], options: JudgingOptions) => {
      const run = judging(options)
      for (const { late, said } of stretch) run.day(flown(late, { m0: said }))
      run.drain()
      return run.recalibrations
    }
    const property = fc.property(
      fc.array(seen, { maxLength: 4 }),
      fc.integer({ min: 2, max: 5 }),
      (stretch, partitions) => {
        expect(story(stretch, { partitions })).toEqual(story(stretch, {}))
      },
    )
    fc.assert(property, { numRuns: 10 })
  })
})

test('what the judge commands is in force from a frame on, and in none before', () => {
  const judged = judging()
  judged.day(flown(40, { m0: 2000 }))
  judged.drain()
  const [command] = judged.recalibrations as [ModelCommand]

  const card = { artefact: 'a', hash: 'h1', featureSet: 'f', trainedFrom: null, trainedTo: null, rows: 1 }
  const origin = { why: 'test', parent: null, parameters: '{}', metrics: '{}' }
  const opening = {
    ...command,
    by: 'OPERATOR',
    compare: false,
    effectiveFrom: day,
    correction: [] as number[],
  } as const
  const registering = new StageRun(register)
  for (const each of [
    { ...opening, id: 'a', verb: 'REGISTER', card: { ...card, ...origin } } as const,
    { ...opening, id: 'b', verb: 'PROMOTE' } as const,
    command,
  ]) {
    registering.put('models.commands', 'ModelCommand', each)
  }
  registering.drain()

  const sealing = new StageRun(seal)
  for (const decision of registering.out('models.registry', 'ModelDecision')) {
    sealing.put('models.registry', 'ModelDecision', decision)
  }
  const effectiveFrom = day + days(2)
  for (let to = day + windowMs; to <= effectiveFrom + 2 * windowMs; to += windowMs) {
    const empty = { cells: [], plans: [], legs: [], runs: [], weather: [] }
    sealing.put('airspace.partials', 'AirspacePartial', { from: to - windowMs, to, partition: 0, ...empty })
  }
  sealing.drain()
  const frames: AirspaceFrame[] = sealing.out('airspace.frames', 'AirspaceFrame')
  const corrected = frames.filter(({ champion }) => (champion?.correction.length ?? 0) > 0)
  expect(corrected.map(({ from }) => from)).toEqual([effectiveFrom, effectiveFrom + windowMs])
  expect(corrected[0]?.champion).toEqual({ version: 'm0', hash: 'h1', correction: command.correction })

  const air = new Air()
  for (const frame of frames) air.view.apply(frame)
  const io: Partial<StageIo> = { shared: () => air as never, artefacts: () => air as never }
  const scoring = new Scoring(io as StageIo, settings)
  const saidAt = (frameTo: number) => {
    const flight = schedule(scheduled(m(0)), m(0))
    const made = scoring.make({ id: 'A', flight, due: { at: frameTo + minutes(10), horizon: 120 }, frameTo })
    return made?.prediction?.probability
  }
  expect(saidAt(effectiveFrom)).toBe(4000)
  expect(saidAt(effectiveFrom + windowMs)).toBe(recalibrated(4000, command.correction))
  expect(saidAt(effectiveFrom + windowMs)).toBeGreaterThan(4000)
})
