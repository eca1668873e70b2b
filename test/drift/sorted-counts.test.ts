import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Run, slideRun, sortStart, sumOf } from '../../src/drift/sorted-counts.ts'

const someNumber = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
const someNumbers = fc.array(someNumber, { maxLength: 150 })

/** Counted, between entries that are not of the run. */
function runOf(numbers: readonly number[]): Run {
  const values = [...new Set(numbers)].sort((a, b) => a - b)
  const counts = values.map(value => numbers.filter(number => number === value).length)
  return { values: [7, ...values, -7], counts: [99, ...counts, 99], at: 1, end: 1 + values.length }
}

test('a run takes in and gives away, and all three are walked to their ends', () => {
  fc.assert(
    fc.property(someNumbers, someNumbers, someNumbers, fc.nat(3), (kept, gone, come, before) => {
      const runs = { own: runOf([...kept, ...gone]), coming: runOf(come), going: runOf(gone) }
      const expected = runOf([...kept, ...come])
      const [values, counts] = [new Int32Array(400), new Float64Array(400)]
      const to = slideRun(runs, values, counts, before)
      const found = { values: [...values.subarray(before, to)], counts: [...counts.subarray(before, to)] }
      expect(found.values).toEqual(Array.from(expected.values).slice(1, -1))
      expect(found.counts).toEqual(Array.from(expected.counts).slice(1, -1))
      for (const run of Object.values(runs)) expect(run.at).toBe(run.end)
    }),
  )
})

test('a run has the rows of its entries', () => {
  fc.assert(fc.property(someNumbers, numbers => sumOf(runOf(numbers)) === numbers.length))
  expect(sumOf(runOf([]))).toBe(0)
})

test('sorts the first values and leaves the others alone', () => {
  fc.assert(
    fc.property(someNumbers, someNumbers, (first, others) => {
      const values = Int32Array.from([...first, ...others])
      sortStart(values, first.length)
      expect([...values]).toEqual([...first.toSorted((a, b) => a - b), ...others])
    }),
  )
})
