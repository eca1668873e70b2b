// A log that notes when what was committed, and is otherwise the one behind it. Nothing is decoded while it runs: a note
// is an instant and a count, and which record it stands for is read from the topic afterwards, where the same records
// lie in the same order.

import type { Append, Claim, Log } from '../../src/runtime/log.ts'

/** One commit: milliseconds before the call and after it, and how many records of the partition were in it. */
export type Note = { calledAt: number; doneAt: number; count: number }

export type TimedLog = {
  readonly log: Log
  /** Of a partition watched, in the order of its commits. */
  readonly notes: (topic: string, partition: number) => readonly Note[]
  /** Sizes of the commits of a task, in records of all topics but changelogs. */
  readonly unitSizes: (task: string) => readonly number[]
}

export function timedLog(inner: Log, watched: readonly string[]): TimedLog {
  const notes = new Map<string, Note[]>()
  const sizes = new Map<string, number[]>()
  const listOf = <T>(map: Map<string, T[]>, key: string): T[] => {
    const found = map.get(key) ?? []
    map.set(key, found)
    return found
  }
  const timed = async (task: string, claim: Claim, appends: readonly Append[]) => {
    const calledAt = performance.now()
    await claim.commit(appends)
    const doneAt = performance.now()
    const counts = new Map<string, number>()
    let size = 0
    for (const { topic, partition } of appends) {
      if (!topic.endsWith('.changelog')) size++
      if (!watched.includes(topic)) continue
      const key = `${topic}/${partition}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    for (const [key, count] of counts) listOf(notes, key).push({ calledAt, doneAt, count })
    if (size > 0) listOf(sizes, task).push(size)
  }
  const log: Log = {
    createTopics: specs => inner.createTopics(specs),
    topics: () => inner.topics(),
    read: (topic, partition, from, limits) => inner.read(topic, partition, from, limits),
    bounds: (topic, partition) => inner.bounds(topic, partition),
    trim: (topic, partition, before) => inner.trim(topic, partition, before),
    onAppend: listener => inner.onAppend(listener),
    close: () => inner.close(),
    claim: async task => {
      const claim = await inner.claim(task)
      return { commit: appends => timed(task, claim, appends), release: () => claim.release() }
    },
  }
  return {
    log,
    notes: (topic, partition) => notes.get(`${topic}/${partition}`) ?? [],
    unitSizes: task => sizes.get(task) ?? [],
  }
}
