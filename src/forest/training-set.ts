// What a trainer is given: labelled rows in the order of time, the later ones held out, as columns of typed arrays, so
// that a set goes to another thread in a few copies of memory.

import type { TrainingFeature } from './bins.ts'
import type { FeatureRow, FeatureValue, TrainedOn } from './model.ts'

export type TrainingSet = {
  /** What the columns hold, in order. */
  readonly features: readonly TrainingFeature[]
  readonly columns: readonly TrainingColumn[]
  /** 1 for late, 0 for on time; one a row. */
  readonly labels: Uint8Array
  /** How much each row counts, above 0; 1 if absent. */
  readonly weights?: Float64Array
  /** Rows before it grow trees; calibration, interval and threshold are fitted to those from it on. */
  readonly heldOutFrom: number
  /** 32-bit. */
  readonly seed: number
  /** By name, as the algorithm has them; what is left out has the algorithm's default. */
  readonly parameters: Readonly<Record<string, number | string | boolean | null>>
  readonly horizonsMinutes: readonly number[]
  /** Where the rows come from and why this is done. */
  readonly origin: Omit<TrainedOn, 'rows' | 'parameters' | 'seed' | 'metrics'>
  readonly parent: string | null
}

/** Numbers as they are, or the index of each category; `missingIn` the values where there is none. */
export type TrainingColumn = {
  /** Two bytes a value where all of them have room in it. */
  readonly values: Int16Array | Int32Array
  /** null: numeric. In the order in which they were first met. */
  readonly categories: readonly string[] | null
}

/** In four bytes; no value is as low as that: they lie within +-2^29. */
export const missing = -(2 ** 31)
const shortMissing = -(2 ** 15)

export function missingIn(values: TrainingColumn['values']): number {
  return values instanceof Int16Array ? shortMissing : missing
}

export function packColumn(kind: 'numeric' | 'categorical', values: readonly FeatureValue[]): TrainingColumn {
  if (kind === 'numeric') {
    return {
      values: Int32Array.from(values, value => (value === null ? missing : (value as number))),
      categories: null,
    }
  }
  const codes = new Map<string, number>()
  const codeOf = (value: FeatureValue): number => {
    if (value === null) return missing
    const code = codes.get(value as string) ?? codes.size
    codes.set(value as string, code)
    return code
  }
  return { values: Int32Array.from(values, codeOf), categories: [...codes.keys()] }
}

/** The rows `from` up to `to`, exclusive. */
export function rowsOf({ columns }: Pick<TrainingSet, 'columns'>, from: number, to: number): FeatureRow[] {
  const rows: FeatureRow[] = []
  for (let row = from; row < to; row++) {
    rows.push(
      columns.map(({ values, categories }) => {
        const value = values[row] as number
        if (value === missingIn(values)) return null
        return categories ? (categories[value] as string) : value
      }),
    )
  }
  return rows
}
