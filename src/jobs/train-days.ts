// What single UTC days of departure looked like in the rows of a training: a sketch a column and day.

import { emptySketch, type Sketch, type SketchKind } from '../drift/sketch.ts'
import { days, floorTo } from '../lib/time.ts'
import type { OutcomeRow } from '../records.ts'

/** The sketches of a day, in the order of the feature table. */
export type DayColumns = readonly Sketch[]

export class TrainDays {
  readonly #kinds: readonly SketchKind[]
  readonly #days = new Map<number, DayColumns>()

  constructor(kinds: readonly SketchKind[]) {
    this.#kinds = kinds
  }

  add(departureAt: number, values: Readonly<OutcomeRow['features']>): void {
    const day = floorTo(departureAt, days(1))
    let columns = this.#days.get(day)
    if (!columns) this.#days.set(day, (columns = this.#kinds.map(emptySketch)))
    for (let column = 0; column < columns.length; column++) (columns[column] as Sketch).add(values[column] ?? null)
  }

  /** Whole days from `from` on and up to `to`, in their order. */
  between(from: number, to: number): DayColumns[] {
    const within = [...this.#days].filter(([day]) => day >= from && day + days(1) <= to)
    return within.sort(([a], [b]) => a - b).map(([, columns]) => columns)
  }

  /** Days that begin before it. */
  forget(before: number): void {
    for (const day of this.#days.keys()) if (day < before) this.#days.delete(day)
  }
}
