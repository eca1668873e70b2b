// The frames that one listener gets, as a state machine without a socket: fresh or behind -> snapshot -> deltas, with
// pauses. What is the same for all listeners (status, airports, risk) is turned into text once a round.
//
//     fresh --snapshot--> flowing --buffer full--> behind --buffer drained, snapshot--> flowing
//     any --pause--> paused --resume--> flowing (the frames missed, from the kept ones) or fresh
//
// A listener outlives its socket for a while (live-sessions.ts): `session` names it in every snapshot.

import type { Flush, LiveHub } from './live-hub.ts'
import { matches } from './live-hub.ts'
import type { Subscription } from './live-subscription.ts'
import type { Problem } from './problem.ts'
import type { Grade, LivePrediction } from './program.ts'

/** Predictions in one frame; what does not fit is counted in `dropped`. */
export const predictionsPerFrameMax = 60

/** Above this many grades in a round, a listener gets those of the flights that it was sent, and no others. */
export const gradesPerFrameMax = 240

/** Flights remembered as sent. */
const sentMax = 2_000

/** Frames kept a listener, so that it can resume without a snapshot: at most so many, and so many characters. */
export const framesKept = 120
const charactersKept = 262_144

export type Round = { readonly flush: Flush; readonly shared: SharedParts }

type SharedParts = { readonly status: string; readonly airports: string; readonly risk: string; readonly drift: string }

export function roundOf(flush: Flush): Round {
  const { airports, risk, loop } = flush
  return {
    flush,
    shared: {
      status: `"status":${JSON.stringify(flush.status)}`,
      airports: airports.length === 0 ? '' : `"airports":${JSON.stringify(airports)}`,
      risk: risk.length === 0 ? '' : `"risk":${JSON.stringify(risk)}`,
      drift: loop === null ? '' : `"drift":${JSON.stringify(loop)}`,
    },
  }
}

export type Advance = {
  readonly hub: LiveHub
  /** Bytes sent to this listener that its socket has not taken yet. */
  readonly waitingBytes: number
  readonly limits: { readonly waitingBytesMax: number }
  readonly send: (text: string) => void
}

export class Listener {
  readonly subscription: Subscription
  /** Random, and so known to whom it was sent alone. */
  readonly session: string
  #state: 'fresh' | 'flowing' | 'behind' | 'paused' = 'fresh'
  #seq = 0
  #dropped = 0
  #kept: { seq: number; text: string }[] = []
  #charactersKept = 0
  readonly #sent = new Set<string>()

  constructor(subscription: Subscription, session: string) {
    this.subscription = subscription
    this.session = session
  }

  get isFlowing(): boolean {
    return this.#state === 'flowing'
  }

  get lastSeq(): number {
    return this.#seq - 1
  }

  /** Whether the frame with this number can be sent again. */
  keeps(seq: number): boolean {
    return this.#kept.some(frame => frame.seq === seq)
  }

