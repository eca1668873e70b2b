import { expect, test } from 'vitest'
import { closingLine, count } from '../../bin/test-counts.mjs'

const clean = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, success: true, testResults: [] }
const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map(each => ({ status: each })),
})

test('a clean run says so', () => {
  expect(closingLine(count(clean, 0))).toBe('3 passed, 0 failed')
})

test('skipped and planned tests are counted', () => {
  expect(closingLine(count({ ...clean, numPendingTests: 2, numTodoTests: 1 }, 0))).toBe('3 passed, 0 failed, 3 skipped')
})

test('a file that did not load counts as a failure, a file with a failing test not once more', () => {
  const report = {
    ...clean,
    numFailedTests: 1,
    testResults: [file('failed'), file('failed', 'failed'), file('passed', 'passed')],
  }
  expect(count(report, 1).failed).toBe(2)
})

test('a run that fails without a failing test is not shown as clean', () => {
  expect(closingLine(count(clean, 1))).toBe('3 passed, 1 failed')
})

test('a run that left no report is a failure', () => {
  expect(closingLine(count(undefined, 0))).toBe('0 passed, 1 failed')
})
