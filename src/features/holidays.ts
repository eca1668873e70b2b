import { type CalendarDay, dayNumberOf, weekdayOf } from '../flights/calendar.ts'

/** Day numbers of the holidays of a year and of the nearest ones of its neighbours, ascending. */
const holidaysOf = new Map<number, readonly number[]>()

/**
 * Days from the nearest US holiday on which many travel to `day`: -1 is the day before one. Halfway between two it
 * counts from the earlier one.
 */
export function daysFromHoliday(day: CalendarDay): number {
  let holidays = holidaysOf.get(day.year)
  if (holidays === undefined) {
    const { year } = day
    holidays = [lastChristmas(year - 1), ...listYear(year), dayNumberOf({ year: year + 1, month: 1, day: 1 })]
    holidaysOf.set(year, holidays)
  }
  const today = dayNumberOf(day)
  let nearest = Number.POSITIVE_INFINITY
  for (const holiday of holidays) {
    if (Math.abs(today - holiday) < Math.abs(nearest)) nearest = today - holiday
  }
  return nearest
}

function lastChristmas(year: number): number {
  return dayNumberOf({ year, month: 12, day: 25 })
}

function listYear(year: number): number[] {
  return [
    dayNumberOf({ year, month: 1, day: 1 }),
    // Martin Luther King Day and Presidents' Day: third Mondays.
    weekdayFrom({ year, month: 1, day: 15 }, 0),
    weekdayFrom({ year, month: 2, day: 15 }, 0),
    // Memorial Day: last Monday of May.
    weekdayFrom({ year, month: 5, day: 25 }, 0),
    dayNumberOf({ year, month: 7, day: 4 }),
    // Labor Day: first Monday of September. Columbus Day: second of October.
    weekdayFrom({ year, month: 9, day: 1 }, 0),
    weekdayFrom({ year, month: 10, day: 8 }, 0),
    // Thanksgiving: fourth Thursday of November.
    weekdayFrom({ year, month: 11, day: 22 }, 3),
    lastChristmas(year),
  ]
}

/** The first such weekday on or after a day. */
function weekdayFrom(day: CalendarDay, weekday: number): number {
  const from = dayNumberOf(day)
  return from + ((weekday - weekdayOf(from) + 7) % 7)
}
