// The balance sheet: three sums that must come out, over all partitions and for each. The page adds up for itself and
// does not take the server's word for it.

import type { PartitionBalance } from './wire.ts'

export type Part = { name: string; value: number }

export type Sum = {
  name: string
  total: number
  parts: Part[]
  /** total - sum of the parts; 0 when even. */
  gap: number
}

const sumOf = (name: string, total: number, parts: Part[]): Sum => ({
  name,
  total,
  parts,
  gap: total - parts.reduce((sum, part) => sum + part.value, 0),
})

export function sumsOf(partition: PartitionBalance): Sum[] {
  const skips = Object.entries(partition.skipped)
    .filter(([, value]) => value > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    sumOf('events in', partition.in, [
      { name: 'timeline', value: partition.timeline },
      { name: 'held', value: partition.held },
      { name: 'duplicates', value: partition.duplicates },
      { name: 'rejected', value: partition.rejected },
    ]),
    sumOf('flights', partition.flights, [
      { name: 'settled', value: partition.settled },
      { name: 'open', value: partition.open },
      { name: 'given up', value: partition.givenUp },
    ]),
    sumOf('horizons', partition.horizons, [
      { name: 'predicted', value: partition.predicted },
      ...skips.map(([reason, value]) => ({ name: `skipped ${reason}`, value })),
      { name: 'not yet due', value: partition.notYetDue },
    ]),
  ]
}

export function totalOf(partitions: readonly PartitionBalance[]): PartitionBalance {
  const total: PartitionBalance = {
    partition: -1,
    in: 0,
    timeline: 0,
    held: 0,
    duplicates: 0,
    rejected: 0,
    late: 0,
    flights: 0,
    settled: 0,
    open: 0,
    givenUp: 0,
    cancelled: 0,
    horizons: 0,
    predicted: 0,
    skipped: {},
    notYetDue: 0,
  }
  for (const partition of partitions) {
    for (const [name, value] of Object.entries(partition)) {
      if (typeof value === 'number' && name !== 'partition') total[name as 'in'] += value
    }
    for (const [reason, value] of Object.entries(partition.skipped)) {
      total.skipped[reason] = (total.skipped[reason] ?? 0) + value
    }
  }
  return total
}

export const isEven = (partitions: readonly PartitionBalance[]): boolean =>
  partitions.every(partition => sumsOf(partition).every(sum => sum.gap === 0))
