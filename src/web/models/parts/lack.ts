// What the Models page's panels lack.

import { wallTime } from '../../format.ts'
import type { Lack } from '../../parts/panel.tsx'
import { askAgain, models, trouble } from '../store.ts'

/** Why there are no versions to show; null when there are. */
export function noModels(): Lack | null {
  if (models.value !== null && models.value.versions.length > 0) return null
  if (models.value !== null) {
    return {
      what: 'No model is registered yet. One comes with the program, and others are trained.',
      command: 'slipstream runs train',
    }
  }
  return notLoaded()
}

export function notLoaded(): Lack {
  const failed = trouble.value
  if (failed === null) return { what: 'loading', isLoading: true }
  return { what: `Not loaded since ${wallTime(failed.since)}: ${failed.what}.`, shape: 'bad', retry: askAgain }
}
