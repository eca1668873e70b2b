import { prepare } from '../../src/drift/column-drift.ts'
import { distributionOfCategories, distributionOfNumbers } from '../../src/drift/distribution.ts'
import { features } from '../../src/features/table.ts'
import { fractionOf, hash32, mix32 } from '../../src/lib/random.ts'
import type { ReadyModel } from '../../src/stages/scoring.ts'

const rows = Array.from({ length: 2000 }, (_, row) => row)

/** Of a few columns, so that windows of few rows shift and come back; the same for all models. */
const known = {
  carrier: prepare(distributionOfCategories(rows.map(row => (row % 2 === 0 ? 'UA' : 'B6')))),
  origin: prepare(distributionOfCategories(rows.map(row => (row % 2 === 0 ? 'EWR' : 'IAH')))),
  departureHour: prepare(distributionOfNumbers(rows.map(row => row % 24))),
  originTemperature: prepare(distributionOfNumbers(rows.map(row => row % 100))),
}

const reference: ReadyModel['reference'] = {
  columns: features.map(({ name }) => known[name as keyof typeof known] ?? null),
  bounds: features.map(({ name }) => (name in known ? 0.2 : null)),
  target: prepare(distributionOfCategories(rows.map(row => (row % 2 === 0 ? 'late' : 'punctual')))),
  prediction: prepare(distributionOfNumbers(rows.map(row => row / 2000))),
  heldOutAuc: 0.5,
}

/** A model whose answer depends on its own bytes and on every feature: a hash of the row. */
export function readModel(bytes: Uint8Array): ReadyModel {
  const seed = hash32(Buffer.from(bytes).toString(), 1)
  const rawOf: ReadyModel['scorer']['rawOf'] = row => {
    let sum = seed
    for (const value of row) sum = mix32(sum ^ (typeof value === 'number' ? value : hash32(String(value), seed)))
    return fractionOf(sum)
  }
  const probabilityOf = (raw: number): number => Math.floor(raw * 10_001)
  const unused = (): never => {
    throw new Error('no stage asks for this')
  }
  const score = { score: unused, scoreOne: unused, probabilities: unused, predict: unused, encode: unused }
  const scorer = { width: 0, rawOf, probabilityOf, lowOf: probabilityOf, highOf: probabilityOf, ...score }
  return { scorer, threshold: 5000, reference }
}
