import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  calendarDayOf,
  dayNumberOf,
  dayText,
  isCalendarDay,
  minuteText,
  parseDay,
  weekdayOf,
} from '../../src/flights/calendar.ts'

test('day numbers agree with Date.UTC and back, 1600 to 2400', () => {
  fc.assert(
    fc.property(fc.integer({ min: -135_140, max: 157_054 }), dayNumber => {
      const { year, month, day } = calendarDayOf(dayNumber)
      expect(Date.UTC(year, month - 1, day)).toBe(dayNumber * 86_400_000)
      expect(dayNumberOf({ year, month, day })).toBe(dayNumber)
      expect(isCalendarDay({ year, month, day })).toBe(true)
    }),
  )
})

test('29 February is a day in 2012 and 2000, not in 2013 and 2100', () => {
  const exists = (year: number): boolean => isCalendarDay({ year, month: 2, day: 29 })
  expect([2012, 2000, 2013, 2100].map(exists)).toEqual([true, true, false, false])
})

test('the first of January 2013 was a Tuesday, and 1970 began on a Thursday', () => {
  expect([dayNumberOf({ year: 2013, month: 1, day: 1 }), 0, -4].map(weekdayOf)).toEqual([1, 3, 6])
})

test('days are written and read as 2013-01-31', () => {
  expect(dayText(parseDay('2013-01-31', 'from'))).toBe('2013-01-31')
  expect(minuteText(Date.UTC(2013, 0, 1, 10, 15, 59))).toBe('2013-01-01T10:15Z')
  expect(() => parseDay('2013-02-30', 'from')).toThrow(expect.objectContaining({ code: 'USAGE', field: 'from' }))
  expect(() => parseDay('1.2.2013', 'to')).toThrow(expect.objectContaining({ code: 'USAGE', field: 'to' }))
})
