// Random failures, a seed each. One alone: SEED=17 npx vitest run --project simulation seeds

import { afterAll, describe, expect, test } from 'vitest'
import { findings } from './seeds.ts'

/** How many seeds the files that call `testSeeds` play together. */
export const seedCount = 300

/** What random scripts and foul weather have to bring about, for the claims to mean something. */
const mustMeet = [
  'Rejected CONFLICT',
  'Rejected EXPIRED',
  'Rejected FLIGHT_MALFORMED',
  'Rejected FUTURE',
  'Rejected UNKNOWN_FLIGHT',
  'Rejected WRONG_PARTITION',
  'Prediction',
  'PredictionSkipped CANCELLED',
  'PredictionSkipped DEPARTED',
  'PredictionSkipped KNOWN_AFTER',
  'PredictionSkipped NO_MODEL',
  'FlightOutcome LANDED',
  'FlightOutcome CANCELLED',
  'FlightOutcome GIVEN_UP',
  'PROMOTE accepted',
  'PROMOTE refused',
  'REGISTER accepted',
  'ROLL_BACK accepted',
  'REJECT accepted',
  'RECALIBRATE accepted',
  'AlertOpened DATASET_DRIFT',
  'AlertResolved DATASET_DRIFT',
  'AlertOpened TARGET_DRIFT',
  'AlertOpened PREDICTION_DRIFT',
  'AlertOpened PERFORMANCE',
  'RetrainRequest DRIFT',
  'RetrainRequest SCHEDULE',
  'ShadowTested',
]

export function testSeeds(name: string, belongs: (seed: number) => boolean): void {
  const alone = process.env['SEED']
  const all = Array.from({ length: seedCount }, (_, index) => index + 1).filter(belongs)
  const seeds = alone === undefined ? all : all.filter(seed => seed === Number(alone))
  const cover = new Map<string, number>()

  describe(`random failures, ${name} seeds`, () => {
    test.each(seeds)('seed %i: the output is that of a calm run, and breaks no rule', async seed => {
      expect(await findings(seed, {}, cover), `run it alone with SEED=${seed}`).toEqual([])
    })

    test('the seeds meet every fate of an event, a flight and a command, and many deaths', () => {
      // one seed alone, to look at it, need not meet everything
      const [missing, lives] =
        alone === undefined ? [mustMeet.filter(what => !cover.has(what)), 2 * seeds.length] : [[], -1]
      expect(missing).toEqual([])
      expect(cover.get('lives') ?? 0).toBeGreaterThan(lives)
    })

    afterAll(() => console.log(`seeds: ${seeds.join(' ')}`))
  })
}
