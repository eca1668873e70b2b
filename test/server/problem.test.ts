import { describe, expect, test } from 'vitest'
import { Failure, type FailureCode, failureCodes } from '../../src/lib/failure.ts'
import { pointerOf, problemOf, statusOf } from '../../src/server/problem.ts'

describe('the status of a failure', () => {
  test.each<[FailureCode, number]>([
    ['FIELD_MISSING', 400],
    ['FIELD_TYPE', 400],
    ['USAGE', 400],
    ['TIME_IMPOSSIBLE', 422],
    ['AIRPORT_UNKNOWN', 422],
    ['UNKNOWN_FLIGHT', 422],
    ['CONFLICT', 409],
    ['RECORD_TOO_LARGE', 413],
    ['TOO_MANY_REQUESTS', 429],
    ['LOG_UNREACHABLE', 503],
    ['COMMIT_UNKNOWN', 503],
    ['NOT_READY', 503],
    ['STAGE_FAILED', 500],
  ])('%s is %i', (code, status) => {
    expect(statusOf(new Failure(code, ''))).toBe(status)
  })

  test('is an error for every code', () => {
    for (const code of failureCodes) expect(statusOf(new Failure(code, '')), code).toBeGreaterThanOrEqual(400)
  })
})

test('a problem carries code, field, pointer and help', () => {
  const failure = new Failure('AIRPORT_UNKNOWN', 'there is no airport QQQ', {
    field: '[3].origin',
    help: 'Correct it.',
  })
  expect(problemOf(failure)).toEqual({
    type: 'urn:problem-type:slipstream:airport-unknown',
    title: 'It cannot be so',
    status: 422,
    detail: 'there is no airport QQQ',
    code: 'AIRPORT_UNKNOWN',
    field: '[3].origin',
    pointer: '/3/origin',
    help: 'Correct it.',
  })
})

test('a defect of ours says nothing of what is inside', () => {
  const problem = problemOf(new Failure('STATE_CORRUPT', 'row 7 of /var/secret is broken', { field: 'row', help: 'x' }))
  expect(problem.code).toBe('UNEXPECTED')
  expect(JSON.stringify(problem)).not.toContain('secret')
})

test.each([
  ['origin', '/origin'],
  ['[3].origin', '/3/origin'],
  ['flights[3].legs[0].a/b~c', '/flights/3/legs/0/a~1b~0c'],
])('the path %s is the pointer %s', (field, pointer) => {
  expect(pointerOf(field)).toBe(pointer)
})
