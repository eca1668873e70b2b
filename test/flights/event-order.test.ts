import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compareItems, eventTypes, type Item, rankOf } from '../../src/flights/event-order.ts'

test('the order at one instant is that of the event types in the schema of the timeline', () => {
  const file = new URL('../../schemas/TimelineEntry.avsc', import.meta.url)
  const { fields } = JSON.parse(readFileSync(file, 'utf8')) as {
    fields: { name: string; type: { symbols?: string[] } }[]
  }
  expect(fields.find(({ name }) => name === 'type')?.type.symbols).toEqual(eventTypes)
  expect(eventTypes.map(rankOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
})

test('what is no event comes after every event of its instant', () => {
  const item = (deliveredAt: number, name: Item['name'], key: string): Item => ({ deliveredAt, name, key, value: {} })
  const ordered = [
    item(1, 'WeatherObserved', 'EWR'),
    item(2, 'FlightScheduled', 'B'),
    item(2, 'FlightArrived', 'A'),
    item(2, 'FlightArrived', 'B'),
    item(2, null, 'A'),
    item(3, 'FlightScheduled', 'A'),
  ]
  expect(ordered.toReversed().sort(compareItems)).toEqual(ordered)
  expect([rankOf(null), rankOf('Mark')]).toEqual([8, 8])
})
