// The threads of a training, through the workers port.

import type { Crew } from '../forest/crew.ts'
import type { Workers } from '../runtime/workers.ts'

const workModule = new URL('./forest-crew-worker.ts', import.meta.url).href

/** As many members as `threads`, the calling thread among them; none when that is one. */
export function crewOf(workers: Workers, threads: number): Crew | undefined {
  if (threads <= 1) return undefined
  // the thread starts with the call; nothing comes from it
  return { members: threads, join: membership => void workers.run<never>(workModule, membership) }
}
