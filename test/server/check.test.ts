import Type from 'typebox'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../src/lib/failure.ts'
import { check } from '../../src/server/check.ts'
import { instantSchema } from '../../src/server/instant.ts'

const leg = Type.Object({ origin: Type.String(), delayMinutes: Type.Integer() }, { additionalProperties: false })
const trip = Type.Object({ legs: Type.Array(leg), at: Type.Optional(instantSchema) }, { additionalProperties: false })

function failureOf(schema: Parameters<typeof check>[0], value: unknown, at?: string): Failure {
  try {
    check(schema, value, at)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('it passed')
}

describe('what does not fit', () => {
  test('is named by its path', () => {
    const value = {
      legs: [
        { origin: 'EWR', delayMinutes: 1 },
        { origin: 'EWR', delayMinutes: 'late' },
      ],
    }
    expect(failureOf(trip, value)).toMatchObject({ code: 'FIELD_TYPE', field: 'legs[1].delayMinutes' })
  })

  test('is named below the path that led to it', () => {
    expect(failureOf(trip, { legs: [{ origin: 'EWR' }] }, '[3]')).toMatchObject({
      code: 'FIELD_MISSING',
      field: '[3].legs[0].delayMinutes',
      message: '[3].legs[0].delayMinutes is missing',
    })
  })

  test('is refused, not dropped, when it is a field that nobody knows', () => {
    const failure = failureOf(leg, { origin: 'EWR', delayMinutes: 1, gate: 'C7' })
    expect(failure).toMatchObject({ code: 'FIELD_TYPE', field: 'gate', help: 'Known are origin, delayMinutes.' })
  })

  test('is refused, not turned into what it should be', () => {
    expect(failureOf(leg, { origin: 'EWR', delayMinutes: '1' }).field).toBe('delayMinutes')
    expect(failureOf(leg, { origin: null, delayMinutes: 1 }).field).toBe('origin')
  })

  test('is judged by the alternative that it comes closest to', () => {
    const oneOrMany = Type.Union([leg, Type.Array(leg)])
    const failure = failureOf(oneOrMany, [
      { origin: 'EWR', delayMinutes: 1 },
      { origin: 7, delayMinutes: 1 },
    ])
    expect(failure.field).toBe('[1].origin')
    expect(failureOf(oneOrMany, { origin: 7, delayMinutes: 1 }).field).toBe('origin')
  })

  test('is an impossible time when it looks like a time', () => {
    expect(failureOf(trip, { legs: [], at: '2013-02-30T00:00:00Z' })).toMatchObject({
      code: 'TIME_IMPOSSIBLE',
      field: 'at',
    })
    expect(failureOf(trip, { legs: [], at: 12 })).toMatchObject({ code: 'TIME_IMPOSSIBLE', field: 'at' })
    expect(failureOf(trip, { legs: [], at: 'noon' })).toMatchObject({ code: 'FIELD_TYPE', field: 'at' })
  })

  test('says which values are known', () => {
    const verb = Type.Union([Type.Literal('pause'), Type.Literal('resume')])
    expect(failureOf(verb, 'hop').message).toBe('this must be one of ["pause","resume"]')
  })
})

test('what fits comes back as it was', () => {
  const value = { legs: [{ origin: 'EWR', delayMinutes: -3 }], at: '2013-02-08T18:30:00Z' }
  expect(check(trip, value)).toBe(value)
})
