// Listeners whose socket has gone and who may come back: for some rounds they live on without one, so that the frames
// they miss are made and kept (live-frames.ts has the bound), and who comes back in time goes on without a gap.

import { type Advance, type Listener, type Round, sameSubscription } from './live-frames.ts'
import type { Subscription } from './live-subscription.ts'

export type SessionLimits = { readonly sessionsMax: number; readonly sessionRoundsMax: number }

type Away = { readonly listener: Listener; readonly lastSeq: number; roundsLeft: number }

export class LiveSessions {
  readonly #limits: SessionLimits
  readonly #away = new Map<string, Away>()

  constructor(limits: SessionLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#away.size
  }

  /** One that was behind or had paused would get a snapshot anyway, and is forgotten. */
  keep(listener: Listener): void {
    const { sessionsMax, sessionRoundsMax } = this.#limits
    if (!listener.isFlowing || sessionsMax === 0) return
    for (const oldest of this.#away.keys()) {
      if (this.#away.size < sessionsMax) break
      this.#away.delete(oldest)
    }
    this.#away.set(listener.session, { listener, lastSeq: listener.lastSeq, roundsLeft: sessionRoundsMax })
  }

  /** The listener of the session, if it is still known; it is then the caller's. */
  take(session: string, subscription: Subscription): Listener | undefined {
    const away = this.#away.get(session)
    if (away === undefined || !sameSubscription(away.listener.subscription, subscription)) return undefined
    this.#away.delete(session)
    return away.listener
  }

  advance(round: Round, { hub, limits }: Pick<Advance, 'hub' | 'limits'>): void {
    for (const [session, away] of this.#away) {
      away.roundsLeft -= 1
      // Once the first frame that it can have missed is gone, it would get a snapshot anyway.
      if (away.roundsLeft < 0 || !away.listener.keeps(away.lastSeq)) this.#away.delete(session)
      else away.listener.advance(round, { hub, limits, waitingBytes: 0, send: () => undefined })
    }
  }

  clear(): void {
    this.#away.clear()
  }
}
