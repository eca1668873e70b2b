import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  againstThreshold,
  columnMark,
  labelsOf,
  scoreText,
  shownColumns,
  verdictMark,
  windowsSince,
} from '../../../src/web/drift/columns.ts'
import { columnDriftOf, startAt } from '../samples.ts'

const hourMs = 3_600_000

describe('a column', () => {
  test('has drifted, has not, or has not enough rows', () => {
    expect(columnMark(columnDriftOf(), 200)).toEqual({ shape: 'warn', word: 'drift' })
    expect(columnMark(columnDriftOf({ drifted: false }), 200)).toEqual({ shape: 'ok', word: 'ok' })
    const few = columnDriftOf({ drifted: null, score: null, currentCount: 83 })
    expect(columnMark(few, 200)).toEqual({ shape: 'none', word: 'not enough rows (n=83 < 200)' })
  })

  test('beyond the ordinary days of the training is unusual, drifted or not', () => {
    const beyond = { bound: 0.2, unusual: true }
    expect(columnMark(columnDriftOf(beyond), 200)).toEqual({ shape: 'bad', word: 'drift, unusual' })
    expect(columnMark(columnDriftOf({ ...beyond, drifted: false }), 200)).toEqual({ shape: 'warn', word: 'unusual' })
    expect(columnMark(columnDriftOf({ bound: 0.3, unusual: false }), 200).word).toBe('drift')
  })

  test('that has rows enough and no answer has no figure', () => {
    expect(columnMark(columnDriftOf({ drifted: null, score: null }), 200).word).toBe('no figure')
  })

  test('is held against its threshold, p values the other way round', () => {
    expect(againstThreshold(columnDriftOf())).toBe('0.250 \u2265 0.1')
    expect(againstThreshold(columnDriftOf({ score: 0.05, drifted: false }))).toBe('0.050 < 0.1')
    const ks = { method: 'ks', threshold: 0.05 }
    expect(againstThreshold(columnDriftOf({ ...ks, score: 0.0004 }))).toBe('<0.001 < 0.05')
    expect(againstThreshold(columnDriftOf({ ...ks, score: 0.4, drifted: false }))).toBe('0.400 \u2265 0.05')
  })
})

test.each([
  [null, 'n/a'],
  [0, '0.000'],
  [0.0009, '<0.001'],
  [0.31249, '0.312'],
  [12.345, '12.3'],
])('the score %d is written %s', (score, text) => {
  expect(scoreText(score)).toBe(text)
})

test('label and prediction drift are yes, no, or why not', () => {
  expect(verdictMark(null, 200).word).toBe('not compared')
  expect(verdictMark(columnDriftOf(), 200).word).toBe('yes')
  expect(verdictMark(columnDriftOf({ drifted: false }), 200).word).toBe('no')
  expect(verdictMark(columnDriftOf({ drifted: null, currentCount: 9 }), 200).word).toContain('n=9 < 200')
})

test('a run counts its windows, the first included', () => {
  expect(windowsSince(startAt, startAt, 'DAY')).toBe(1)
  expect(windowsSince(startAt - 3 * hourMs, startAt, 'DAY')).toBe(4)
  expect(windowsSince(startAt - 48 * hourMs, startAt, 'WEEK')).toBe(3)
})

describe('columns', () => {
  const names = (columns: readonly { column: string }[]) => columns.map(({ column }) => column)
  const worse = columnDriftOf({ column: 'worse', severity: 4 })
  const bad = columnDriftOf({ column: 'bad', severity: 2 })
  const calendar = columnDriftOf({ column: 'month', severity: 9, mayAlert: false })
  const fine = columnDriftOf({ column: 'fine', severity: 0.9, drifted: false })
  const short = columnDriftOf({ column: 'absent', severity: null, drifted: null, score: null })
  const all = [short, fine, calendar, bad, worse]
  const plain = { sort: 'severity', show: 'all', find: '' } as const

  test('lie with the drifted ones first, those that may alert before the calendar, and no answer last', () => {
    expect(names(shownColumns(all, plain))).toEqual(['worse', 'bad', 'month', 'fine', 'absent'])
  })

  test('can lie by name', () => {
    expect(names(shownColumns(all, { ...plain, sort: 'name' }))).toEqual(['absent', 'bad', 'fine', 'month', 'worse'])
  })

  test('can be the drifted ones alone, and be found by a part of the name', () => {
    expect(names(shownColumns(all, { ...plain, show: 'drifted' }))).toEqual(['worse', 'bad', 'month'])
    expect(names(shownColumns(all, { ...plain, find: 'B' }))).toEqual(['bad', 'absent'])
  })

  test('lie in one order whatever order they come in', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), columns => {
        expect(shownColumns(columns, plain)).toEqual(shownColumns(all, plain))
      }),
    )
  })
})

test('labels are behind by the event time since the window ended', () => {
  const late = labelsOf({ rows: 200, labelled: 150, to: startAt }, startAt + hourMs)
  expect(late).toEqual({ share: 0.75, behindMs: hourMs })
  expect(labelsOf({ rows: 0, labelled: 0, to: startAt }, null)).toEqual({ share: null, behindMs: null })
})
