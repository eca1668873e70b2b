// The weather last observed at both ends. Readings are whole numbers already (records.ts): tenths, precipitation in
// hundredths.

import { minutes } from '../lib/time.ts'
import type { WeatherReading } from '../records.ts'
import { type FeatureDefinition, type NumericDefinition, type OwnField, whole } from './define.ts'
import type { Known } from './known.ts'

type Element = Exclude<keyof WeatherReading, 'observedAt'>
type Place = 'origin' | 'destination'

const frames = { kind: 'numeric', source: 'frames', mayAlert: true } as const

const elements: Record<Element, { name: string; unit: string; resolution: number; words: string }> = {
  temperatureFahrenheit: { name: 'Temperature', unit: 'degrees Fahrenheit', resolution: 0.1, words: 'Air temperature' },
  dewPointFahrenheit: { name: 'DewPoint', unit: 'degrees Fahrenheit', resolution: 0.1, words: 'Dew point' },
  humidityPercent: { name: 'Humidity', unit: 'percent', resolution: 0.1, words: 'Relative humidity' },
  windDirectionDegrees: { name: 'WindDirection', unit: 'degrees', resolution: 0.1, words: 'Direction of the wind' },
  windMilesPerHour: { name: 'Wind', unit: 'miles per hour', resolution: 0.1, words: 'Wind speed' },
  gustMilesPerHour: { name: 'Gust', unit: 'miles per hour', resolution: 0.1, words: 'Speed of gusts' },
  precipitationInches: { name: 'Precipitation', unit: 'inches', resolution: 0.01, words: 'Precipitation of an hour' },
  pressureMillibars: { name: 'Pressure', unit: 'millibars', resolution: 0.1, words: 'Pressure at sea level' },
  visibilityMiles: { name: 'Visibility', unit: 'miles', resolution: 0.1, words: 'Visibility' },
}

const fieldOf: Record<Place, OwnField> = {
  origin: 'FlightScheduled.origin',
  destination: 'FlightScheduled.destination',
}

function last(place: Place, element: Element): NumericDefinition {
  const { name, unit, resolution, words } = elements[element]
  const at = place === 'origin' ? 'originWeather' : 'destinationWeather'
  return {
    ...frames,
    name: `${place}${name}`,
    unit,
    resolution,
    uses: [fieldOf[place]],
    about: `${words} last observed at the ${place}.`,
    value: known => numberOf(known[at]?.reading[element]),
  }
}

function change(element: Element): NumericDefinition {
  const { name, unit, resolution, words } = elements[element]
  return {
    ...frames,
    name: `origin${name}Change3h`,
    unit,
    resolution,
    uses: [fieldOf.origin],
    about: `${words} last observed at the origin minus what was known 3 hours before.`,
    value: ({ originWeather, originWeatherBefore }) => {
      const now = numberOf(originWeather?.reading[element])
      const before = numberOf(originWeatherBefore?.reading[element])
      return now === null || before === null ? null : whole(now - before)
    },
  }
}

function numberOf(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : whole(value)
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
  last('destination', 'temperatureFahrenheit'),
  last('destination', 'windMilesPerHour'),
  last('destination', 'precipitationInches'),
  last('destination', 'visibilityMiles'),
]
