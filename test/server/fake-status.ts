// Stages and balance sheet of the fake program: as those of a pipeline that keeps up.

import type { Status, TaskFacts } from '../../src/server/program.ts'

const minuteMs = 60_000
export const partitionCount = 4

export function stagesOf({
  eventTime,
  isMoving,
  position,
}: {
  eventTime: number
  isMoving: boolean
  position: number
}): Status['stages'] {
  return ['ingest', 'observe', 'seal', 'score', 'register'].map((name, index) => {
    const isIdle = name === 'register' || !isMoving
    const partitions = name === 'seal' || name === 'register' ? 1 : partitionCount
    const watermark = name === 'register' ? null : eventTime - index * 10 * minuteMs
    return {
      name,
      recordsPerSecond: isIdle ? 0 : Math.round(200 / (index + 1)),
      lag: isIdle ? 0 : index * 3,
      state: isIdle ? ('idle' as const) : ('running' as const),
      watermark,
      why: name === 'register' ? 'no command has come' : null,
      partitions: Array.from({ length: partitions }, (_, partition) => ({
        partition,
        position: Math.floor(position / partitions),
        lag: isIdle ? 0 : index,
        watermark,
        state: isIdle ? 'idle' : 'running',
      })),
    }
  })
}

/** All at home and well, but for one that was handed over. */
export function tasksOf(stages: Status['stages']): TaskFacts[] {
  return stages.flatMap(({ name, partitions }) =>
    partitions.map(({ partition, lag }): TaskFacts => {
      const isMoved = name === 'score' && partition === 1
      return {
        stage: name,
        partition,
        lags: [{ topic: name === 'ingest' ? 'flights.events' : 'flights.timeline', lag }],
        tally: isMoved
          ? { taken: 2, letGo: 1, fenced: 1, aborted: { TASK_FENCED: 1, COMMIT_UNKNOWN: 2 }, restoreSeconds: 1.5 }
          : { taken: 1, letGo: 0, fenced: 0, aborted: {}, restoreSeconds: 0.25 },
      }
    }),
  )
}

type Counts = {
  events: number
  predictions: number
  skipped: number
  outcomes: number
  cancelled: number
  flights: number
}

/** Shared out among the partitions so that every row, and the whole, adds up. */
export function balanceOf(counts: Counts): Status['balance'] {
  const shareOf = (total: number, partition: number) =>
    Math.floor(total / partitionCount) + (partition < total % partitionCount ? 1 : 0)
  const partitions = Array.from({ length: partitionCount }, (_, partition) => {
    const timeline = shareOf(counts.events, partition)
    const rejected = shareOf(3, partition)
    const flights = shareOf(counts.flights, partition)
    const cancelled = shareOf(counts.cancelled, partition)
    const settled = shareOf(counts.outcomes - counts.cancelled, partition)
    const predicted = shareOf(counts.predictions, partition)
    const skippedCount = shareOf(counts.skipped, partition)
    return {
      partition,
      in: timeline + 40 + 2 + rejected,
      timeline,
      held: 40,
      duplicates: 2,
      rejected,
      late: shareOf(12, partition),
      flights,
      settled: settled + cancelled,
      open: flights - settled - cancelled,
      givenUp: 0,
      cancelled,
      horizons: flights,
      predicted,
      skipped: { CANCELLED: skippedCount },
      notYetDue: flights - predicted - skippedCount,
    }
  })
  return { partitions, even: true }
}
