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

  inOrder(): DayColumns[] {
    return [...this.#days].sort(([a], [b]) => a - b).map(([, columns]) => columns)
  }
}
