// The log loss of a probability on record as a whole number, so that sums of losses are exact in any order.

import { assert } from '../lib/assert.ts'

const certain = 10_000
/** Losses count ten-thousandths of a nat. */
export const lossesPerNat = 10_000

const losses = Int32Array.from({ length: certain + 1 }, (_, probability) =>
  Math.round(-Math.log(Math.max(probability, 1) / certain) * lossesPerNat),
)

/**
 * -ln of the probability given to what happened, in ten-thousandths of a nat: 0 to 92,103. A probability of 0 counts as
 * one ten-thousandth, the least that can be said.
 *
 * @param probability of a late arrival, in ten-thousandths
 */
export function lossOf(probability: number, isLate: boolean): number {
  assert(Number.isInteger(probability) && probability >= 0 && probability <= certain, 'probability is 0..10000')
  return losses[isLate ? probability : certain - probability] as number
}
