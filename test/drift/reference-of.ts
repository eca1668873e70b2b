// The reference of rows that are at hand, counted one by one.

import type { Reference } from '../../src/drift/reference.ts'
import { emptySketch, type Sketch, type SketchKind } from '../../src/drift/sketch.ts'
import { assert } from '../../src/lib/assert.ts'

export type TrainingRows = {
  readonly features: readonly { readonly name: string; readonly kind: SketchKind; readonly resolution?: number }[]
  /** A value per feature: a count of its resolution, a category, or null. */
  readonly rows: Iterable<readonly (number | string | null)[]>
  /** 1 for late, else 0; one per row. */
  readonly labels: ArrayLike<number>
  /** Calibrated, in ten-thousandths; one per row. */
  readonly probabilities: ArrayLike<number>
}

export function referenceOf({ features, rows, labels, probabilities }: TrainingRows): Reference {
  const sketches = features.map(({ kind }) => emptySketch(kind))
  const prediction = emptySketch('numeric')
  let [count, late] = [0, 0]
  for (const row of rows) {
    for (let column = 0; column < sketches.length; column++) {
      const value = row[column]
      assert(value !== undefined, 'a row has a value for each feature')
      ;(sketches[column] as Sketch).add(value)
    }
    assert(count < labels.length && count < probabilities.length, 'each row has a label and a probability')
    prediction.add(probabilities[count] as number)
    if (labels[count] === 1) late++
    count++
  }
  assert(count === labels.length && count === probabilities.length, 'each label and each probability has a row')
  return {
    columns: features.map(({ name, kind, resolution = 1 }, column) => {
      return { name, kind, resolution, sketch: (sketches[column] as Sketch).content(), ordinary: null }
    }),
    target: { late, punctual: count - late },
    prediction: prediction.content(),
  }
}
