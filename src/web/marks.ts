// States as word and shape. The colour comes from the shape's class and is never the only sign.

import type { LinkState } from './link.ts'
import type { LivePrediction, StageState, Status } from './wire.ts'

/** Circle, triangle, square, hollow circle, dash. */
export type Shape = 'ok' | 'warn' | 'bad' | 'idle' | 'none'

export type Mark = { shape: Shape; word: string }

/** A page without a frame for this long, on an open socket, shows old data. */
export const staleAfterMs = 5_000

export type LiveFacts = { link: LinkState; status: Status | null; frameAt: number; now: number }

export type Liveness = Mark & { is: 'connecting' | 'offline' | 'stale' | 'starting' | 'paused' | 'ended' | 'live' }

export function livenessOf({ link, status, frameAt, now }: LiveFacts): Liveness {
  if (link.phase === 'down') return { is: 'offline', shape: 'bad', word: 'offline' }
  if (link.phase === 'connecting' || status === null) return { is: 'connecting', shape: 'none', word: 'connecting' }
  if (now - frameAt > staleAfterMs) return { is: 'stale', shape: 'warn', word: 'stale' }
  if (!status.ready) return { is: 'starting', shape: 'idle', word: 'starting' }
  if (status.replay?.done) return { is: 'ended', shape: 'idle', word: 'replay ended' }
  if (status.replay?.paused) return { is: 'paused', shape: 'idle', word: 'paused' }
  return { is: 'live', shape: 'ok', word: 'live' }
}

const stageShapes: Record<StageState, Shape> = {
  running: 'ok',
  idle: 'idle',
  parked: 'warn',
  restoring: 'warn',
  failed: 'bad',
}

/** Also for a partition's state, which is any word. */
export function stageMark(state: string): Mark {
  return { shape: stageShapes[state as StageState] ?? 'none', word: state }
}

/** What became of a prediction. */
export function gradeMark({ skipped, late, grade }: LivePrediction): Mark {
  if (grade === null) return skipped === null ? { shape: 'idle', word: 'open' } : { shape: 'none', word: 'skipped' }
  if (grade.kind === 'CANCELLED') return { shape: 'warn', word: 'cancelled' }
  if (grade.kind === 'GIVEN_UP') return { shape: 'none', word: 'given up' }
  if (late === null || grade.label === null) return { shape: 'none', word: 'landed' }
  return late === grade.label ? { shape: 'ok', word: 'hit' } : { shape: 'bad', word: 'miss' }
}

/** 0 (little) to 4 (much): the step of the one-hue ramp. Null has no step. */
export function riskStep(probability: number | null): number | null {
  if (probability === null) return null
  return riskSteps.filter(from => probability >= from).length
}

/** Where the steps 1 to 4 begin. */
export const riskSteps = [0.1, 0.2, 0.35, 0.5]
