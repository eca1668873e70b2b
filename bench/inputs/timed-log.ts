// A log that notes when what was committed, and is otherwise the one behind it. Nothing is decoded while it runs: a note
// is an instant and a count, and which record it stands for is read from the topic afterwards, where the same records
// lie in the same order.

import type { Append, Claim, Log } from '../../src/runtime/log.ts'

/** One commit: milliseconds before the call and after it, and how many records it held (of a partition). */
export type Note = { calledAt: number; doneAt: number; count: number }

export type TimedLog = {
  readonly log: Log
  /** Of a partition watched, in the order of its commits. */
  readonly notes: (topic: string, partition: number) => readonly Note[]
  /** Commits of a task, with the records of all topics but changelogs. */
  readonly units: (task: string) => readonly Note[]
}

export function timedLog(inner: Log, watched: readonly string[]): TimedLog {
  const notes = new Map<string, Note[]>()
  const units = new Map<string, Note[]>()
  const listOf = (map: Map<string, Note[]>, key: string): Note[] => {
    const found = map.get(key) ?? []
    map.set(key, found)
    return found
  }
  const timed = async (task: string, claim: Claim, appends: readonly Append[]) => {
    const calledAt = performance.now()
    await claim.commit(appends)
    const doneAt = performance.now()
    const counts = new Map<string, number>()
    let all = 0
    for (const { topic, partition } of appends) {
      if (!topic.endsWith('.changelog')) all++
      if (!watched.includes(topic)) continue
      const key = `${topic}/${partition}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    for (const [key, count] of counts) listOf(notes, key).push({ calledAt, doneAt, count })
    if (all > 0) listOf(units, task).push({ calledAt, doneAt, count: all })
  }
  const log: Log = {
    createTopics: specs => inner.createTopics(specs),
    topics: () => inner.topics(),
    read: (topic, partition, from, limits) => inner.read(topic, partition, from, limits),
    bounds: (topic, partition) => inner.bounds(topic, partition),
    trim: (topic, partition, before) => inner.trim(topic, partition, before),
    settled: () => inner.settled(),
    isDecided: (topic, partition) => inner.isDecided(topic, partition),
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
    units: task => units.get(task) ?? [],
  }
}
