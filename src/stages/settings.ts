import type { Airports } from '../flights/airports.ts'

/** What the stages need to know and cannot see in a record. Part of the pipeline's version. */
export type StageSettings = {
  /** Of the pipeline: features, horizons and rules; named in every frame. */
  readonly version: string
  /** How far behind a mark the watermark stays. */
  readonly latenessMs: number
  /** How far ahead of the last mark an event may be. */
  readonly aheadMs: number
  /** Width of a frame. */
  readonly windowMs: number
  /** A promotion takes effect at a multiple of this. */
  readonly stepMs: number
  /** Minutes before the planned departure, distinct. */
  readonly horizonsMinutes: readonly number[]
  readonly airports: Airports
}
