import { describe, expect, test } from 'vitest'
import type { Feature } from '../../src/features/define.ts'
import { hasPhrase, phraseOf, type Side, type Value } from '../../src/features/phrases.ts'
import { features } from '../../src/features/table.ts'

const named = { carrier: 'UA', origin: 'EWR', destination: 'SFO', side: 'late' } as const

function told(name: string, value: Value, side: Side = 'late'): string {
  return phraseOf(features.find(feature => feature.name === name) as Feature, value, { ...named, side })
}

describe('the words for a feature', () => {
  test.each([
    ['legDepartureDelay', 38, "the aircraft's last leg left 38 minutes late"],
    ['legArrivalDelay', -1, "the aircraft's last leg landed 1 minute early"],
    ['legArrivalDelay', 0, "the aircraft's last leg landed on time"],
    ['legLanded', 0, "the aircraft's last leg has left and not landed yet"],
    ['slackMinutes', -12, 'the aircraft is expected 12 minutes after the planned departure'],
    ['originCarrierDepartureDelay1h', 123, 'flights of UA from EWR left 12 minutes late on average in the last hour'],
    ['originLateShareToday', 335, '34 % of the flights from EWR left 15 minutes late or more today'],
    ['routeCancelled24h', 0, 'no flights from EWR to SFO were cancelled in the last 24 hours'],
    ['destinationArrivalDelay3h', -55, 'flights to SFO landed 6 minutes early on average in the last 3 hours'],
    ['carrierOverdue', 4, '4 flights of UA should have left by now and have not'],
    ['allOverdueMinutes', 132, 'flights anywhere that should have left are 1,320 minutes overdue together'],
    [
      'originDelayTrend',
      80,
      'the delay of flights from EWR is growing: in the last hour 8 minutes more than in the last 3',
    ],
    ['originHourPlanned', 1, '1 departure is planned at EWR in its hour'],
    ['numberLateShare28d', 250, 'in the last 28 days it landed 15 minutes late or more 25 % of the time'],
    ['departureMinuteOfDay', 1025, 'it leaves at 17:05'],
    ['departureHour', 23, 'it leaves between 23:00 and 00:00'],
    ['weekday', 4, 'it leaves on a Friday'],
    ['dayOfYear', 200, 'it leaves around 19 July'],
    ['daysFromHoliday', -1, 'it leaves 1 day before a holiday'],
    ['flightNumberHundreds', 15, 'its number is in the 1500s'],
    ['carrier', 'UA', 'it is a flight of UA'],
    ['originTemperature', 342, 'the temperature at EWR is 34.2°F'],
    ['originVisibilityChange3h', -45, 'the visibility at EWR has fallen by 4.5 miles in 3 hours'],
    ['destinationPrecipitation', 12, 'rain or snow at SFO is 0.12 inches an hour'],
    ['originWeatherAge', 25, 'the weather at EWR was observed 25 minutes ago'],
    ['legDepartureDelay', null, "it is not known: departure delay of the aircraft's previous leg"],
  ] as const)('%s %s', (name, value, text) => {
    expect(told(name, value)).toBe(text)
  })

  test.each([
    ['late', -12, '12 minutes after the planned departure'],
    ['late', 0, 'at the planned departure'],
    ['late', 1, 'only 1 minute before the planned departure'],
    ['late', 59, 'only 59 minutes before the planned departure'],
    ['late', 120, '120 minutes before the planned departure, which has gone with more delays'],
    ['punctual', 120, '120 minutes before the planned departure'],
    ['punctual', 45, '45 minutes before the planned departure, which has gone with fewer delays'],
    ['punctual', -2, '2 minutes after the planned departure, which has gone with fewer delays'],
  ] as const)('tell a %s flight what a slack of %i minutes means', (side, slack, text) => {
    expect(told('slackMinutes', slack, side)).toBe(`the aircraft is expected ${text}`)
    expect(told('returnSlackMinutes', slack, side)).toBe(`the aircraft can be back at best ${text}`)
  })

  test('are there for every feature, with its value in its unit', () => {
    for (const feature of features) {
      for (const value of feature.kind === 'numeric' ? [1, 6, null] : ['AA', null]) {
        const text = phraseOf(feature, value, named)
        expect(text).toMatch(/^[^A-Z]|^UA/)
        expect(text).not.toMatch(/undefined|NaN|\.$| {2}/)
      }
    }
    expect(features.filter(feature => !hasPhrase(feature)).map(({ name }) => name)).toEqual([])
  })

  test('of a feature that has none are those of its definition', () => {
    const [first] = features.filter(({ kind }) => kind === 'numeric')
    const unknown = { ...first, name: 'somethingNew', about: 'Minutes of something.', unit: 'minutes', resolution: 0.1 }
    expect(phraseOf(unknown as Feature, 123, named)).toBe('minutes of something: 12.3 minutes')
  })
})
