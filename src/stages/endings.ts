// Endings: which flights may be forgotten, by the hour. Whether a flight is still remembered is asked of the flight itself,
// to the minute; this only keeps memory in bounds, so it may come an hour late and may name one that has got longer.

import { floorTo, hours } from '../lib/time.ts'

export class Endings {
  readonly #byHour = new Map<number, string[]>()
  /** The first hour that may hold something. */
  #next = Number.POSITIVE_INFINITY

  add(at: number, id: string): void {
    const hour = floorTo(at, hours(1))
    const ids = this.#byHour.get(hour)
    if (ids) ids.push(id)
    else this.#byHour.set(hour, [id])
    if (hour < this.#next) this.#next = hour
  }

  /** Takes the ids of every hour that has ended by `before`. */
  take(before: number): string[] {
    const taken: string[] = []
    for (; this.#byHour.size > 0 && this.#next + hours(1) <= before; this.#next += hours(1)) {
      const ids = this.#byHour.get(this.#next)
      if (!ids) continue
      taken.push(...ids)
      this.#byHour.delete(this.#next)
    }
    return taken
  }
}
