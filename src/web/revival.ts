// A pipeline that was killed and lives again, as the page sees it: away from when the connection went until the first
// snapshot of another life.

import type { Status } from './wire.ts'

export type Revival = {
  /** Wall time of the first snapshot of the new life. */
  at: number
  awayMs: number
  kills: number
}

export type Seen = { before: Status | null; after: Status | null; downAt: number; upAt: number }

/** null unless another life has begun between two states. */
export function revivalOf({ before, after, downAt, upAt }: Seen): Revival | null {
  if (before === null || after === null || after.lives <= before.lives) return null
  return { at: upAt, awayMs: Math.max(0, upAt - downAt), kills: after.lives - 1 }
}

/** How long the page expects a supervised pipeline back, and so asks again at once. */
export const awaitedMs = 15_000

/** How long it is told that it was away. */
export const toldMs = 60_000

/** One decimal: 1.9 s. */
export const secondsAway = (ms: number): string => `${(ms / 1_000).toFixed(1)}\u00a0s`
