// What of the loop waits for the next flush of the live socket: the newest metrics, and each alert, request, decision
// and shadow test in its newest state. Bounded: of each kind the newest 200.

import type { LoopChange, LoopNews, LoopNow } from './loop.ts'

const eachMax = 200

export class LoopWaiting {
  #metrics: LoopNow['metrics'] = null
  readonly #alerts = new Map<string, LoopNow['alerts'][number]>()
  readonly #requests = new Map<string, LoopNow['requests'][number]>()
  readonly #decisions = new Map<string, LoopNow['decisions'][number]>()
  readonly #shadowTests = new Map<string, LoopNow['shadowTests'][number]>()

  changed(change: LoopChange): void {
    if ('metrics' in change) this.#metrics = change.metrics
    else if ('alert' in change) put(this.#alerts, change.alert.id, change.alert)
    else if ('request' in change) put(this.#requests, change.request.id, change.request)
    else if ('decision' in change) put(this.#decisions, change.decision.id, change.decision)
    else put(this.#shadowTests, `${change.shadowTest.challenger} ${change.shadowTest.at}`, change.shadowTest)
  }

  /** Newest first; null when nothing is new. */
  take(): LoopNews | null {
    const news: LoopNews = {
      ...(this.#metrics === null ? {} : { metrics: this.#metrics }),
      ...taken('alerts', this.#alerts),
      ...taken('requests', this.#requests),
      ...taken('decisions', this.#decisions),
      ...taken('shadowTests', this.#shadowTests),
    }
    this.#metrics = null
    return Object.keys(news).length === 0 ? null : news
  }
}

function put<T>(map: Map<string, T>, id: string, value: T): void {
  map.delete(id)
  map.set(id, value)
  for (const oldest of map.keys()) {
    if (map.size <= eachMax) break
    map.delete(oldest)
  }
}

function taken<const Name extends string, T>(name: Name, map: Map<string, T>): { [N in Name]?: T[] } {
  if (map.size === 0) return {}
  const values = [...map.values()].reverse()
  map.clear()
  return { [name]: values } as { [N in Name]: T[] }
}
