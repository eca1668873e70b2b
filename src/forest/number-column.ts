// Doubles as the whole numbers that trees compare. Values that are whole multiples of a power of ten keep all that they
// say: 12.3 and 7.25 become 1230 and 725 steps of 0.01. Others are rounded to the finest step that the range allows, the
// largest of them to 8 or 9 digits. An infinity is as far as values go.

import { valueMax } from './model.ts'
import { missing } from './training-set.ts'

/** `resolution` is what one step is worth. */
export type NumberColumn = { readonly values: Int32Array; readonly resolution: number }

/** NaN is a missing value. */
export function numberColumn(numbers: Float64Array): NumberColumn {
  let largest = 0
  for (const number of numbers) {
    const size = Math.abs(number)
    if (size > largest && size !== Number.POSITIVE_INFINITY) largest = size
  }
  const resolution = resolutionOf(numbers, largest)
  const values = new Int32Array(numbers.length)
  for (let row = 0; row < numbers.length; row++) values[row] = stepsOf(numbers[row] as number, resolution)
  return { values, resolution }
}

/** The number in steps of the resolution, half up; `missing` for NaN. */
export function stepsOf(number: number, resolution: number): number {
  if (Number.isNaN(number)) return missing
  // + 0: there is one zero
  return Math.min(valueMax, Math.max(-valueMax, Math.round(number / resolution))) + 0
}

const digitsMax = 9
/** 1e-307 is the smallest step whose doubles have all their digits. */
const smallest = 307

function resolutionOf(numbers: Float64Array, largest: number): number {
  // the last power of ten by which the largest number may be multiplied
  const room = largest === 0 ? digitsMax : Math.min(smallest, Math.floor(Math.log10(valueMax) - Math.log10(largest)))
  for (let digits = 0; digits <= Math.min(digitsMax, room); digits++) {
    const resolution = powerOfTen(-digits)
    if (numbers.every(number => isWhole(number / resolution))) return resolution
  }
  return powerOfTen(-room)
}

/** Or missing, or infinite; a quotient of doubles may miss the whole number by its last bits. */
function isWhole(number: number): boolean {
  if (!Number.isFinite(number)) return true
  return Math.abs(number - Math.round(number)) <= Math.abs(number) * 2 ** -50
}

/** The nearest double, as it is written: 0.001 and not 0.0010000000000000002. */
function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`)
}