  /** Sends what this round has for this listener. */
  advance(round: Round, { hub, waitingBytes, limits, send }: Advance): void {
    if (this.#state === 'paused') return this.#skip(round)
    if (waitingBytes > limits.waitingBytesMax) {
      this.#state = 'behind'
      return this.#skip(round)
    }
    // Not at once when it falls below the limit: a snapshot would fill it again.
    if (this.#state === 'behind' && waitingBytes > limits.waitingBytesMax / 4) return this.#skip(round)
    const body = this.#state === 'flowing' ? this.#delta(round) : this.#snapshot(hub)
    this.#state = 'flowing'
    if (body === undefined) return
    this.#dropped = 0
    send(this.#frame(body))
  }

  pause(): void {
    this.#state = 'paused'
  }

  /** @returns frames to send at once; when there are none the next round brings a snapshot */
  resume(seq: number | undefined): string[] {
    const missed = this.#kept.filter(frame => seq !== undefined && frame.seq > seq)
    const isWhole = seq !== undefined && (seq === this.#seq - 1 || missed[0]?.seq === seq + 1)
    // What happened during a pause, or while it was behind, is in no kept frame.
    if (this.#state === 'flowing' && isWhole) return missed.map(frame => frame.text)
    this.#state = 'fresh'
    return []
  }

  errorFrame({ code, title, detail, field, help }: Problem): string {
    const error = {
      code,
      title,
      detail,
      ...(field === undefined ? {} : { field }),
      ...(help === undefined ? {} : { help }),
    }
    return this.#frame(`"type":"error",${JSON.stringify(error).slice(1, -1)}`)
  }

  #snapshot(hub: LiveHub): string {
    const { topics, filter } = this.subscription
    const { status, predictions, airports, risk, loop } = hub.snapshot(filter, predictionsPerFrameMax)
    const parts = {
      type: 'snapshot',
      session: this.session,
      status,
      predictions: topics.has('predictions') ? this.#noted(predictions) : [],
      airports: topics.has('airports') ? airports : [],
      risk: topics.has('airports') ? risk : [],
      drift: topics.has('drift') ? loop : null,
      ...(this.#dropped === 0 ? {} : { dropped: this.#dropped }),
    }
    return JSON.stringify(parts).slice(1, -1)
  }

  /** undefined when there is nothing new in what this listener asked for. */
  #delta({ flush, shared }: Round): string | undefined {
    const { topics, filter } = this.subscription
    const parts: string[] = []
    if (topics.has('status')) parts.push(shared.status)
    if (topics.has('predictions')) {
      const wanted = flush.predictions.filter(prediction => matches(filter, prediction))
      const predictions = this.#noted(wanted.slice(0, predictionsPerFrameMax))
      this.#dropped += wanted.length - predictions.length + flush.overflow
      const grades = this.#grades(flush)
      if (predictions.length > 0) parts.push(`"predictions":${JSON.stringify(predictions)}`)
      if (grades.length > 0) parts.push(`"grades":${JSON.stringify(grades)}`)
    }
    if (topics.has('airports')) parts.push(...[shared.airports, shared.risk].filter(text => text !== ''))
    if (topics.has('drift') && shared.drift !== '') parts.push(shared.drift)
    if (parts.length === 0) return undefined
    if (this.#dropped > 0) parts.push(`"dropped":${this.#dropped}`)
    return `"type":"delta",${parts.join(',')}`
  }

  #grades({ grades }: Flush): Grade[] {
    const { filter } = this.subscription
    const isFiltered = Object.keys(filter).length > 0
    const wanted = grades
      .filter(({ flight }) => (flight === null ? !isFiltered : matches(filter, flight)))
      .map(({ grade }) => grade)
    if (wanted.length <= gradesPerFrameMax) return wanted
    return wanted.filter(grade => this.#sent.has(grade.flightId)).slice(-gradesPerFrameMax)
  }

  /** Remembers the flights of what is about to be sent. */
  #noted(predictions: readonly LivePrediction[]): readonly LivePrediction[] {
    for (const { flightId } of predictions) this.#sent.add(flightId)
    for (const flightId of this.#sent) {
      if (this.#sent.size <= sentMax) break
      this.#sent.delete(flightId)
    }
    return predictions
  }

  #skip({ flush }: Round): void {
    this.#dropped += flush.predictions.filter(prediction => matches(this.subscription.filter, prediction)).length
    this.#dropped += flush.overflow
  }

  #frame(body: string): string {
    const seq = this.#seq
    this.#seq += 1
    const text = `{"seq":${seq},${body}}`
    this.#kept.push({ seq, text })
    this.#charactersKept += text.length
    while (this.#kept.length > framesKept || this.#charactersKept > charactersKept) {
      this.#charactersKept -= this.#kept.shift()?.text.length ?? 0
    }
    return text
  }
}

/** Whether both get the same frames. */
export function sameSubscription(a: Subscription, b: Subscription): boolean {
  const textOf = ({ topics, filter }: Subscription) =>
    JSON.stringify([[...topics].sort(), Object.entries(filter).map(String).sort()])
  return textOf(a) === textOf(b)
}
