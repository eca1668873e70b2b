// Tally: what has happened to a task in this process, for those who watch over it. Nothing in the stream depends on it.

import { failureIn } from '../lib/failure.ts'

export type Tally = {
  /** Times its state was restored here, the first one included. */
  readonly taken: number
  /** Times it was handed over to another process. */
  readonly letGo: number
  /** Times another owner was found to have claimed it. */
  readonly fenced: number
  /** Units of work thrown away, by the code of the failure; `STAGE` for a defect of the stage. */
  readonly aborted: Readonly<Record<string, number>>
  /** How long the last restoring took; null before the first. */
  readonly restoreSeconds: number | null
}

export const emptyTally: Tally = { taken: 0, letGo: 0, fenced: 0, aborted: {}, restoreSeconds: null }

/** @param inUnit whether a unit of work was open, and is lost */
export function failed(tally: Tally, error: unknown, inUnit: boolean): Tally {
  const code = failureIn(error)?.code
  const fenced = tally.fenced + (code === 'TASK_FENCED' ? 1 : 0)
  if (!inUnit) return { ...tally, fenced }
  const name = code ?? 'STAGE'
  return { ...tally, fenced, aborted: { ...tally.aborted, [name]: (tally.aborted[name] ?? 0) + 1 } }
}

/** Of a task that several engines of a process have had. The restoring is that of the last that has one. */
export function summed(tallies: readonly Tally[]): Tally {
  return tallies.reduce((sum, tally) => {
    const aborted = { ...sum.aborted }
    for (const [code, count] of Object.entries(tally.aborted)) aborted[code] = (aborted[code] ?? 0) + count
    return {
      taken: sum.taken + tally.taken,
      letGo: sum.letGo + tally.letGo,
      fenced: sum.fenced + tally.fenced,
      aborted,
      restoreSeconds: tally.restoreSeconds ?? sum.restoreSeconds,
    }
  }, emptyTally)
}
