import { describe, expect, it } from 'vitest'
import {
  defineFeatures,
  type FeatureDefinition,
  meanOf,
  type NumericDefinition,
  type OwnField,
  valueMax,
  whole,
} from '../../src/features/define.ts'
import { featureSetHash, featureSetHashOf, features } from '../../src/features/table.ts'
import { knowable } from '../../src/records.ts'

const sample: NumericDefinition = {
  name: 'sample',
  kind: 'numeric',
  resolution: 0.1,
  unit: 'minutes',
  uses: ['FlightScheduled.carrier'],
  source: 'flight',
  mayAlert: true,
  about: 'A sample.',
  value: () => 1,
}
const define = (...changes: Partial<NumericDefinition>[]) =>
  defineFeatures(changes.map(change => ({ ...sample, ...change })))

describe('a table', () => {
  const late = Object.entries(knowable).flatMap(([event, fields]) =>
    Object.entries(fields).flatMap(([field, when]) => (when === 'after-departure' ? [`${event}.${field}`] : [])),
  )

  it.each(late)('refuses a feature that uses %s, by name', field => {
    expect(() => define({ uses: ['FlightScheduled.carrier', field as OwnField] })).toThrow(
      `the feature sample uses ${field}, which is not known before departure`,
    )
  })

  it('knows what is after departure', () => {
    expect(late).toContain('FlightDeparted.departedAt')
    expect(late).toContain('FlightArrived.arrivedAt')
  })

  it('refuses a field that no event has', () => {
    expect(() => define({ uses: ['FlightScheduled.airTime' as OwnField] })).toThrow('is a field of an event')
    expect(() => define({ uses: ['AirTime' as OwnField] })).toThrow('is a field of an event')
  })

  it('refuses a name twice, or one that is not camelCase', () => {
    expect(() => define({}, {})).toThrow('the feature sample is defined once')
    expect(() => define({ name: 'Dep Delay' })).toThrow('"Dep Delay" has a camelCase name')
  })

  it('refuses a number without a resolution or unit', () => {
    expect(() => define({ resolution: 0 })).toThrow('sample has a resolution')
    const { resolution: _, ...bare } = sample
    expect(() => defineFeatures([bare as FeatureDefinition])).toThrow('sample has a resolution')
    expect(() => define({ unit: '' })).toThrow('sample has a unit')
  })

  it('says when the last field of a feature is known', () => {
    const when = (uses: OwnField[]) => define({ uses })[0]?.knowable
    expect(when([])).toBe('schedule')
    expect(when(['FlightScheduled.carrier', 'FlightScheduled.origin'])).toBe('schedule')
    expect(when(['AircraftAssigned.tail', 'FlightScheduled.origin'])).toBe('before-departure')
  })

  it('is identified by names, kinds, resolutions, units and their order, and by nothing else', () => {
    const hash = (...changes: Partial<NumericDefinition>[]) => featureSetHashOf(define(...changes))
    const [a, b] = [{ name: 'a' }, { name: 'b' }]
    const others = [
      hash(b, a),
      hash(a),
      hash(a, { name: 'c' }),
      hash(a, { ...b, unit: 'hours' }),
      hash(a, { ...b, resolution: 1 }),
    ]
    expect(new Set([hash(a, b), ...others]).size).toBe(6)
    expect(hash({ ...a, about: 'Other words.', mayAlert: false }, { ...b, value: () => null })).toBe(hash(a, b))
  })

  it('of the project has at least 60 features and the hash of its columns', () => {
    expect(features.length).toBeGreaterThanOrEqual(60)
    expect(featureSetHash).toBe(featureSetHashOf(features))
    expect(featureSetHash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('of the project lets no column of the calendar raise an alert', () => {
    const silent = features.filter(({ mayAlert }) => !mayAlert).map(({ name }) => name)
    const calendar = [
      'departureHour',
      'departureMinuteOfDay',
      'weekday',
      'month',
      'dayOfYear',
      'daysFromHoliday',
      'arrivalHour',
    ]
    expect(silent).toEqual([...calendar, 'horizonMinutes'])
  })
})

describe('values', () => {
  it('are rounded half up, within the range, never -0', () => {
    expect([whole(2.5), whole(-2.5), whole(1e12), whole(-1e12)]).toEqual([3, -2, valueMax, -valueMax])
    expect(Object.is(whole(-0.2), 0)).toBe(true)
  })

  it('a mean counts resolutions, and there is none of nothing', () => {
    // 10 minutes over 3 flights: 3.33 minutes, 33 steps of 0.1.
    expect(meanOf(10, 3, 10)).toBe(33)
    expect(meanOf(-5, 4, 1)).toBe(-1)
    expect(meanOf(0, 0, 10)).toBeNull()
  })
})
