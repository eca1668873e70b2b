import { expect, test } from 'vitest'
import { Failure, failureCodes, failureIn, isFailureCode } from '../../src/lib/failure.ts'

test('a failure knows from its code who is to blame and what comes next', () => {
  const failure = new Failure('LOG_UNREACHABLE', 'the broker at 127.0.0.1:9092 does not answer')
  expect(failure).toMatchObject({ code: 'LOG_UNREACHABLE', blame: 'world', next: 'retry' })
  expect(failure.message).toContain('9092')
})

test('field and help are there only when given, so that JSON has no empty ones', () => {
  const bare = new Failure('USAGE', 'no such command')
  expect(Object.keys(bare)).not.toContain('field')
  expect(Object.keys(bare)).not.toContain('help')
  expect(bare.cause).toBeUndefined()

  const full = new Failure('FIELD_MISSING', 'origin is missing', { field: 'origin', help: 'send it', cause: 'row 7' })
  expect(full).toMatchObject({ field: 'origin', help: 'send it', cause: 'row 7' })
})

test('a defect of ours is never tried again: the same code does the same thing', () => {
  const retriedDefects = failureCodes
    .map(code => new Failure(code, code))
    .filter(({ blame, next }) => blame === 'ours' && next === 'retry')
  expect(retriedDefects).toEqual([])
})

test('the failure nearest to the surface is found in a chain of causes', () => {
  const inner = new Failure('LOG_UNREACHABLE', 'inner')
  const outer = new Failure('STAGE_FAILED', 'outer', { cause: inner })
  expect(failureIn(new Error('wrapped', { cause: outer }))).toBe(outer)
  expect(failureIn(new Error('plain'))).toBeUndefined()
  expect(failureIn('text')).toBeUndefined()
})

test('a chain of causes that bites its own tail ends', () => {
  const error = new Error('a')
  error.cause = new Error('b', { cause: error })
  expect(failureIn(error)).toBeUndefined()
})

test('only codes of the table are codes', () => {
  expect(isFailureCode('TASK_FENCED')).toBe(true)
  expect(isFailureCode('toString')).toBe(false)
})
