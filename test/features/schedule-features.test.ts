import { describe, expect, it } from 'vitest'
import { AirView } from '../../src/features/air-view.ts'
import { featureRow, features } from '../../src/features/table.ts'
import { hours, minutes } from '../../src/lib/time.ts'
import { contextOf, some, noon as t, valuesOf } from './world.ts'

describe('the schedule', () => {
  const view = new AirView()

  it('is read on the clocks of both ends', () => {
    // Friday 1 March, 14:13 in New York; 16:43 there is 15:43 in Chicago.
    const context = contextOf({ view, frameTo: null, departureAt: t + minutes(133), arrivalAt: t + minutes(283) })
    expect(valuesOf(context)).toMatchObject({
      carrier: 'UA',
      origin: 'EWR',
      destination: 'ORD',
      departureHour: 14,
      departureMinuteOfDay: 853,
      weekday: 4,
      month: 3,
      dayOfYear: 60,
      // Presidents' Day was 18 February.
      daysFromHoliday: 11,
      arrivalHour: 15,
      plannedBlockMinutes: 150,
      distanceMiles: 719,
      // 719 miles in 2.5 hours: 287.6
      plannedSpeed: 288,
      flightNumberHundreds: 1,
      horizonMinutes: 120,
      knownAheadMinutes: 2880,
      movedMinutes: 0,
    })
  })

  it('says how far a flight was moved, and of which aircraft it is', () => {
    const departureAt = t + hours(2)
    const context = contextOf({ view, frameTo: null, departureAt, firstDepartureAt: departureAt - minutes(45) })
    const names = ['movedMinutes', 'aircraftAgeYears', 'aircraftSeats']
    expect(some(context, names)).toEqual({ movedMinutes: 45, aircraftAgeYears: null, aircraftSeats: null })
    expect(some({ ...context, builtYear: 1999, seats: 178 }, names)).toMatchObject({
      aircraftAgeYears: 14,
      aircraftSeats: 178,
    })
  })

  it('of an airport whose zone is not known has no local hours', () => {
    const names = ['departureHour', 'arrivalHour', 'plannedBlockMinutes']
    const nowhere = contextOf({ view, frameTo: null, origin: 'ZZZ', destination: 'YYY' })
    expect(some(nowhere, names)).toEqual({ departureHour: null, arrivalHour: null, plannedBlockMinutes: 150 })
  })
})

describe('an empty air space', () => {
  it('has counts of 0, and no means, shares, legs or weather', () => {
    const row = featureRow(contextOf({ view: new AirView(), frameTo: null, tail: 'N1' }))
    features.forEach(({ name, kind, source, ...feature }, at) => {
      if (source === 'flight' || kind === 'categorical') return
      const isCount = 'unit' in feature && feature.unit === 'flights'
      const isZero = isCount || name.endsWith('OverdueMinutes')
      expect([name, row[at]]).toEqual([name, isZero ? 0 : null])
    })
  })
})
