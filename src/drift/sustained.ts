// One alert for one sustained shift. A shift opens after it was seen in `openAfter` evaluations in a row, and resolves
// after it was clear of the lower bound in `resolveAfter` in a row: between the two bounds nothing changes, and an
// evaluation without an answer (too few rows) counts for neither.

export type Sustained = {
  /** End of the first window of the shift at hand; null: none. */
  since: number | null
  /** Evaluations in a row that speak for a change of state. */
  count: number
  /** Since when an alert is open. */
  openedAt: number | null
}

export type Reading = 'shifted' | 'between' | 'clear' | 'unknown'
export type Patience = { readonly openAfter: number; readonly resolveAfter: number }

export function quiet(): Sustained {
  return { since: null, count: 0, openedAt: null }
}

/** Takes the next reading. @returns what it changed */
export function sustain(
  state: Sustained,
  reading: Reading,
  at: number,
  patience: Patience,
): 'opened' | 'resolved' | null {
  if (reading === 'unknown') return null
  if (state.openedAt === null) {
    if (reading !== 'shifted') {
      state.since = null
      state.count = 0
      return null
    }
    state.since ??= at
    if (++state.count < patience.openAfter) return null
    state.openedAt = at
    state.count = 0
    return 'opened'
  }
  if (reading !== 'clear') {
    state.count = 0
    return null
  }
  if (++state.count < patience.resolveAfter) return null
  Object.assign(state, quiet())
  return 'resolved'
}
