import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dayNumberOf, minuteText } from '../../src/flights/calendar.ts'
import {
  instantOf,
  isZone,
  localDayNumber,
  localTime,
  nextInstantOf,
  offsetMinutes,
} from '../../src/flights/local-time.ts'
import { Failure } from '../../src/lib/failure.ts'

const newYork = 'America/New_York'
const zones = [
  newYork,
  'America/Phoenix',
  'Pacific/Honolulu',
  'America/Puerto_Rico',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Europe/London',
]
const instants = fc.integer({ min: Date.UTC(1980, 0, 1) / 60_000, max: Date.UTC(2099, 11, 31) / 60_000 })

describe('instant to clock', () => {
  test('a winter morning in New York', () => {
    expect(localTime(Date.UTC(2013, 0, 1, 10, 15), newYork)).toEqual({
      year: 2013,
      month: 1,
      day: 1,
      weekday: 1,
      dayOfYear: 1,
      hour: 5,
      minute: 15,
    })
  })

  test('the offset shifts at the instant of the shift and not a minute before', () => {
    const spring = Date.UTC(2013, 2, 10, 7)
    expect([spring - 1, spring].map(at => offsetMinutes(at, newYork))).toEqual([-300, -240])
    const autumn = Date.UTC(2013, 10, 3, 6)
    expect([autumn - 1, autumn].map(at => offsetMinutes(at, newYork))).toEqual([-240, -300])
    const halfHour = Date.UTC(2013, 3, 6, 15)
    expect([halfHour - 1, halfHour].map(at => offsetMinutes(at, 'Australia/Lord_Howe'))).toEqual([660, 630])
  })

  test('every clock agrees with what Intl prints', () => {
    fc.assert(
      fc.property(instants, fc.constantFrom(...zones), (minute, zone) => {
        const at = minute * 60_000
        const { year, month, day, hour, minute: minutes, weekday } = localTime(at, zone)
        const printed = new Intl.DateTimeFormat('en-GB', {
          timeZone: zone,
          dateStyle: 'full',
          timeStyle: 'short',
        }).format(at)
        const two = (value: number): string => String(value).padStart(2, '0')
        const names = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
        expect(printed).toContain(`${two(hour)}:${two(minutes)}`)
        expect(printed).toContain(names[weekday])
        expect(printed).toContain(`${day} `)
        expect(printed).toContain(String(year))
        expect(localDayNumber(at, zone)).toBe(dayNumberOf({ year, month, day }))
      }),
      { numRuns: 300 },
    )
  })

  test('a zone that does not exist is a named failure', () => {
    expect(isZone('America/Gotham')).toBe(false)
    expect(() => localTime(0, 'America/Gotham')).toThrow(expect.objectContaining({ code: 'TIME_IMPOSSIBLE' }))
    expect(() => localTime(0, '')).toThrow(Failure)
  })
})

describe('clock to instant', () => {
  const at = (month: number, day: number, hhmm: number): string =>
    minuteText(instantOf({ year: 2013, month, day, hhmm }, newYork))

  test('2400 is midnight at the end of the day and 0 at its start', () => {
    expect(at(1, 1, 2400)).toBe('2013-01-02T05:00Z')
    expect(at(1, 2, 0)).toBe('2013-01-02T05:00Z')
    expect(at(12, 31, 2400)).toBe('2014-01-01T05:00Z')
  })

  test('a clock time that spring skips is one hour later on the clock', () => {
    expect(at(3, 10, 159)).toBe('2013-03-10T06:59Z')
    expect(at(3, 10, 230)).toBe('2013-03-10T07:30Z')
    expect(at(3, 10, 300)).toBe('2013-03-10T07:00Z')
  })

  test('a clock time that autumn repeats is the first of the two', () => {
    expect(at(11, 3, 59)).toBe('2013-11-03T04:59Z')
    expect(at(11, 3, 130)).toBe('2013-11-03T05:30Z')
    expect(at(11, 3, 200)).toBe('2013-11-03T07:00Z')
  })

  test.each([2561, 2401, 1260, -1, 12.5, Number.NaN])('%d is no clock time', hhmm => {
    const failure = expect.objectContaining({ code: 'TIME_IMPOSSIBLE', field: 'hhmm' })
    expect(() => at(1, 1, hhmm)).toThrow(failure)
    expect(() => nextInstantOf(hhmm, newYork, 0)).toThrow(failure)
  })

  test('a day that does not exist is refused', () => {
    expect(() => at(2, 30, 900)).toThrow(expect.objectContaining({ code: 'TIME_IMPOSSIBLE', field: 'day' }))
  })

  test('what a clock shows at an instant leads back to it, or to the first of a repeated hour', () => {
    fc.assert(
      fc.property(instants, fc.constantFrom(...zones), (minute, zone) => {
        const instant = minute * 60_000
        const { hour, minute: minutes, ...date } = localTime(instant, zone)
        const back = instantOf({ ...date, hhmm: hour * 100 + minutes }, zone)
        expect([0, 30 * 60_000, 60 * 60_000]).toContain(instant - back)
        expect(localTime(back, zone)).toEqual(localTime(instant, zone))
        expect(offsetMinutes(back, zone) - offsetMinutes(instant, zone)).toBe((instant - back) / 60_000)
      }),
      { numRuns: 500 },
    )
  })

  test('the next time a clock shows hhmm is within a day, and shows it', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 1439 }), fc.constantFrom(...zones), (minute, of, zone) => {
        const from = minute * 60_000
        const next = nextInstantOf(Math.floor(of / 60) * 100 + (of % 60), zone, from)
        expect(next).toBeGreaterThanOrEqual(from)
        expect(next - from).toBeLessThanOrEqual(25 * 3_600_000)
        const shown = localTime(next, zone)
        const aheadMinutes = (shown.hour * 60 + shown.minute - of + 1440) % 1440
        // a skipped time is shown an hour or half an hour later
        expect([0, 30, 60]).toContain(aheadMinutes)
      }),
      { numRuns: 500 },
    )
  })
})
