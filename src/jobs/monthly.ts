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

/** @returns by month as 2013-02, only months with a labelled prediction at this horizon */
export async function monthlyMetrics(
  { log, codec }: DigestSource,
  { airports, horizonMinutes }: { airports: Airports; horizonMinutes: number },
): Promise<Record<string, MonthMetrics>> {
  const counts = new Map<string, ScoreCounts>()
  const partitions = (await log.topics()).find(({ name }) => name === 'flights.outcomes')?.partitions ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    for await (const record of readAll(log, 'flights.outcomes', partition)) {
      if (!record.value) continue
      const { name, value } = codec.decode(record.value)
      if (name !== 'FlightOutcome') continue
      const outcome = value as FlightOutcome
      const output = outcome.rows.find(row => row.horizonMinutes === horizonMinutes)?.outputs[0]
      if (!output || outcome.label === null) continue
      const month = monthOf(outcome, airports)
      let of = counts.get(month)
      if (!of) counts.set(month, (of = new ScoreCounts()))
      of.add(output.probability, outcome.label ? 1 : 0)
    }
  }
  return Object.fromEntries(
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([month, of]) => {
        const { auc, logLoss, brier, ece, n } = performance(of)
        return [month, { auc, logLoss, brier, ece, n }]
      }),
  )
}

function monthOf({ origin, scheduledDepartureAt }: FlightOutcome, airports: Airports): string {
  const { year, month } = localTime(scheduledDepartureAt, airports.get(origin)?.zone ?? 'UTC')
  return `${year}-${String(month).padStart(2, '0')}`
}
