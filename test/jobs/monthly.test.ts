import { describe, expect, test } from 'vitest'
import { monthlyMetrics } from '../../src/jobs/monthly.ts'
import type { FlightOutcome, OutcomeRow } from '../../src/records.ts'
import { airports } from '../flights/world.ts'
import { codec, logWith, say } from './logs.ts'

const february = Date.UTC(2013, 1, 10)
const row = (horizonMinutes: number, ...probabilities: number[]): OutcomeRow => ({
  horizonMinutes,
  dueAt: 0,
  frameTo: null,
  skipped: null,
  features: [],
  outputs: probabilities.map((probability, n) => ({ model: `v${n}`, hash: `h${n}`, probability })),
})

function outcome(scheduledDepartureAt: number, label: boolean | null, ...rows: OutcomeRow[]): FlightOutcome {
  const about = { flightId: 'A', number: 1, at: 0, carrier: 'UA', flightNumber: 1, origin: 'EWR', destination: 'IAH' }
  const times = { departureAt: 0, arrivalAt: 0, departedAt: null, arrivedAt: null, arrivalDelayMinutes: null }
  return { ...about, ...times, kind: 'LANDED', scheduledDepartureAt, label, featureSet: '', rows }
}

async function metricsOf(outcomes: FlightOutcome[], horizonMinutes = 120) {
  return (await allMetricsOf(outcomes, horizonMinutes)).months
}

async function allMetricsOf(outcomes: FlightOutcome[], horizonMinutes = 120) {
  const { log } = await logWith(2)
  for (const [n, value] of outcomes.entries()) {
    await say(log, 'flights.outcomes', { name: 'FlightOutcome', value, partition: n % 2 })
  }
  return await monthlyMetrics({ log, codec }, { airports, horizonMinutes })
}

describe('monthly metrics', () => {
  test('are over all partitions, exact', async () => {
    const metrics = await metricsOf([
      outcome(february, true, row(120, 8000)),
      outcome(february, false, row(120, 2000)),
      outcome(february, false, row(120, 9000)),
    ])
    // AUC: of the pairs (8000, 2000) and (8000, 9000) one is in order; Brier: (0.04 + 0.04 + 0.81) / 3
    expect(metrics).toMatchObject({ '2013-02': { n: 3, auc: 0.5 } })
    expect(metrics['2013-02']?.brier).toBeCloseTo(0.89 / 3, 12)
  })

  test('are by the local month of the first planned departure', async () => {
    // 04:59 UTC is 23:59 of 31 January in Newark
    const midnight = Date.UTC(2013, 1, 1, 5)
    const rows = [midnight - 60_000, midnight].map(at => outcome(at, true, row(120, 5000)))
    expect(Object.entries(await metricsOf(rows)).map(([month, { n }]) => [month, n])).toEqual([
      ['2013-01', 1],
      ['2013-02', 1],
    ])
  })

  test('come in the order of the months', async () => {
    const months = [Date.UTC(2013, 9, 9), Date.UTC(2012, 11, 9), Date.UTC(2013, 1, 9)]
    const metrics = await metricsOf(months.map(at => outcome(at, true, row(120, 5000))))
    expect(Object.keys(metrics)).toEqual(['2012-12', '2013-02', '2013-10'])
  })

  test('take the champion at one horizon, and leave out what has no label or no prediction', async () => {
    const metrics = await metricsOf([
      outcome(february, true, row(30, 1), row(120, 10_000, 1)),
      outcome(february, null, row(120, 5000)),
      outcome(february, true, row(120)),
      outcome(february, true, row(30, 5000)),
      outcome(Date.UTC(2013, 5, 1), true),
    ])
    // certain and right
    expect(metrics).toMatchObject({ '2013-02': { n: 1, brier: 0 } })
    expect(Object.keys(metrics)).toEqual(['2013-02'])
  })

  test('of nothing are none', async () => {
    expect(await metricsOf([])).toEqual({})
  })

  test('are also by the model that was the champion', async () => {
    const by = (model: string, probability: number): OutcomeRow => {
      return { ...row(120), outputs: [{ model, hash: 'h', probability }, ...row(120, 5000).outputs] }
    }
    const { models } = await allMetricsOf([
      outcome(february, true, by('a', 8000)),
      outcome(february, false, by('a', 2000)),
      outcome(february, true, by('b', 1000)),
      outcome(february, false, by('b', 9000)),
    ])
    expect(models).toMatchObject({ a: { n: 2, auc: 1 }, b: { n: 2, auc: 0 } })
  })
})
