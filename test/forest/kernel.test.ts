import { expect, test } from 'vitest'
import { byteAt, type Place } from '../../src/forest/binned.ts'
import { kernelOf } from '../../src/forest/kernel.ts'
import { below, randomFrom } from '../../src/lib/random.ts'
import { binnedRows, someRows, someTraining } from './binned-sets.ts'

const count = 500
const binned = binnedRows(someTraining, someRows(count).rows)
const { column } = binned.places[1] as Place

function filled() {
  const kernel = kernelOf(binned, { slots: 3 })
  const random = randomFrom(5)
  kernel.rows.set(Int32Array.from({ length: count }, (_, row) => row))
  kernel.gradients.set(kernel.gradients.map(() => below(random, 2 ** 30) - 2 ** 29))
  for (let byte = 0; byte < 256; byte++) kernel.sides[byte] = byte % 3 === 0 ? 1 : 0
  return kernel
}

test('rows that go left stay in front, both sides in their order, each with its gradients', () => {
  const kernel = filled()
  const before = Array.from(kernel.rows, (row, at) => [row, kernel.gradients[2 * at], kernel.gradients[2 * at + 1]])
  const goesRight = (row: number) => kernel.sides[binned.bytes[byteAt(column, count) + 8 * row] as number] === 1
  const middle = kernel.partition(column, 100, 400)
  const inside = before.slice(100, 400)
  const left = inside.filter(([row]) => !goesRight(row as number))
  expect(left.length).toBeGreaterThan(0)
  expect(middle).toBe(100 + left.length)
  const expected = [
    ...before.slice(0, 100),
    ...left,
    ...inside.filter(([row]) => goesRight(row as number)),
    ...before.slice(400),
  ]
  expect(Array.from(kernel.rows, (row, at) => [row, kernel.gradients[2 * at], kernel.gradients[2 * at + 1]])).toEqual(
    expected,
  )
})

test("the parent's histogram less one child's is the other's, to the last bit", () => {
  const kernel = filled()
  kernel.accumulate(0, 0, count)
  const middle = kernel.partition(column, 0, count)
  kernel.accumulate(1, 0, middle)
  kernel.subtract(0, 1)
  kernel.accumulate(2, middle, count)
  expect(kernel.histogram(0)).toEqual(kernel.histogram(2))
  expect(kernel.histogram(2).some(sum => sum !== 0)).toBe(true)
})

test('the order of rows does not change a histogram', () => {
  const kernel = filled()
  kernel.accumulate(0, 0, count)
  kernel.partition(column, 0, count)
  kernel.accumulate(1, 0, count)
  expect(kernel.histogram(1)).toEqual(kernel.histogram(0))
})

test('a part of the columns has the same sums', () => {
  const kernel = kernelOf(binned, { slots: 2, chosenMax: 2 })
  const all = filled()
  kernel.rows.set(all.rows)
  kernel.gradients.set(all.gradients)
  all.accumulate(0, 0, count)
  kernel.use([1, 2])
  kernel.accumulate(0, 0, count)
  for (const used of [1, 2]) {
    const sums = (of: typeof kernel) => of.histogram(0).slice(of.sumsAt(used), of.sumsAt(used) + 512)
    expect(sums(kernel)).toEqual(sums(all))
  }
})
