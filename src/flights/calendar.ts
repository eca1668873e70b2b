// Days of the proleptic Gregorian calendar as whole numbers: day 0 is 1970-01-01. No time zone, no clock.
//
// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".

import { Failure } from '../lib/failure.ts'

/** Month 1 to 12. */
export type CalendarDay = { year: number; month: number; day: number }

/** Day number of a date; the date need not exist (31 April is 1 May). */
export function dayNumberOf({ year, month, day }: CalendarDay): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

export function calendarDayOf(dayNumber: number): CalendarDay {
  const z = dayNumber + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return { year, month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 }
}

/** 0 is Monday, 6 Sunday. */
export function weekdayOf(dayNumber: number): number {
  return (((dayNumber + 3) % 7) + 7) % 7
}

export function isCalendarDay({ year, month, day }: CalendarDay): boolean {
  if (!Number.isInteger(year) || !Number.isInteger(month) || !Number.isInteger(day)) return false
  if (month < 1 || month > 12 || day < 1 || day > 31) return false
  return day <= 28 || calendarDayOf(dayNumberOf({ year, month, day })).day === day
}

const daysWritten = new Map<number, string>()

/** `2013-01-31`. */
export function dayText(dayNumber: number): string {
  let text = daysWritten.get(dayNumber)
  if (text === undefined) {
    const { year, month, day } = calendarDayOf(dayNumber)
    text = `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`
    if (daysWritten.size > 4096) daysWritten.clear()
    daysWritten.set(dayNumber, text)
  }
  return text
}

/** Day number of `2013-01-31`. @throws Failure USAGE that names `what` was asked for */
export function parseDay(text: string, what: string): number {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  const date = { year: Number(parts?.[1]), month: Number(parts?.[2]), day: Number(parts?.[3]) }
  if (parts && isCalendarDay(date)) return dayNumberOf(date)
  throw new Failure('USAGE', `${what} is not a day: ${text}`, { field: what, help: 'Write a day as 2013-01-31.' })
}

/** Instant as `2013-01-31T06:05Z`, to the minute below. */
export function minuteText(at: number): string {
  const minute = Math.floor(at / 60_000)
  const dayNumber = Math.floor(minute / 1440)
  const rest = minute - dayNumber * 1440
  return `${dayText(dayNumber)}T${twoDigits(Math.floor(rest / 60))}:${twoDigits(rest % 60)}Z`
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : `${value}`
}
