import { describe, expect, test } from 'vitest'
import { entryOf } from '../../src/stages/timeline-entry.ts'
import { arrived, assigned, m, weather } from './events.ts'
import { codec } from './stage-io.ts'

const entry = (type: Parameters<typeof entryOf>[0]['type'], event: Parameters<typeof entryOf>[0]['event']) =>
  entryOf({ type, id: 'A', hash: '0123456789abcdef', event, at: m(9), flight: null })

describe('a timeline entry', () => {
  test('has when it entered and what it claimed, and null for what its event has no word for', () => {
    expect(entry('FlightArrived', arrived(m(5), { revision: 2 }))).toEqual({
      at: m(9),
      claimedAt: m(5),
      type: 'FlightArrived',
      id: 'A',
      revision: 2,
      hash: '0123456789abcdef',
      flight: null,
      departedAt: null,
      arrivedAt: m(5),
      tail: null,
      builtYear: null,
      seats: null,
      reason: null,
      divertedTo: null,
      weather: null,
    })
    expect(entry('AircraftAssigned', assigned(m(5)))).toMatchObject({ tail: 'N14228', builtYear: 1999, seats: 149 })
  })

  test('counts weather in whole tenths, rain in hundredths, and nothing for what was not observed', () => {
    const said = weather(m(5), { temperatureFahrenheit: 39.02, windMilesPerHour: 10.35702, precipitationInches: 0.014 })
    expect(entry('WeatherObserved', said).weather).toMatchObject({
      observedAt: m(5),
      temperatureFahrenheit: 390,
      windMilesPerHour: 104,
      precipitationInches: 1,
      gustMilesPerHour: null,
    })
  })

  test('fits its schema', () => {
    expect(() =>
      codec.check('TimelineEntry', entry('WeatherObserved', weather(m(5), { humidityPercent: 59.37 }))),
    ).not.toThrow()
  })
})
