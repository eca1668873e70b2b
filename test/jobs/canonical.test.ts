import { describe, expect, test } from 'vitest'
import { canonicalDigests } from '../../src/jobs/canonical.ts'
import { minutes } from '../../src/lib/time.ts'
import type { FlightOutcome, PredictionSkipped } from '../../src/records.ts'
import { frameOf } from '../features/world.ts'
import { codec, logWith, say } from './logs.ts'

const skip = (flightId: string, at: number, change: Partial<PredictionSkipped> = {}): PredictionSkipped => {
  const about = { flightId, horizonMinutes: 120, at, dueAt: at, carrier: 'UA', flightNumber: 1, origin: 'EWR' } as const
  return { ...about, destination: 'IAH', scheduledDepartureAt: 0, reason: 'NO_MODEL', ...change }
}

const outcome = (flightId: string, at: number, number: number): FlightOutcome => {
  const about = { flightId, number, at, carrier: 'UA', flightNumber: 1, origin: 'EWR', destination: 'IAH' }
  const times = { scheduledDepartureAt: 0, departureAt: 0, arrivalAt: 0, departedAt: null, arrivedAt: null }
  return { ...about, ...times, kind: 'GIVEN_UP', arrivalDelayMinutes: null, label: null, featureSet: '', rows: [] }
}

type Contents = {
  predictions?: PredictionSkipped[][]
  outcomes?: FlightOutcome[][]
  frames?: number[]
  metrics?: unknown
}

async function digestsOf({ predictions = [], outcomes = [], frames = [], metrics = {} }: Contents) {
  const { log } = await logWith(Math.max(predictions.length, outcomes.length, 1))
  for (const [partition, values] of predictions.entries()) {
    for (const value of values) await say(log, 'flights.predictions', { name: 'PredictionSkipped', value, partition })
  }
  for (const [partition, values] of outcomes.entries()) {
    for (const value of values) await say(log, 'flights.outcomes', { name: 'FlightOutcome', value, partition })
  }
  for (const to of frames) await say(log, 'airspace.frames', { name: 'AirspaceFrame', value: frameOf(minutes(to)) })
  return await canonicalDigests({ log, codec }, metrics)
}

describe('canonical digests', () => {
  test('of predictions are the same for any number of partitions', async () => {
    const [a1, a2, b1, b2] = [skip('A', 1), skip('A', 2), skip('B', 1), skip('B', 2)]
    const one = await digestsOf({ predictions: [[a1, b1, a2, b2]] })
    expect(
      await digestsOf({
        predictions: [
          [b1, b2],
          [a1, a2],
        ],
      }),
    ).toEqual(one)
    expect(await digestsOf({ predictions: [[b1, a1, a2, b2], [], []] })).toEqual(one)
  })

  test('of predictions change with what was said, when, and whether', async () => {
    const said = [skip('A', 1), skip('B', 1), skip('B', 2)]
    const others = [
      said,
      said.slice(1),
      [...said, skip('C', 3)],
      [skip('A', 1, { reason: 'SETTLED' }), ...said.slice(1)],
      [skip('A', 1), skip('B', 1), skip('B', 3)],
    ]
    const digests = await Promise.all(
      others.map(async values => (await digestsOf({ predictions: [values] })).predictions),
    )
    expect(new Set(digests).size).toBe(others.length)
  })

  test('of outcomes leave out the running number, which counts within a partition', async () => {
    const one = await digestsOf({ outcomes: [[outcome('A', 1, 1), outcome('B', 2, 2)]] })
    expect(await digestsOf({ outcomes: [[outcome('B', 2, 1)], [outcome('A', 1, 1)]] })).toEqual(one)
    const other = await digestsOf({ outcomes: [[outcome('A', 1, 1), outcome('B', 3, 2)]] })
    expect(other.outcomes).not.toBe(one.outcomes)
  })

  test('of frames and metrics change with their content, and with nothing else', async () => {
    const one = await digestsOf({ frames: [10, 20], metrics: { '2013-01': { n: 1 } } })
    expect(await digestsOf({ frames: [10, 20], metrics: { '2013-01': { n: 1 } } })).toEqual(one)
    const other = await digestsOf({ frames: [10], metrics: { '2013-01': { n: 2 } } })
    expect(other.frames).not.toBe(one.frames)
    expect(other.metrics).not.toBe(one.metrics)
    expect([other.predictions, other.outcomes]).toEqual([one.predictions, one.outcomes])
  })
})
