import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { windowMs } from '../../src/features/partial.ts'
import { days, minutes } from '../../src/lib/time.ts'
import type { AirspacePartial, ModelDecision } from '../../src/records.ts'
import { seal } from '../../src/stages/seal.ts'
import { cellOf } from '../features/world.ts'
import { m } from './events.ts'
import { StageRun } from './stage-io.ts'

const partitions = 3
const ref = (version: string, correction: number[] = []) => ({ version, hash: `hash of ${version}`, correction })

function sealing(): StageRun {
  return new StageRun(seal, { partitions })
}

function partial(run: StageRun, partition: number, to: number, content: Partial<AirspacePartial> = {}): void {
  const empty = { cells: [], plans: [], legs: [], runs: [], weather: [] }
  const value = { from: to - windowMs, to, partition, ...empty, ...content }
  run.put('airspace.partials', 'AirspacePartial', value, { partition })
}

function window(run: StageRun, to: number): void {
  for (let partition = 0; partition < partitions; partition++) partial(run, partition, to)
}

function decide(run: StageRun, effectiveFrom: number, champion: string, change: Partial<ModelDecision> = {}): void {
  const about = { id: champion, at: m(0), by: 'OPERATOR', verb: 'PROMOTE', version: champion, because: '' } as const
  const decision = { ...about, accepted: true, evidence: null, effectiveFrom, champion: ref(champion), challengers: [] }
  run.put('models.registry', 'ModelDecision', { ...decision, ...change })
}

const framesOf = (run: StageRun) => run.out('airspace.frames', 'AirspaceFrame')
const championsOf = (run: StageRun) => framesOf(run).map(({ champion }) => champion?.version ?? null)

describe('seal', () => {
  test('waits for every partition, however many windows the others are ahead', () => {
    const run = sealing()
    for (const to of [m(10), m(20), m(30)]) for (const partition of [0, 2]) partial(run, partition, to)
    expect(run.drain()).toBe(0)
    partial(run, 1, m(10))
    run.drain()
    expect(framesOf(run)).toMatchObject([{ from: m(0), to: m(10) }])
    expect(run.waiting('airspace.partials', 0)).toBe(2)
  })

  test('adds the partials to one frame under the key of its end, and says how far it is', () => {
    const run = sealing()
    partial(run, 0, m(10), { cells: [cellOf({ departed: 1, departureDelayMinutes: -3 })] })
    partial(run, 1, m(10), { cells: [cellOf({ departed: 2, departureDelayMinutes: 20, departedLate: 1 })] })
    partial(run, 2, m(10))
    run.drain()
    expect(framesOf(run)).toMatchObject([
      {
        cells: [cellOf({ departed: 3, departureDelayMinutes: 17, departedLate: 1 })],
        pipeline: 'p1',
        champion: null,
        challengers: [],
        missing: [],
      },
    ])
    expect(run.emitted[0]?.key).toBe(String(m(10)))
    expect(run.reached).toEqual([m(10)])
  })

  test('does not add partials of two windows', () => {
    const run = sealing()
    partial(run, 0, m(10))
    partial(run, 1, m(10))
    partial(run, 2, m(20))
    expect(() => run.drain()).toThrow('partials of one window arrive together')
  })

  test('names a model from the first frame that starts at or after its effectiveFrom', () => {
    const run = sealing()
    decide(run, m(10) + 1, 'v1')
    for (const to of [m(10), m(20), m(30)]) window(run, to)
    run.drain()
    // the window from 10 starts a millisecond too early
    expect(championsOf(run)).toEqual([null, null, 'v1'])
    const sharp = sealing()
    decide(sharp, m(10), 'v1', { challengers: [ref('v2'), ref('v3')] })
    for (const to of [m(10), m(20)]) window(sharp, to)
    sharp.drain()
    expect(framesOf(sharp)).toMatchObject([
      { champion: null, challengers: [] },
      { champion: ref('v1'), challengers: [ref('v2'), ref('v3')] },
    ])
  })

  test('of decisions that are due together the last one counts', () => {
    const run = sealing()
    decide(run, m(0), 'v1')
    decide(run, m(0), 'v2')
    window(run, m(10))
    run.drain()
    expect(championsOf(run)).toEqual(['v2'])
  })

  test('what was refused, a version and an alias change nothing', () => {
    const run = sealing()
    decide(run, m(0), 'v1')
    decide(run, m(0), 'v2', { accepted: false })
    run.put('models.registry', 'ModelAlias', { alias: 'champion', version: 'v9', hash: 'h', effectiveFrom: m(0) })
    window(run, m(10))
    run.drain()
    expect(championsOf(run)).toEqual(['v1'])
  })

  test('a decision read before or after the partials gives the same frames, as long as it is not yet due', () => {
    // every decision is due a day later, as in a replay; the windows of that day come whenever
    const order = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(order, fc.boolean(), (isRegistryFirst, restarts) => {
        const say = (run: StageRun, turn: (n: number) => boolean) => {
          const [decisions, windows] = [
            ['v1', 'v2', 'v3'],
            [m(10), m(20), m(30), m(40)],
          ]
          for (let n = 0; decisions.length + windows.length > 0; n++) {
            const version = windows.length === 0 || turn(n) ? decisions.shift() : undefined
            if (version !== undefined) decide(run, m(0) + days(1), version)
            else window(run, windows.shift() ?? m(0))
            run.drain(() => (restarts ? run.restart() : undefined))
          }
          for (const to of [days(1), days(1) + minutes(10)]) window(run, m(0) + to)
          run.drain()
          return framesOf(run)
        }
        const expected = say(sealing(), () => true)
        let next = 0
        const shuffled = say(sealing(), () => isRegistryFirst[next++ % isRegistryFirst.length] ?? true)
        expect(shuffled).toEqual(expected)
        expect(expected.map(({ champion }) => champion?.version ?? null)).toEqual([null, null, null, null, null, 'v3'])
      }),
    )
  })

  test('what is decided and not yet due is known after a restart', () => {
    const run = sealing()
    decide(run, m(0), 'v1')
    decide(run, m(20), 'v2')
    window(run, m(10))
    run.drain()
    run.restart()
    for (const to of [m(20), m(30)]) window(run, to)
    run.drain()
    expect(championsOf(run)).toEqual(['v1', 'v1', 'v2'])
  })
})
