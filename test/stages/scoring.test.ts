import { describe, expect, test } from 'vitest'
import { featureRow, features } from '../../src/features/table.ts'
import { schedule } from '../../src/flights/life.ts'
import type { FeatureRow } from '../../src/forest/model.ts'
import type { StageIo } from '../../src/runtime/stage.ts'
import { Scoring } from '../../src/stages/scoring.ts'
import { m, scheduled } from './events.ts'
import { Air, modelOf } from './scores.ts'
import { settings } from './stage-io.ts'

function scoringOn(air: Air): Scoring {
  const io: Partial<StageIo> = { shared: () => air as never, artefacts: () => air as never }
  return new Scoring(io as StageIo, settings)
}

const flight = schedule(scheduled(m(0)), m(0))
const asked = { id: 'A', flight, due: { at: m(600), horizon: 120 }, frameTo: m(590) }

describe('a prediction', () => {
  test('is null while the frame is not here, and while a model is not', () => {
    const air = new Air().seal(m(580))
    const scoring = scoringOn(air)
    expect(scoring.make(asked)).toBeNull()
    air.seal(m(590), { champion: { version: 'v2', hash: 'h2', correction: [] } })
    expect(scoring.make(asked)).toBeNull()
    air.models.set('h2', modelOf(100))
    expect(scoring.make(asked)?.prediction).toMatchObject({ model: 'v2', modelHash: 'h2', probability: 100 })
  })

  test('says what was asked, of whom, and on what', () => {
    expect(scoringOn(new Air().seal(m(600))).make(asked)?.prediction).toEqual({
      flightId: 'A',
      horizonMinutes: 120,
      at: m(600),
      dueAt: m(600),
      carrier: 'UA',
      flightNumber: 1545,
      origin: 'EWR',
      destination: 'IAH',
      scheduledDepartureAt: m(720),
      probability: 4000,
      late: false,
      low: 3000,
      high: 5000,
      model: 'v1',
      modelHash: 'h1',
      frameTo: m(590),
    })
  })

  test('every model sees the row that is logged, and it is that of the feature table', () => {
    const air = new Air().seal(m(600), { challengers: [{ version: 'v2', hash: 'h2', correction: [] }] })
    const seen: FeatureRow[] = []
    for (const hash of ['h1', 'h2']) air.models.set(hash, modelOf(1, seen))
    const row = scoringOn(air).make(asked)?.row
    const context = { flightId: 'A', flight, builtYear: null, seats: null, dueAt: m(600), horizonMinutes: 120 }
    const expected = featureRow({ ...context, frameTo: m(590), view: air.view, airports: settings.airports })
    expect(row?.features).toEqual(expected)
    expect(row?.features).toHaveLength(features.length)
    expect(seen).toEqual([expected, expected])
    expect(row?.outputs.map(({ model }) => model)).toEqual(['v1', 'v2'])
  })

  test('of a corrected champion is moved with its interval; what a challenger says is not', () => {
    const air = new Air().seal(m(600), {
      champion: { version: 'v1', hash: 'h1', correction: [5000, 5000, 5000] },
      challengers: [{ version: 'v2', hash: 'h2', correction: [] }],
    })
    air.models.set('h2', modelOf(4000))
    const made = scoringOn(air).make(asked)
    // odds of 2 : 3, 3 : 7 and 1 : 1, times e^0.5
    expect(made?.prediction).toMatchObject({ probability: 5236, low: 4140, high: 6225, late: true })
    expect(made?.row.outputs.map(({ probability }) => probability)).toEqual([5236, 4000])
  })

  test('in an empty air space asks no model', () => {
    const made = scoringOn(new Air()).make({ ...asked, frameTo: null })
    expect(made?.prediction).toBeNull()
    expect(made?.row).toMatchObject({ frameTo: null, skipped: 'NO_MODEL', outputs: [] })
  })

  test('asks challengers only beside a champion', () => {
    const air = new Air().seal(m(600), { champion: null, challengers: [{ version: 'v2', hash: 'h2', correction: [] }] })
    expect(scoringOn(air).make(asked)?.row).toMatchObject({ skipped: 'NO_MODEL', outputs: [] })
  })

  test("is refused on another pipeline's frame", () => {
    const scoring = scoringOn(new Air().seal(m(600), { pipeline: 'p2' }))
    expect(() => scoring.make(asked)).toThrow('the frame was sealed by pipeline p2, this is p1')
  })
})
