// A log as it stood at one moment, to read what belongs together while a pipeline goes on writing. A moment over several
// topics needs an order, since no log says how far all of them are at once: ends are taken downstream first, so that for
// every record that is seen, what it was made of is seen too.

import type { Chunk, Log } from './log.ts'

/**
 * What is appended from now on is not seen in it; all else is the log's own.
 * @param downstreamFirst topics in the order in which their ends are taken; those not named come last
 */
export async function asOfNow(log: Log, downstreamFirst: readonly string[]): Promise<Log> {
  const specs = await log.topics()
  const others = specs.map(({ name }) => name).filter(name => !downstreamFirst.includes(name))
  const ends = new Map<string, readonly number[]>()
  for (const topic of [...downstreamFirst, ...others]) {
    const count = specs.find(({ name }) => name === topic)?.partitions ?? 0
    const partitions = Array.from({ length: count }, (_, partition) => log.bounds(topic, partition))
    ends.set(
      topic,
      (await Promise.all(partitions)).map(({ next }) => next),
    )
  }
  const endOf = (topic: string, partition: number) => ends.get(topic)?.[partition] ?? 0
  return {
    createTopics: added => log.createTopics(added),
    topics: async () => specs,
    read: async (topic, partition, from, limits) => {
      const end = endOf(topic, partition)
      if (from >= end) return { records: [], next: from }
      return until(end, await log.read(topic, partition, from, limits))
    },
    bounds: async (topic, partition) => {
      const { first } = await log.bounds(topic, partition)
      return { first, next: Math.max(first, endOf(topic, partition)) }
    },
    claim: task => log.claim(task),
    trim: (topic, partition, before) => log.trim(topic, partition, before),
    settled: () => log.settled(),
    isDecided: (topic, partition) => log.isDecided(topic, partition),
    onAppend: listener => log.onAppend(listener),
    close: () => log.close(),
  }
}

function until(end: number, chunk: Chunk): Chunk {
  if (chunk.next <= end) return chunk
  return { ...chunk, records: chunk.records.filter(({ offset }) => offset < end), next: end }
}
