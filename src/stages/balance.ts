// The balance sheet: per partition, counted from state and never from offsets. It adds up at every commit.
//
//   events in          = timeline (late ones inside) + held + duplicates + rejected
//   flights            = settled + open + given up
//   flights x horizons = predicted + skipped by reason + not yet due

type Counts = Readonly<Record<string, number>>

const skipReasons = ['DEPARTED', 'CANCELLED', 'KNOWN_AFTER', 'SETTLED', 'NO_MODEL'] as const

export type PartitionBalance = {
  partition: number
  in: number
  timeline: number
  held: number
  duplicates: number
  rejected: number
  late: number
  flights: number
  /** Landed or cancelled. */
  settled: number
  cancelled: number
  open: number
  givenUp: number
  horizons: number
  predicted: number
  skipped: Record<string, number>
  notYetDue: number
}

export type Balance = { partitions: PartitionBalance[]; total: Omit<PartitionBalance, 'partition'>; even: boolean }

/** @param ingest and score: what the tasks of a partition count, by partition; an empty object before a task has opened */
export function balanceOf(ingest: readonly Counts[], score: readonly Counts[]): Balance {
  const partitions = ingest.map((counts, partition) => ({ partition, ...sheet(counts, score[partition] ?? {}) }))
  const total = partitions.reduce((sum, one) => add(sum, one), sheet({}, {}))
  return { partitions, total, even: partitions.every(isEven) }
}

export function isEven(one: Omit<PartitionBalance, 'partition'>): boolean {
  const skipped = Object.values(one.skipped).reduce((sum, count) => sum + count, 0)
  return (
    one.in === one.timeline + one.held + one.duplicates + one.rejected &&
    one.flights === one.settled + one.open + one.givenUp &&
    one.horizons === one.predicted + skipped + one.notYetDue
  )
}

function sheet(ingest: Counts, score: Counts): Omit<PartitionBalance, 'partition'> {
  const of = (counts: Counts, name: string) => counts[name] ?? 0
  return {
    in: of(ingest, 'in'),
    timeline: of(ingest, 'timeline'),
    held: of(ingest, 'held'),
    duplicates: of(ingest, 'duplicates'),
    rejected: of(ingest, 'rejected'),
    late: of(ingest, 'late'),
    flights: of(score, 'flights'),
    settled: of(score, 'settled'),
    cancelled: of(score, 'cancelled'),
    open: of(score, 'open'),
    givenUp: of(score, 'givenUp'),
    horizons: of(score, 'horizons'),
    predicted: of(score, 'predicted'),
    skipped: Object.fromEntries(skipReasons.map(reason => [reason, of(score, reason)])),
    notYetDue: of(score, 'notYetDue'),
  }
}

type Sheet = Omit<PartitionBalance, 'partition'>

function add(a: Sheet, b: Sheet): Sheet {
  const names = Object.keys(a).filter(name => name !== 'skipped') as Exclude<keyof Sheet, 'skipped'>[]
  const sums = Object.fromEntries(names.map(name => [name, a[name] + b[name]])) as Omit<Sheet, 'skipped'>
  return {
    ...sums,
    skipped: Object.fromEntries(
      skipReasons.map(reason => [reason, (a.skipped[reason] ?? 0) + (b.skipped[reason] ?? 0)]),
    ),
  }
}
