// Canonical digests: what must be the same for any number of partitions. Running numbers and cuts, which count within a
// partition, are left out; everything else is in, as canonical JSON.

import { createHash } from 'node:crypto'
import type { AirspaceFrame, FlightOutcome, Prediction, PredictionSkipped } from '../records.ts'
import { canonicalDigest, type DigestSource, topicDigest } from '../runtime/digest.ts'

export type Canonical = { frames: string; predictions: string; outcomes: string; metrics: string }

/** @param metrics the monthly metrics of the same run; with them go those of the windows, drift.metrics */
export async function canonicalDigests(source: DigestSource, metrics: unknown): Promise<Canonical> {
  type Said = Prediction | PredictionSkipped
  return {
    frames: await canonicalDigest<AirspaceFrame>(source, 'airspace.frames', {
      timeOf: ({ to }) => to,
      keyOf: () => '',
      shown,
    }),
    predictions: await canonicalDigest<Said>(source, 'flights.predictions', {
      timeOf: ({ at }) => at,
      keyOf: ({ flightId, horizonMinutes }) => `${flightId} ${horizonMinutes}`,
      shown,
    }),
    outcomes: await canonicalDigest<FlightOutcome>(source, 'flights.outcomes', {
      timeOf: ({ at }) => at,
      keyOf: ({ flightId }) => flightId,
      // each partition has watermarks of its own
      shown: (name, outcome) => (name === 'FlightOutcome' ? shown(name, { ...outcome, number: 0 }) : null),
    }),
    metrics: createHash('sha256')
      .update(JSON.stringify(metrics))
      .update(await topicDigest(source, 'drift.metrics'))
      .digest('hex'),
  }
}

/** The codec gives fields in the order of the schema, so this is one text a value. */
function shown(name: string, value: unknown): Uint8Array {
  return Buffer.from(`${name} ${JSON.stringify(value)}\n`)
}
