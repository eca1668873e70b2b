// Monthly performance of the predictions as they were made: read from flights.outcomes, by the local month of the flight's
// first planned departure, one horizon at a time. Exact, because probabilities are on record as integers.

import { performance, ScoreCounts } from '../drift/performance.ts'
import type { Airports } from '../flights/airports.ts'
import { localTime } from '../flights/local-time.ts'
import type { FlightOutcome } from '../records.ts'
import { type DigestSource, readAll } from '../runtime/digest.ts'

export type MonthMetrics = {
  auc: number | null
  logLoss: number | null
  brier: number | null
  ece: number | null
  n: number
}

export type Metrics = {
  /** By month as 2013-02, only months with a labelled prediction at this horizon. */
  readonly months: Record<string, MonthMetrics>
  /** By version, of the predictions that it made as the champion. */
  readonly models: Record<string, MonthMetrics>
}

export async function monthlyMetrics(
  { log, codec }: DigestSource,
  { airports, horizonMinutes }: { airports: Airports; horizonMinutes: number },
): Promise<Metrics> {
  const months = new Map<string, ScoreCounts>()
  const models = new Map<string, ScoreCounts>()
  const partitions = (await log.topics()).find(({ name }) => name === 'flights.outcomes')?.partitions ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    for await (const record of readAll(log, 'flights.outcomes', partition)) {
      if (!record.value) continue
      const { name, value } = codec.decode(record.value)
      if (name !== 'FlightOutcome') continue
      const outcome = value as FlightOutcome
      const output = outcome.rows.find(row => row.horizonMinutes === horizonMinutes)?.outputs[0]
      if (!output || outcome.label === null) continue
      const late = outcome.label ? 1 : 0
      countsIn(months, monthOf(outcome, airports)).add(output.probability, late)
      countsIn(models, output.model).add(output.probability, late)
    }
  }
  return { months: metricsIn(months), models: metricsIn(models) }
}

function countsIn(all: Map<string, ScoreCounts>, name: string): ScoreCounts {
  let counts = all.get(name)
  if (!counts) all.set(name, (counts = new ScoreCounts()))
  return counts
}

function metricsIn(all: ReadonlyMap<string, ScoreCounts>): Record<string, MonthMetrics> {
  const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    sorted.map(([name, counts]) => {
      const { auc, logLoss, brier, ece, n } = performance(counts)
      return [name, { auc, logLoss, brier, ece, n }]
    }),
  )
}

function monthOf({ origin, scheduledDepartureAt }: FlightOutcome, airports: Airports): string {
  const { year, month } = localTime(scheduledDepartureAt, airports.get(origin)?.zone ?? 'UTC')
  return `${year}-${String(month).padStart(2, '0')}`
}
