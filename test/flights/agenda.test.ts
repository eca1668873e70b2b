import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Agenda } from '../../src/flights/agenda.ts'
import { compareItems, eventTypes, type Item } from '../../src/flights/event-order.ts'

const items = fc.array(
  fc.record({
    deliveredAt: fc.nat(10_000_000),
    key: fc.constantFrom('A', 'B', 'C'),
    name: fc.constantFrom(...eventTypes, null),
    value: fc.constant({}),
  }),
)

test('items come out as a stable sort of what went in', () => {
  fc.assert(
    fc.property(items, list => {
      const agenda = new Agenda()
      const given: Item[] = list.map((item, index) => ({ ...item, value: { index } }))
      for (const item of given) agenda.add(item)
      expect(agenda.take(Number.POSITIVE_INFINITY)).toEqual([...given].sort(compareItems))
      expect(agenda.size).toBe(0)
    }),
  )
})

test('taking a part at a time gives the same as taking all at once', () => {
  fc.assert(
    fc.property(items, fc.array(fc.nat(12_000_000)), (list, times) => {
      const whole = new Agenda()
      const parts = new Agenda()
      for (const item of list) {
        whole.add(item)
        parts.add(item)
      }
      const taken = [...times.sort((a, b) => a - b), Number.POSITIVE_INFINITY].flatMap(to => parts.take(to))
      expect(taken).toEqual(whole.take(Number.POSITIVE_INFINITY))
    }),
  )
})

test('nothing is taken that an item added later could precede', () => {
  const agenda = new Agenda()
  const item = (deliveredAt: number): Item => ({ deliveredAt, key: 'A', name: null, value: {} })
  agenda.add(item(5))
  agenda.add(item(2_000_000))
  expect(agenda.take(1_300_000)).toEqual([item(5)])
  agenda.add(item(1_300_000))
  expect(agenda.take(Number.POSITIVE_INFINITY)).toEqual([item(1_300_000), item(2_000_000)])
})

test('an item that belongs before what was taken is a defect', () => {
  const agenda = new Agenda()
  agenda.take(1_300_000)
  expect(() => agenda.add({ deliveredAt: 5, key: 'A', name: null, value: {} })).toThrow(/assertion failed/)
})
