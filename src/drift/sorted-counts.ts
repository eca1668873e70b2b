// Ascending values with the rows that have each: what numeric sketches are made of, and the walks over several at once.

import { assert } from '../lib/assert.ts'

/** Ascending values and their counts, from `at` to before `end`. */
export type Run = {
  readonly values: ArrayLike<number>
  readonly counts: ArrayLike<number>
  at: number
  end: number
}

/** So many entries are sorted faster by a loop than by a call. */
const fewEntries = 64

/**
 * Walks to the ends of all three: what there is and what comes, less what goes.
 * @param to where in `values` and `counts` the result begins
 * @returns where it ends
 */
export function slideRun(
  { own, coming, going }: { readonly own: Run; readonly coming: Run; readonly going: Run },
  values: Int32Array,
  counts: Float64Array,
  to: number,
): number {
  const { values: ownValues, counts: ownCounts, end: ownEnd } = own
  const { values: comeValues, counts: comeCounts, end: comeEnd } = coming
  const { values: goneValues, counts: goneCounts, end: goneEnd } = going
  let [at, come, gone] = [own.at, coming.at, going.at]
  while (come < comeEnd || gone < goneEnd) {
    const isComing =
      gone === goneEnd || (come < comeEnd && (comeValues[come] as number) <= (goneValues[gone] as number))
    const value = (isComing ? comeValues[come] : goneValues[gone]) as number
    for (; at < ownEnd && (ownValues[at] as number) < value; at++) {
      values[to] = ownValues[at] as number
      counts[to++] = ownCounts[at] as number
    }
    let rows = at < ownEnd && ownValues[at] === value ? (ownCounts[at++] as number) : 0
    if (isComing) rows += comeCounts[come++] as number
    if (gone < goneEnd && goneValues[gone] === value) rows -= goneCounts[gone++] as number
    assert(rows >= 0, 'what is subtracted was in the sketch')
    if (rows === 0) continue
    values[to] = value
    counts[to++] = rows
  }
  for (; at < ownEnd; at++) {
    values[to] = ownValues[at] as number
    counts[to++] = ownCounts[at] as number
  }
  own.at = at
  coming.at = come
  going.at = gone
  return to
}

/** Rows of a run. */
export function sumOf({ counts, at, end }: Run): number {
  let sum = 0
  for (let index = at; index < end; index++) sum += counts[index] as number
  return sum
}

/** Sorts the first values. */
export function sortStart(values: Int32Array, size: number): void {
  if (size > fewEntries) {
    values.subarray(0, size).sort()
    return
  }
  for (let next = 1; next < size; next++) {
    const value = values[next] as number
    let at = next
    for (; at > 0 && (values[at - 1] as number) > value; at--) values[at] = values[at - 1] as number
    values[at] = value
  }
}
