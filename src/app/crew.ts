// The threads of a training outside of the pipeline.

import { crewOf } from '../adapters/forest-crew.ts'
import { WorkersThreads } from '../adapters/workers-threads.ts'
import type { Crew } from '../forest/crew.ts'

export type OpenCrew = { readonly crew: Crew | undefined; readonly close: () => Promise<void> }

export function openCrew(threads: number): OpenCrew {
  const workers = new WorkersThreads()
  return { crew: crewOf(workers, threads), close: () => workers.close() }
}
