import { describe, expect, test } from 'vitest'
import {
  airportZone,
  count,
  decimals,
  duration,
  instantParts,
  percent,
  shortCount,
  signedMinutes,
} from '../../src/web/format.ts'

const at = Date.UTC(2013, 1, 8, 3, 5)

describe('an instant', () => {
  test('in UTC', () => {
    expect(instantParts(at)).toEqual({
      weekday: 'Fri',
      day: '8 Feb',
      date: '8 Feb 2013',
      time: '03:05',
      zone: 'UTC',
    })
  })

  test('local to Newark is of the evening before', () => {
    const { day, time, zone } = instantParts(at, airportZone('EWR'))
    expect([day, time, zone]).toEqual(['7 Feb', '22:05', 'EST'])
  })

  test('local to Honolulu and to San Juan', () => {
    expect(instantParts(at, airportZone('HNL')).time).toBe('17:05')
    expect(instantParts(at, airportZone('SJU')).time).toBe('23:05')
  })

  test('at an airport without a known zone there is none, rather than a wrong one', () => {
    expect(airportZone('ZZZ')).toBeUndefined()
  })
})

describe('a share', () => {
  const shares: [number | null, string][] = [
    [null, 'n/a'],
    [0, '0 %'],
    [0.001, '<1 %'],
    [0.005, '1 %'],
    [0.714, '71 %'],
    [1, '100 %'],
  ]
  test.each(shares)('%s is %s', (share, text) => expect(percent(share)).toBe(text))
})

test('minutes carry their sign, a true minus', () => {
  expect([32, 0, -4].map(signedMinutes)).toEqual(['+32 min', '0 min', '\u22124 min'])
})

test('what is not known is n/a, never NaN', () => expect(decimals(null, 3)).toBe('n/a'))

test('counts in full, and short from a million on', () => {
  expect([count(1_234_567), shortCount(999_999), shortCount(1_234_567)]).toEqual(['1,234,567', '999,999', '1.2M'])
})

test('durations in the unit that says most', () => {
  expect([8_000, 240_000, 10_800_000, 259_200_000].map(duration)).toEqual(['8 s', '4 min', '3 h', '3 d'])
})
