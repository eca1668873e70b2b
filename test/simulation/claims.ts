// What the claims of checks.ts and loop-checks.ts are made with.

import type { Entry, Played } from './world.ts'

/** Records of all partitions of a topic. */
export function all(played: Played, topic: string): Entry[] {
  return (played.topics.get(topic) ?? []).flat()
}

/** Their values, of one record type or of any. */
export function values<T>(played: Played, topic: string, name?: string): T[] {
  const entries = all(played, topic).filter(entry => name === undefined || entry.name === name)
  return entries.map(entry => entry.value as T)
}

/** @returns nothing, or what does not hold */
export function claim(holds: boolean, what: () => string): string[] {
  return holds ? [] : [what()]
}
