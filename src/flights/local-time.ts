// Local clocks, both ways, from the IANA time zones that the engine carries (Intl); no table of our own.
//
// Asking Intl costs microseconds, so each zone keeps one answer a UTC day: the offset, or, on the few days when a
// zone shifts, the offsets before and after and the minute between. A year and zone is 365 questions; after that a
// conversion is two map look-ups and arithmetic. A zone is taken to shift at most once in a UTC day.
//
// A clock time that a shift skips means the instant it would have been without the shift (02:30 on the night of
// spring is 03:30); one that occurs twice means the first. No departure of the bundle falls into either.

import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import { type CalendarDay, calendarDayOf, dayNumberOf, isCalendarDay, weekdayOf } from './calendar.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

/** Month 1 to 12, weekday 0 (Monday) to 6, day of the year 1 to 366. */
export type LocalTime = {
  year: number
  month: number
  day: number
  weekday: number
  dayOfYear: number
  hour: number
  minute: number
}

type Shift = { at: number; before: number; after: number }
type Zone = { format: Intl.DateTimeFormat; days: Map<number, number | Shift> }

const zones = new Map<string, Zone>()

/** @throws Failure TIME_IMPOSSIBLE for a zone that does not exist */
export function localTime(at: number, zone: string): LocalTime {
  const minutes = Math.floor(at / minuteMs) + offsetMinutes(at, zone)
  const dayNumber = Math.floor(minutes / 1440)
  const rest = minutes - dayNumber * 1440
  const { year, month, day } = calendarDayOf(dayNumber)
  const hour = Math.floor(rest / 60)
  return {
    year,
    month,
    day,
    weekday: weekdayOf(dayNumber),
    dayOfYear: dayNumber - dayNumberOf({ year, month: 1, day: 1 }) + 1,
    hour,
    minute: rest - hour * 60,
  }
}

/** The day in the zone, counted from 1970-01-01. */
export function localDayNumber(at: number, zone: string): number {
  return Math.floor((at / minuteMs + offsetMinutes(at, zone)) / 1440)
}

/** Minutes to add to UTC; -300 in New York in winter. @throws Failure TIME_IMPOSSIBLE for a zone that does not exist */
export function offsetMinutes(at: number, zone: string): number {
  const { days, format } = zones.get(zone) ?? openZone(zone)
  const day = Math.floor(at / dayMs)
  let known = days.get(day)
  if (known === undefined) {
    known = lookUp(day * dayMs, format)
    days.set(day, known)
  }
  if (typeof known === 'number') return known
  return at < known.at ? known.before : known.after
}

export function isZone(zone: string): boolean {
  if (zones.has(zone)) return true
  try {
    openZone(zone)
    return true
  } catch {
    return false
  }
}

/** `hhmm` as the clock shows it, 0 (midnight) to 2359, and 2400 for the end of the day. */
export type ClockTime = CalendarDay & { hhmm: number }

/** The instant at which clocks in the zone show this. @throws Failure TIME_IMPOSSIBLE, with `field` hhmm or day */
export function instantOf(time: ClockTime, zone: string): number {
  if (!isCalendarDay(time)) {
    throw new Failure('TIME_IMPOSSIBLE', `there is no day ${time.year}-${time.month}-${time.day}`, { field: 'day' })
  }
  return instantOfMinute(dayNumberOf(time) * 1440 + clockMinutes(time.hhmm), zone)
}

/**
 * The first instant at or after `notBefore` at which clocks in the zone show `hhmm`; of a repeated hour the first counts.
 * @throws Failure TIME_IMPOSSIBLE
 */
export function nextInstantOf(hhmm: number, zone: string, notBefore: number): number {
  const minutes = clockMinutes(hhmm) % 1440
  let day = localDayNumber(notBefore, zone)
  for (let tries = 0; tries < 3; tries++, day++) {
    const at = instantOfMinute(day * 1440 + minutes, zone)
    if (at >= notBefore) return at
  }
  assert(false, 'every clock time comes once a day')
}

/** Minutes since local midnight, 0 to 1440. */
export function clockMinutes(hhmm: number): number {
  const hour = Math.floor(hhmm / 100)
  const minute = hhmm - hour * 100
  if (Number.isInteger(hhmm) && hhmm >= 0 && hhmm <= 2400 && minute < 60) return hour * 60 + minute
  throw new Failure('TIME_IMPOSSIBLE', `${hhmm} is not a clock time`, {
    field: 'hhmm',
    help: 'Clock times are hhmm, 0000 to 2359, or 2400 for midnight at the end of the day.',
  })
}

/** @param minute minutes on the local clock since 1970-01-01T00:00 */
function instantOfMinute(minute: number, zone: string): number {
  const naive = minute * minuteMs
  const before = offsetMinutes(naive - dayMs, zone)
  const after = offsetMinutes(naive + dayMs, zone)
  const first = naive - before * minuteMs
  if (before === after || offsetMinutes(first, zone) === before) return first
  const second = naive - after * minuteMs
  return offsetMinutes(second, zone) === after ? second : first
}

function openZone(zone: string): Zone {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  } catch (cause) {
    throw new Failure('TIME_IMPOSSIBLE', `there is no time zone ${JSON.stringify(zone)}`, { field: 'zone', cause })
  }
  const opened = { format, days: new Map<number, number | Shift>() }
  zones.set(zone, opened)
  return opened
}

function lookUp(from: number, format: Intl.DateTimeFormat): number | Shift {
  const before = askOffset(from, format)
  const after = askOffset(from + dayMs, format)
  if (before === after) return before
  let low = from
  let high = from + dayMs
  while (high - low > minuteMs) {
    const middle = low + Math.floor((high - low) / 2 / minuteMs) * minuteMs
    if (askOffset(middle, format) === before) low = middle
    else high = middle
  }
  return { at: high, before, after }
}

function askOffset(at: number, format: Intl.DateTimeFormat): number {
  const shown = { year: 0, month: 0, day: 0, hour: 0, minute: 0 }
  for (const { type, value } of format.formatToParts(at)) {
    if (type in shown) shown[type as keyof typeof shown] = Number(value)
  }
  const local = dayNumberOf(shown) * 1440 + shown.hour * 60 + shown.minute
  return local - Math.floor(at / minuteMs)
}
