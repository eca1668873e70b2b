// Silences: for some event hours the webhook says nothing of alerts of a kind, because somebody knows of it. What is judged,
// what is on record and what the page shows stays as it is: a silence is kept beside the stream, and no digest knows it.

import type { AlertKind } from '../records.ts'
import type { Blobs } from '../runtime/blobs.ts'

export type Silence = {
  readonly kind: AlertKind | 'ALL'
  /** Event time; alerts that open from `from` up to, and not with, `until`. */
  readonly from: number
  readonly until: number
  readonly reason: string
}

const address = 'webhook/silences.json'
/** Older ones are forgotten. */
const keptMax = 100

export class Silences {
  readonly #blobs: Blobs
  #all: readonly Silence[]
  #turn: Promise<unknown> = Promise.resolve()

  static async open(blobs: Blobs): Promise<Silences> {
    const [known] = await blobs.list(address)
    return new Silences(blobs, known ? (JSON.parse(Buffer.from(await blobs.get(known)).toString()) as Silence[]) : [])
  }

  private constructor(blobs: Blobs, all: readonly Silence[]) {
    this.#blobs = blobs
    this.#all = all
  }

  /** Those that have not ended by `at`, newest first. */
  at(at: number): readonly Silence[] {
    return this.#all.filter(({ until }) => until > at)
  }

  /** Kept before it counts. One of no length ends those of its kind that last. */
  async add(silence: Silence): Promise<void> {
    const added = this.#turn.catch(() => undefined).then(() => this.#add(silence))
    this.#turn = added
    await added
  }

  async #add(silence: Silence): Promise<void> {
    const { kind, from, until } = silence
    const ended = this.#all.map(each =>
      each.kind === kind && each.until > from ? { ...each, until: Math.max(each.from, from) } : each,
    )
    const all = (until > from ? [silence, ...this.#all] : ended).slice(0, keptMax)
    await this.#blobs.put(address, Buffer.from(JSON.stringify(all)))
    this.#all = all
  }

  covers(kind: AlertKind, openedAt: number): boolean {
    return this.#all.some(each => {
      return (each.kind === 'ALL' || each.kind === kind) && openedAt >= each.from && openedAt < each.until
    })
  }
}
