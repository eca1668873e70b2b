import { fractionOf, hash32, mix32 } from '../../src/lib/random.ts'
import type { ReadyModel } from '../../src/stages/scoring.ts'

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
  return { scorer, threshold: 5000, reference: null }
}
