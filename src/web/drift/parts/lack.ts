// What the Drift page's panels lack.

import { wallTime } from '../../format.ts'
import { noEvents } from '../../parts/no-events.ts'
import type { Lack } from '../../parts/panel.tsx'
import { status } from '../../state.ts'
import { askAgain, report, trouble } from '../store.ts'

/** Why there is no report to show; null when there is one. */
export function noReport(): Lack | null {
  const nothing = noEvents(status.value)
  if (nothing !== null) return nothing
  if (report.value) return null
  const failed = trouble.value
  if (failed !== null) {
    return { what: `Not loaded since ${wallTime(failed.since)}: ${failed.what}.`, shape: 'bad', retry: askAgain }
  }
  if (report.value === undefined) return { what: 'loading', isLoading: true }
  return {
    what: 'No window has been compared yet. It takes a model in force, and flights that are over: the first window ends an hour after them.',
  }
}
