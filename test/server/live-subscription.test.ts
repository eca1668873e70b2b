import { describe, expect, test } from 'vitest'
import { parseMessage, parseSubscription } from '../../src/server/live-subscription.ts'

const subscribe = (query: string) => parseSubscription(new URLSearchParams(query))

describe('a subscription', () => {
  test('is everything unless it says otherwise', () => {
    const { topics, filter } = subscribe('')
    expect([...topics]).toEqual(['status', 'predictions', 'airports', 'drift'])
    expect(filter).toEqual({})
  })

  test('names topics and filters', () => {
    const { topics, filter } = subscribe('topics=status,predictions&origin=EWR&carrier=UA')
    expect([...topics]).toEqual(['status', 'predictions'])
    expect(filter).toEqual({ origin: 'EWR', carrier: 'UA' })
  })

  test.each([
    ['topics=weather', 'topics'],
    ['topics=', 'topics'],
    ['origin=newark', 'origin'],
    ['carrier=', 'carrier'],
    ['gate=C7', 'gate'],
  ])('%s is refused', (query, field) => {
    expect(() => subscribe(query)).toThrow(expect.objectContaining({ code: 'FIELD_TYPE', field }))
  })
})

describe('a message', () => {
  test.each([
    { type: 'pause' },
    { type: 'resume' },
    { type: 'resume', seq: 7 },
    { type: 'control', action: 'speed', hoursPerSecond: 6 },
  ])('%j is one', message => {
    expect(parseMessage(JSON.stringify(message))).toEqual(message)
  })

  test.each([
    ['no JSON', 'hello', 'REQUEST_MALFORMED'],
    ['null', 'null', 'FIELD_TYPE'],
    ['an array', '[{"type":"pause"}]', 'FIELD_TYPE'],
    ['an unknown type', '{"type":"subscribe"}', 'FIELD_TYPE'],
    ['a negative number', '{"type":"resume","seq":-1}', 'FIELD_TYPE'],
    ['a control without an action', '{"type":"control"}', 'FIELD_MISSING'],
    ['a field too many', '{"type":"pause","for":"ever"}', 'FIELD_TYPE'],
  ])('%s is none', (_, text, code) => {
    expect(() => parseMessage(text)).toThrow(expect.objectContaining({ code }))
  })
})
