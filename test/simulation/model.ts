import { features } from '../../src/features/table.ts'
import { fractionOf, hash32 } from '../../src/lib/random.ts'
import type { ReadyModel } from '../../src/stages/scoring.ts'

/** A model whose answer depends on its own bytes and on every feature: a hash of the row. */
export function readModel(bytes: Uint8Array): ReadyModel {
  const seed = hash32(Buffer.from(bytes).toString(), 1)
  const encode: ReadyModel['scorer']['encode'] = (row, into, at) => {
    for (let i = 0; i < features.length; i++) into[at + i] = hash32(String(row[i]), seed + i)
  }
  const scoreOne = (rows: Int32Array, at: number): number => {
    let sum = seed
    for (let i = 0; i < features.length; i++) sum = Math.imul(sum ^ (rows[at + i] as number), 0x01000193)
    return fractionOf(sum >>> 0)
  }
  const probabilityOf = (raw: number): number => Math.floor(raw * 10_001)
  const unused = (): never => {
    throw new Error('no stage asks for this')
  }
  const scorer = {
    width: features.length,
    encode,
    scoreOne,
    probabilityOf,
    lowOf: probabilityOf,
    highOf: probabilityOf,
    score: unused,
    rawOf: unused,
    probabilities: unused,
    predict: unused,
  }
  return { scorer, threshold: 5000 }
}
