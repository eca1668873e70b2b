// Facts of tasks for those who watch over them: how much lies behind each, by topic, and what has happened to it here.

import type { Engines } from '../runtime/engines.ts'
import type { Log } from '../runtime/log.ts'
import type { Position } from '../runtime/state.ts'
import type { TaskFacts } from '../server/program.ts'

/** Records of each input topic behind a position. On Kafka markers of transactions count. @throws Failure LOG_UNREACHABLE */
export async function lagsAt(position: Position, log: Pick<Log, 'bounds'>): Promise<TaskFacts['lags']> {
  const lags = new Map<string, number>()
  const ends = Object.entries(position).map(async ([input, at]) => {
    const slash = input.lastIndexOf('/')
    const topic = input.slice(0, slash)
    const { next } = await log.bounds(topic, Number(input.slice(slash + 1)))
    lags.set(topic, (lags.get(topic) ?? 0) + Math.max(0, next - at))
  })
  await Promise.all(ends)
  return [...lags].map(([topic, lag]) => ({ topic, lag })).sort((a, b) => (a.topic < b.topic ? -1 : 1))
}

/** Of all tasks, and those that were let go. @param lagsOf by name, as they were when last looked at */
export function factsOf(engines: Engines, lagsOf: (task: string) => TaskFacts['lags']): TaskFacts[] {
  return engines.known.map(({ name, stage, partition }) => {
    return { stage, partition, lags: lagsOf(name), tally: engines.tallyOf(name) }
  })
}
