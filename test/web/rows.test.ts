import { describe, expect, test } from 'vitest'
import { heldRows, holdOf, originsOf, rowsOf } from '../../src/web/rows.ts'
import { gradeOf, rowOf } from './samples.ts'

const numbers = (rows: readonly ReturnType<typeof rowOf>[]) => rows.map(row => row.prediction.flightNumber)
const all = { origin: null, min: 0, list: 'newest' } as const

describe('the filter', () => {
  const rows = [
    rowOf({ flightNumber: 1, origin: 'EWR', probability: 0.5 }),
    rowOf({ flightNumber: 2, origin: 'JFK', probability: 0.49 }),
    rowOf({ flightNumber: 3, origin: 'EWR', probability: null, skipped: 'CANCELLED' }),
  ]

  test('by origin keeps skips', () => expect(numbers(rowsOf(rows, { ...all, origin: 'EWR' }))).toEqual([1, 3]))
  test('by probability leaves skips out', () => expect(numbers(rowsOf(rows, { ...all, min: 0.5 }))).toEqual([1]))
  test('that is empty keeps all', () => expect(numbers(rowsOf(rows, all))).toEqual([1, 2, 3]))
  test('offers each origin once, by name', () => expect(originsOf(rows)).toEqual(['EWR', 'JFK']))
})

test('just graded: only graded rows, the last graded first', () => {
  const rows = [
    rowOf({ flightNumber: 1 }, { arrival: 3 }),
    rowOf({ flightNumber: 2, grade: gradeOf('UA-2') }, { arrival: 2, gradedArrival: 5 }),
    rowOf({ flightNumber: 3, grade: gradeOf('UA-3') }, { arrival: 1, gradedArrival: 9 }),
  ]
  expect(numbers(rowsOf(rows, { ...all, list: 'landed' }))).toEqual([3, 2])
})

describe('a list that stands still', () => {
  const first = rowOf({ flightNumber: 1 }, { arrival: 1 })
  const hold = holdOf([first], 'newest', 1)
  const second = rowOf({ flightNumber: 2 }, { arrival: 2 })

  test('shows none of the new ones and counts them', () => {
    const still = heldRows(hold, [second, first], [second, first])
    expect(numbers(still.rows)).toEqual([1])
    expect(still.waiting).toBe(1)
  })

  test('shows the grade of a row it holds', () => {
    const graded = rowOf({ flightNumber: 1, grade: gradeOf('UA-1') }, { arrival: 1, gradedArrival: 3 })
    expect(heldRows(hold, [graded], [graded]).rows[0]?.prediction.grade?.kind).toBe('LANDED')
  })

  test('keeps a row that the page has dropped since', () => {
    expect(numbers(heldRows(hold, [second], [second]).rows)).toEqual([1])
  })

  test('counts new grades when it is ordered by grade', () => {
    const graded = rowOf({ flightNumber: 1, grade: gradeOf('UA-1') }, { arrival: 1, gradedArrival: 8 })
    expect(heldRows(holdOf([], 'landed', 7), [graded], [graded]).waiting).toBe(1)
    expect(heldRows(holdOf([], 'landed', 8), [graded], [graded]).waiting).toBe(0)
  })
})
