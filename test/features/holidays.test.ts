import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { daysFromHoliday } from '../../src/features/holidays.ts'
import { calendarDayOf, dayNumberOf } from '../../src/flights/calendar.ts'

describe('days from the nearest holiday', () => {
  it.each([
    [2013, 1, 1],
    [2013, 1, 21],
    [2013, 2, 18],
    [2013, 5, 27],
    [2013, 7, 4],
    [2013, 9, 2],
    [2013, 10, 14],
    [2013, 11, 28],
    [2013, 12, 25],
    [2024, 5, 27],
    [2024, 11, 28],
  ])('%i-%i-%i is a holiday', (year, month, day) => {
    expect(daysFromHoliday({ year, month, day })).toBe(0)
  })

  it('are negative before one and positive after', () => {
    expect(daysFromHoliday({ year: 2013, month: 11, day: 27 })).toBe(-1)
    expect(daysFromHoliday({ year: 2013, month: 12, day: 1 })).toBe(3)
    // Halfway between Christmas and New Year there is no day: 28 December is 3 after, 29 December 3 before.
    expect(daysFromHoliday({ year: 2013, month: 12, day: 28 })).toBe(3)
    expect(daysFromHoliday({ year: 2013, month: 12, day: 29 })).toBe(-3)
  })

  it('change by one a day but for the jump between two holidays', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), dayNumber => {
        const [today, tomorrow] = [dayNumber, dayNumber + 1].map(n => daysFromHoliday(calendarDayOf(n))) as [
          number,
          number,
        ]
        expect(tomorrow === today + 1 || (today > 0 && tomorrow < 0 && Math.abs(tomorrow + today) <= 1)).toBe(true)
      }),
    )
  })

  it('are counted from the holidays of the neighbouring years as well', () => {
    expect(daysFromHoliday(calendarDayOf(dayNumberOf({ year: 2014, month: 1, day: 1 }) - 2))).toBe(-2)
    expect(daysFromHoliday({ year: 2014, month: 1, day: 3 })).toBe(2)
  })
})
