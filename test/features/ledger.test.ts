import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allColumns, columnRange, countPlace, Ledger, levelPlace, sumsFor } from '../../src/features/ledger.ts'
import { cellOf } from './world.ts'

const shape = { spans: 1, entities: 1 }

function countOf(ledger: Ledger, { since, now, entity }: { since: number; now: number; entity: number }) {
  const into = sumsFor(shape)
  ledger.read({ entities: [entity], since: [since], wanted: [allColumns], now }, into)
  const at = (column: Parameters<typeof countPlace>[0]) => into[countPlace(column, { span: 0, entity: 0, shape })]
  return { departed: at('departed'), minutes: at('departureDelayMinutes'), onTheWay: at('enRouteMinutes') }
}

function levelsOf(ledger: Ledger, now: number, entity: number) {
  const into = sumsFor(shape)
  ledger.read({ entities: [entity], since: [now], wanted: [allColumns], now }, into)
  return [into[levelPlace('overdue', 0, shape)], into[levelPlace('overdueSlots', 0, shape)]]
}

describe('counts', () => {
  test('between two frames are those of the frames after the first and up to the second', () => {
    const ledger = new Ledger(10)
    for (let frame = 100; frame < 105; frame++) {
      ledger.open(frame)
      ledger.count(3, cellOf({ departed: frame - 99, departureDelayMinutes: -10, enRouteMinutes: 1 }))
    }
    // frames 102 and 103 counted 3 and 4
    expect(countOf(ledger, { since: 101, now: 103, entity: 3 })).toEqual({ departed: 7, minutes: -20, onTheWay: 2 })
    // before the first frame nothing was
    expect(countOf(ledger, { since: 5, now: 104, entity: 3 })).toMatchObject({ departed: 15 })
    expect(countOf(ledger, { since: 5, now: 104, entity: 4 })).toMatchObject({ departed: 0 })
    expect(countOf(ledger, { since: 103, now: 103, entity: 3 })).toMatchObject({ departed: 0 })
  })

  test('equal those that are added one by one, while rows are reused and room is made', () => {
    const seen = fc.record({ entity: fc.integer({ min: 1, max: 200 }), departed: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(fc.array(seen, { maxLength: 3 }), { minLength: 12, maxLength: 40 }), frames => {
        const kept = 10
        const ledger = new Ledger(kept)
        frames.forEach((cells, frame) => {
          ledger.open(frame + 50)
          for (const { entity, departed } of cells) {
            ledger.reserve(entity + 1)
            ledger.count(entity, cellOf({ departed }))
          }
        })
        ledger.reserve(201)
        const now = frames.length + 49
        const since = now - kept + 1
        for (const entity of new Set(frames.flat().map(each => each.entity))) {
          const recent = frames.slice(-kept + 1).flat()
          const expected = recent.reduce((sum, each) => sum + (each.entity === entity ? each.departed : 0), 0)
          expect(countOf(ledger, { since, now, entity }).departed).toBe(expected)
        }
      }),
    )
  })

  test('are right when their prefix sum has gone round 2^31', () => {
    const ledger = new Ledger(4)
    for (let frame = 0; frame < 5; frame++) {
      ledger.open(frame + 1)
      ledger.count(1, cellOf({ departureDelayMinutes: 2 ** 30 }))
    }
    expect(countOf(ledger, { since: 4, now: 5, entity: 1 }).minutes).toBe(2 ** 30)
  })

  test('that are not wanted stay as they were', () => {
    const ledger = new Ledger(4)
    ledger.open(1)
    ledger.count(1, cellOf({ departed: 2, cancelled: 3 }))
    const into = sumsFor(shape).fill(77)
    ledger.read({ entities: [1], since: [0], wanted: [columnRange('cancelled', 'cancelled')], now: 1 }, into)
    expect(into[countPlace('departed', { span: 0, entity: 0, shape })]).toBe(77)
    expect(into[countPlace('cancelled', { span: 0, entity: 0, shape })]).toBe(3)
  })
})

describe('levels', () => {
  test('stay from frame to frame, and grow older', () => {
    const ledger = new Ledger(4)
    ledger.open(1)
    ledger.overdue(1, 2, 0)
    ledger.open(2)
    ledger.age(2)
    ledger.open(3)
    ledger.age(2)
    ledger.overdue(1, -1, 2)
    // two flights, two slots old each; one of them leaves
    expect(levelsOf(ledger, 1, 1)).toEqual([2, 0])
    expect(levelsOf(ledger, 2, 1)).toEqual([2, 2])
    expect(levelsOf(ledger, 3, 1)).toEqual([1, 2])
  })
})

describe('what is refused', () => {
  test('a frame out of its turn', () => {
    const ledger = new Ledger(4)
    ledger.open(7)
    expect(() => ledger.open(9)).toThrow('one after the other')
  })

  test('a question about a frame that is no longer kept, or not yet here', () => {
    const ledger = new Ledger(2)
    for (const frame of [1, 2, 3, 4]) ledger.open(frame)
    expect(() => countOf(ledger, { since: 2, now: 4, entity: 1 })).toThrow('a frame that is kept')
    expect(() => countOf(ledger, { since: 3, now: 5, entity: 1 })).toThrow('a frame that is kept')
  })
})
