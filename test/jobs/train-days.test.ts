import { expect, test } from 'vitest'
import { TrainDays } from '../../src/jobs/train-days.ts'
import { days, hours } from '../../src/lib/time.ts'

test('rows are counted by the UTC day of their departure, days in their order', () => {
  const sketches = new TrainDays(['numeric', 'categorical'])
  sketches.add(days(2), [3, 'UA'])
  sketches.add(days(1) + hours(23), [1, null])
  sketches.add(days(1), [1, 'B6'])
  const [first, second, ...more] = sketches.between(0, days(3)).map(columns => columns.map(column => column.content()))
  expect(first).toEqual([
    { missing: 0, values: [1], categories: [], counts: [2] },
    { missing: 1, values: [], categories: ['B6'], counts: [1] },
  ])
  expect(second).toEqual([
    { missing: 0, values: [3], categories: [], counts: [1] },
    { missing: 0, values: [], categories: ['UA'], counts: [1] },
  ])
  expect(more).toEqual([])
})

test('only whole days count, and days that are forgotten are gone', () => {
  const sketches = new TrainDays(['numeric'])
  for (let day = 0; day < 4; day++) sketches.add(days(day), [day])
  const between = (from: number, to: number) => sketches.between(from, to).map(([column]) => column?.content().values)
  expect(between(hours(1), days(3) + hours(23))).toEqual([[1], [2]])
  sketches.forget(days(1) + hours(1))
  expect(between(0, days(4))).toEqual([[2], [3]])
})
