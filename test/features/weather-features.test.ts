import { describe, expect, it } from 'vitest'
import { hours, minutes } from '../../src/lib/time.ts'
import type { WeatherReading } from '../../src/records.ts'
import { contextOf, some, noon as t, valuesOf, viewUntil } from './world.ts'

describe('the weather', () => {
  const reading: WeatherReading = {
    observedAt: t - minutes(65),
    temperatureFahrenheit: 390,
    dewPointFahrenheit: 261,
    humidityPercent: 594,
    windDirectionDegrees: 2700,
    windMilesPerHour: 104,
    gustMilesPerHour: null,
    precipitationInches: 3,
    pressureMillibars: 10_120,
    visibilityMiles: 100,
  }
  const observed = (station: string, at: number, change: Partial<WeatherReading> = {}) => ({
    weather: [{ station, at, reading: { ...reading, ...change } }],
  })

  it('is the last observed at both ends, with its change at the origin', () => {
    const before = {
      temperatureFahrenheit: 420,
      pressureMillibars: 10_090,
      windMilesPerHour: null,
      visibilityMiles: 20,
    }
    const view = viewUntil(t, [
      [t - hours(3), observed('EWR', t - hours(4), before)],
      [t - hours(1), observed('EWR', t - minutes(65))],
      [t - hours(2), observed('ORD', t - hours(2), { windMilesPerHour: 250 })],
    ])
    expect(valuesOf(contextOf({ view, frameTo: t }))).toMatchObject({
      originTemperature: 390,
      originDewPoint: 261,
      originHumidity: 594,
      originWindDirection: 2700,
      originWind: 104,
      originGust: null,
      originPrecipitation: 3,
      originPressure: 10_120,
      originVisibility: 100,
      originTemperatureChange3h: -30,
      originWindChange3h: null,
      originPressureChange3h: 30,
      originVisibilityChange3h: 80,
      originWeatherAge: 65,
      destinationTemperature: 390,
      destinationWind: 250,
      destinationPrecipitation: 3,
      destinationVisibility: 100,
    })
  })

  it('is the worst of what was last observed near the origin', () => {
    const view = viewUntil(t, [
      [t - hours(2), observed('EWR', t - hours(2), { visibilityMiles: 5 })],
      [t - hours(1), observed('EWR', t - hours(1), { visibilityMiles: 90, precipitationInches: null })],
      [t - hours(1) + minutes(10), observed('JFK', t - hours(1), { visibilityMiles: 20, windMilesPerHour: 300 })],
    ])
    const names = ['areaVisibility', 'areaWind', 'areaPrecipitation']
    expect(some(contextOf({ view, frameTo: t }), names)).toEqual({
      areaVisibility: 20,
      areaWind: 300,
      areaPrecipitation: 3,
    })
    const nothing = { areaVisibility: null, areaWind: null, areaPrecipitation: null }
    expect(some(contextOf({ view: viewUntil(t, []), frameTo: t }), names)).toEqual(nothing)
  })

  it('has no change without an observation three hours before', () => {
    const view = viewUntil(t, [[t - hours(1), observed('EWR', t - minutes(65))]])
    const names = ['originTemperature', 'originTemperatureChange3h', 'destinationWind']
    expect(some(contextOf({ view, frameTo: t }), names)).toEqual({
      originTemperature: 390,
      originTemperatureChange3h: null,
      destinationWind: null,
    })
  })
})
