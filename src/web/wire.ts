// What comes over REST and /v1/live, as the page reads it: the server's own types, and the frames that it makes of them.

import type { AirportNow, RiskPoint } from '../server/live-hub.ts'
import type { LoopNews, LoopNow } from '../server/loop.ts'
import type { Grade, LivePrediction, Status } from '../server/program.ts'

export type * from '../server/live-hub.ts'
export type * from '../server/loop.ts'
export type * from '../server/program.ts'

export type Snapshot = {
  seq: number
  type: 'snapshot'
  /** To come back with after a break: `resume=session:seq`. */
  session: string
  status: Status
  predictions: LivePrediction[]
  airports: AirportNow[]
  risk: RiskPoint[]
  /** null unless asked for. */
  drift: LoopNow | null
  /** Predictions that were made and not sent. */
  dropped?: number
}

export type Delta = {
  seq: number
  type: 'delta'
  status?: Status
  predictions?: LivePrediction[]
  grades?: Grade[]
  airports?: AirportNow[]
  risk?: RiskPoint[]
  drift?: LoopNews
  dropped?: number
}

export type ErrorFrame = { seq: number; type: 'error'; error: { code: string; title: string; detail: string } }

export type Frame = Snapshot | Delta | ErrorFrame
