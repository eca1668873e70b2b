import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  alertsInOrder,
  differenceOf,
  lastVerdict,
  loopEvents,
  mergeLoop,
  nextLook,
  nothingLooped,
  openTests,
} from '../../src/web/loop.ts'
import { alertOf, decisionOf, requestOf, shadowTestOf, startAt } from './samples.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

describe('what comes', () => {
  test('replaces what has its id, and lies newest first', () => {
    const first = mergeLoop(nothingLooped, { alerts: [alertOf(), alertOf({ id: 'later', at: startAt + hourMs })] })
    const held = mergeLoop(first, { alerts: [alertOf({ resolvedAt: startAt + dayMs })] })
    expect(held.alerts.map(({ id, resolvedAt }) => [id, resolvedAt])).toEqual([
      ['later', null],
      [alertOf().id, startAt + dayMs],
    ])
  })

  test('twice changes nothing', () => {
    const news = {
      alerts: [alertOf()],
      requests: [requestOf()],
      decisions: [decisionOf()],
      shadowTests: [shadowTestOf()],
    }
    const once = mergeLoop(nothingLooped, news)
    expect(mergeLoop(once, news)).toEqual(once)
  })

  test('keeps the tests of two challengers on one day apart', () => {
    const shadowTests = [shadowTestOf(), shadowTestOf({ challenger: 'other' })]
    expect(mergeLoop(nothingLooped, { shadowTests }).shadowTests).toHaveLength(2)
  })

  test('is the same whatever the order in which it comes', () => {
    const decisions = [0, 1, 2, 3].map(day => decisionOf({ id: String(day), at: startAt + day * dayMs }))
    fc.assert(
      fc.property(fc.shuffledSubarray(decisions, { minLength: 4 }), order => {
        const held = order.reduce((loop, decision) => mergeLoop(loop, { decisions: [decision] }), nothingLooped)
        expect(held.decisions).toEqual(decisions.toReversed())
      }),
    )
  })
})

test('open alerts come first, however old', () => {
  const old = alertOf({ id: 'open', at: startAt - 9 * dayMs })
  const resolved = alertOf({ id: 'resolved', resolvedAt: startAt })
  expect(alertsInOrder([resolved, old]).map(({ id }) => id)).toEqual(['open', 'resolved'])
})

test.each([
  [0, 7],
  [7, 7],
  [8, 14],
  [21, 21],
  [22, 28],
  [28, 28],
])('after %i days the next look is at day %i', (days, look) => {
  expect(nextLook(days)).toBe(look)
})

test('a difference is written with its sign and error', () => {
  expect(differenceOf(shadowTestOf())).toBe('+0.0121 \u00b1 0.0047 nats a row')
  expect(differenceOf(shadowTestOf({ meanDifference: -0.002, standardError: null }))).toBe('\u22120.0020 nats a row')
  expect(differenceOf(shadowTestOf({ meanDifference: null }))).toBe('no difference known yet')
})

describe('open tests', () => {
  const [day4, day5] = [shadowTestOf(), shadowTestOf({ at: startAt + dayMs, days: 5 })]

  test('are the last of each challenger', () => {
    const loop = { ...nothingLooped, shadowTests: [day5, day4, shadowTestOf({ challenger: 'other' })] }
    expect(openTests(loop).map(({ challenger, days }) => [challenger, days])).toEqual([
      ['m-2013-02-08T12', 5],
      ['other', 4],
    ])
  })

  test('end with the verdict', () => {
    const decided = shadowTestOf({ at: startAt + 2 * dayMs, days: 7, verdict: 'PROMOTE' })
    expect(openTests({ ...nothingLooped, shadowTests: [decided, day5] })).toEqual([])
  })

  test('end when the challenger was withdrawn by hand', () => {
    const decisions = [decisionOf({ verb: 'REJECT', version: day5.challenger, challengers: [] })]
    expect(openTests({ ...nothingLooped, decisions, shadowTests: [day5] })).toEqual([])
  })
})

describe('events', () => {
  const loop = {
    ...nothingLooped,
    alerts: [alertOf({ resolvedAt: startAt + 12 * dayMs, resolvedMessage: 'back' })],
    requests: [requestOf()],
    shadowTests: [
      shadowTestOf({ at: startAt + 3 * dayMs, days: 2 }),
      shadowTestOf({ at: startAt + 2 * dayMs, days: 1, bound: 3.2 }),
      shadowTestOf({ at: startAt + dayMs, days: 0 }),
    ],
    decisions: [
      decisionOf({ at: startAt + 9 * dayMs, version: 'm-2013-02-08T12' }),
      decisionOf({ verb: 'REGISTER', version: 'm-2013-02-08T12', at: startAt + dayMs, champion: 'seed' }),
    ],
  }

  test('are newest first, and of one instant what came of the other comes above it', () => {
    expect(loopEvents(loop).map(({ word }) => word)).toEqual([
      'resolved',
      'promoted',
      'in shadow',
      'in shadow',
      'challenger',
      'training asked',
      'alert',
    ])
  })

  test('leave out the days of a shadow on which nothing is looked at', () => {
    const shadows = loopEvents(loop).filter(({ word }) => word === 'in shadow')
    expect(shadows.map(({ text }) => text.slice(0, 12))).toEqual(['day 2 of 7: ', 'day 1 of 7: '])
  })

  test('have ids of their own', () => {
    const ids = loopEvents(loop).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('say when a command was refused, whatever it was', () => {
    const refused = loopEvents({ ...nothingLooped, decisions: [decisionOf({ accepted: false })] })
    expect(refused[0]).toMatchObject({ shape: 'warn', word: 'refused' })
    // the registry takes no model, and says so with the trainer's reason
    const none = loopEvents({ ...nothingLooped, decisions: [decisionOf({ accepted: false, verb: 'DECLINE' })] })
    expect(none[0]).toMatchObject({ shape: 'none', word: 'no model' })
  })
})

test('the last verdict is neither a registration nor a refusal', () => {
  const decisions = [
    decisionOf({ verb: 'PROMOTE', version: 'b', accepted: false }),
    decisionOf({ verb: 'REGISTER', version: 'b' }),
    decisionOf({ verb: 'REJECT', version: 'a' }),
  ]
  expect(lastVerdict({ ...nothingLooped, decisions })?.version).toBe('a')
})
