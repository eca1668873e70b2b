import { describe, expect, it } from 'vitest'
import { Entities, everything, nobody } from '../../src/features/entities.ts'

describe('Entities', () => {
  it('numbers each kind of thing once, and finds what has been entered', () => {
    const entities = new Entities()
    const first = entities.enter('EWR', 'ORD', 'UA')
    expect(entities.enter('EWR', 'ORD', 'UA')).toEqual(first)
    const all = [nobody, everything, ...Object.values(first)]
    expect(all.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(entities.count).toBe(8)
    const { origin, carrier } = entities.enter('ORD', 'EWR', 'UA')
    expect(origin).not.toBe(first.destination)
    expect(carrier).toBe(first.carrier)
  })

  it('finds the parts of a triple that was never seen together', () => {
    const entities = new Entities()
    const ua = entities.enter('EWR', 'ORD', 'UA')
    const b6 = entities.enter('JFK', 'BOS', 'B6')
    expect(entities.find('EWR', 'BOS', 'UA')).toEqual({
      ...ua,
      destination: b6.destination,
      region: b6.region,
      route: nobody,
    })
    expect(entities.find('LAX', 'SFO', 'AA')).toEqual({
      origin: nobody,
      destination: nobody,
      region: nobody,
      carrier: nobody,
      originCarrier: nobody,
      route: nobody,
    })
  })

  it('knows destinations of one region together', () => {
    const entities = new Entities(airport => (airport === 'BOS' ? 'west' : 'middle'))
    const first = entities.enter('EWR', 'ORD', 'UA')
    expect(entities.enter('EWR', 'STL', 'UA').region).toBe(first.region)
    expect(entities.enter('EWR', 'BOS', 'UA').region).not.toBe(first.region)
    // never seen, but of a region that was
    expect(entities.find('EWR', 'MSP', 'UA')).toMatchObject({ destination: nobody, region: first.region })
  })
})
