// The weather last observed at both ends. Readings are whole numbers already (records.ts): tenths, precipitation in
// hundredths.

import { minutes } from '../lib/time.ts'
import type { StationWeather, WeatherReading } from '../records.ts'
import { type FeatureDefinition, type NumericDefinition, type OwnField, whole } from './define.ts'
import type { Known } from './known.ts'

type Element = Exclude<keyof WeatherReading, 'observedAt'>
type Place = 'origin' | 'destination'

const frames = { kind: 'numeric', source: 'frames', mayAlert: true } as const

type About = {
  name: string
  unit: string
  resolution: number
  words: string
  of: (reading: WeatherReading) => number | null
}

// Each reads its own property: one function with the name of the property as a variable costs ten times as much.
const elements: Record<Element, About> = {
  temperatureFahrenheit: {
    name: 'Temperature',
    unit: 'degrees Fahrenheit',
    resolution: 0.1,
    words: 'Air temperature',
    of: reading => reading.temperatureFahrenheit,
  },
  dewPointFahrenheit: {
    name: 'DewPoint',
    unit: 'degrees Fahrenheit',
    resolution: 0.1,
    words: 'Dew point',
    of: reading => reading.dewPointFahrenheit,
  },
  humidityPercent: {
    name: 'Humidity',
    unit: 'percent',
    resolution: 0.1,
    words: 'Relative humidity',
    of: reading => reading.humidityPercent,
  },
  windDirectionDegrees: {
    name: 'WindDirection',
    unit: 'degrees',
    resolution: 0.1,
    words: 'Direction of the wind',
    of: reading => reading.windDirectionDegrees,
  },
  windMilesPerHour: {
    name: 'Wind',
    unit: 'miles per hour',
    resolution: 0.1,
    words: 'Wind speed',
    of: reading => reading.windMilesPerHour,
  },
  gustMilesPerHour: {
    name: 'Gust',
    unit: 'miles per hour',
    resolution: 0.1,
    words: 'Speed of gusts',
    of: reading => reading.gustMilesPerHour,
  },
  precipitationInches: {
    name: 'Precipitation',
    unit: 'inches',
    resolution: 0.01,
    words: 'Precipitation of an hour',
    of: reading => reading.precipitationInches,
  },
  pressureMillibars: {
    name: 'Pressure',
    unit: 'millibars',
    resolution: 0.1,
    words: 'Pressure at sea level',
    of: reading => reading.pressureMillibars,
  },
  visibilityMiles: {
    name: 'Visibility',
    unit: 'miles',
    resolution: 0.1,
    words: 'Visibility',
    of: reading => reading.visibilityMiles,
  },
}

const fieldOf: Record<Place, OwnField> = {
  origin: 'FlightScheduled.origin',
  destination: 'FlightScheduled.destination',
}

function last(place: Place, element: Element): NumericDefinition {
  const { name, unit, resolution, words, of } = elements[element]
  return {
    ...frames,
    name: `${place}${name}`,
    unit,
    resolution,
    uses: [fieldOf[place]],
    about: `${words} last observed at the ${place}.`,
    value:
      place === 'origin'
        ? ({ originWeather }) => wholeOf(originWeather, of)
        : ({ destinationWeather }) => wholeOf(destinationWeather, of),
  }
}

function change(element: Element): NumericDefinition {
  const { name, unit, resolution, words, of } = elements[element]
  return {
    ...frames,
    name: `origin${name}Change3h`,
    unit,
    resolution,
    uses: [fieldOf.origin],
    about: `${words} last observed at the origin minus what was known 3 hours before.`,
    value: ({ originWeather, originWeatherBefore }) => {
      const now = wholeOf(originWeather, of)
      const before = wholeOf(originWeatherBefore, of)
      return now === null || before === null ? null : whole(now - before)
    },
  }
}

/** The worst that was last observed near the origin: a storm at one airport of a city is one at all of them soon. */
function worst(element: Element, worse: (a: number, b: number) => number, most: string): NumericDefinition {
  const { name, unit, resolution, words, of } = elements[element]
  return {
    ...frames,
    name: `area${name}`,
    unit,
    resolution,
    uses: [fieldOf.origin],
    about: `${most} ${words.toLowerCase()} last observed within 50 miles of the origin.`,
    value: ({ areaWeather }) => {
      let found: number | null = null
      for (const weather of areaWeather) {
        const value = wholeOf(weather, of)
        if (value !== null) found = found === null ? value : worse(found, value)
      }
      return found
    },
  }
}

function wholeOf(weather: StationWeather | null, of: About['of']): number | null {
  const value = weather === null ? null : of(weather.reading)
  return value === null ? null : whole(value)
}

function ageMinutes({ originWeather, context: { frameTo } }: Known): number | null {
  if (originWeather === null || frameTo === null) return null
  return whole((frameTo - originWeather.reading.observedAt) / minutes(1))
}

export const weatherFeatures: readonly FeatureDefinition[] = [
  last('origin', 'temperatureFahrenheit'),
  last('origin', 'dewPointFahrenheit'),
  last('origin', 'humidityPercent'),
  last('origin', 'windDirectionDegrees'),
  last('origin', 'windMilesPerHour'),
  last('origin', 'gustMilesPerHour'),
  last('origin', 'precipitationInches'),
  last('origin', 'pressureMillibars'),
  last('origin', 'visibilityMiles'),
  change('temperatureFahrenheit'),
  change('windMilesPerHour'),
  change('pressureMillibars'),
  change('visibilityMiles'),
  {
    ...frames,
    name: 'originWeatherAge',
    unit: 'minutes',
    resolution: 1,
    uses: [fieldOf.origin],
    about: 'Minutes from the observation at the origin to the end of the last frame.',
    value: ageMinutes,
  },
  worst('windMilesPerHour', Math.max, 'Highest'),
  worst('precipitationInches', Math.max, 'Highest'),
  worst('visibilityMiles', Math.min, 'Lowest'),
  last('destination', 'temperatureFahrenheit'),
  last('destination', 'windMilesPerHour'),
  last('destination', 'precipitationInches'),
  last('destination', 'visibilityMiles'),
]
