import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  axisOf,
  flagsOf,
  labelOf,
  sharePath,
  stretchesOf,
  textWidth,
  ticksOf,
  xOf,
} from '../../../src/web/drift/lanes.ts'
import { loopEvents, nothingLooped } from '../../../src/web/loop.ts'
import { alertOf, decisionOf, startAt } from '../samples.ts'

const dayMs = 86_400_000
const axis = axisOf({ first: startAt - 10 * dayMs, to: startAt, width: 1_000 })

describe('an axis', () => {
  test('runs from the first window to the last', () => {
    expect(xOf(startAt - 10 * dayMs, axis)).toBe(0)
    expect(xOf(startAt - 5 * dayMs, axis)).toBe(500)
    expect(xOf(startAt, axis)).toBe(1_000)
  })

  test('is a day long at least', () => {
    expect(axisOf({ first: startAt, to: startAt, width: 1 }).from).toBe(startAt - dayMs)
  })
})

describe('alerts', () => {
  test('are stretches; an open one reaches the end', () => {
    const closed = alertOf({ id: 'a', at: startAt - 9 * dayMs, resolvedAt: startAt - 8 * dayMs })
    const open = alertOf({ id: 'b', at: startAt - dayMs })
    const stretches = stretchesOf([open, closed], axis)
    expect(stretches.map(({ alert, left, right, row }) => [alert.id, left, right, row])).toEqual([
      ['a', 100, 200, 0],
      ['b', 900, 1_000, 0],
    ])
  })

  test('that overlap lie below each other', () => {
    const alerts = [-4, -3, -2].map(day => alertOf({ id: String(day), at: startAt + day * dayMs }))
    expect(stretchesOf(alerts, axis).map(({ row }) => row)).toEqual([0, 1, 2])
  })

  test('have their name inside, or before them where no other is in the way', () => {
    const hour = dayMs / 24
    const [first, second] = [-5, -4.9].map(day => {
      const at = startAt + day * dayMs
      return alertOf({ id: String(day), at, resolvedAt: at + 2 * hour })
    })
    const long = alertOf({ id: 'long', at: startAt - 2 * dayMs })
    const stretches = stretchesOf(
      [first, second, long].filter(alert => alert !== undefined),
      axis,
    )
    expect(stretches.map(({ nameAt }) => nameAt)).toEqual(['before', null, 'inside'])
  })

  test('are cut to the axis, and left out beyond it', () => {
    const early = alertOf({ id: 'early', at: startAt - 20 * dayMs, resolvedAt: startAt - 9 * dayMs })
    const past = alertOf({ id: 'past', at: startAt - 20 * dayMs, resolvedAt: startAt - 11 * dayMs })
    expect(stretchesOf([early, past], axis)).toMatchObject([{ left: 0, right: 100 }])
  })

  test('never overlap within a row', () => {
    const given = fc.array(fc.tuple(fc.nat(10), fc.nat(10)), { maxLength: 20 })
    fc.assert(
      fc.property(given, spans => {
        const alerts = spans.map(([from, days], place) => {
          const at = startAt + (from - 10) * dayMs
          return alertOf({ id: String(place), at, resolvedAt: at + days * dayMs })
        })
        const stretches = stretchesOf(alerts, axis)
        for (const [place, a] of stretches.entries()) {
          for (const b of stretches.slice(place + 1)) {
            expect(a.row !== b.row || a.right <= b.left || b.right <= a.left).toBe(true)
          }
        }
      }),
    )
  })
})

describe('marks', () => {
  const decisions = [-9, -8.9, -0.5].map(day =>
    decisionOf({ id: String(day), version: `m${day}`, at: startAt + day * dayMs }),
  )
  const events = loopEvents({ ...nothingLooped, decisions })

  test('have their label at the right, or at the left where the next mark is too near', () => {
    expect(flagsOf(events, 'models', axis).map(({ label }) => label)).toEqual([
      { text: 'promoted m-9', side: 'left' },
      { text: 'promoted m-8.9', side: 'right' },
      { text: 'promoted m-0.5', side: 'left' },
    ])
  })

  test('of another lane, or from before the axis, are left out', () => {
    expect(flagsOf(events, 'trainings', axis)).toEqual([])
    const early = loopEvents({ ...nothingLooped, decisions: [decisionOf({ at: 0 })] })
    expect(flagsOf(early, 'models', axis)).toEqual([])
  })

  test('have a shorter label rather than none', () => {
    const rooms = { right: textWidth('promoted'), left: 0 }
    expect(labelOf(['promoted m-1', 'promoted'], rooms)).toEqual({ text: 'promoted', side: 'right' })
    expect(labelOf(['promoted'], { right: 5, left: 5 }).text).toBe('')
  })
})

test('ticks are midnights, and leave each some 70 pixels', () => {
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 2_000 }), fc.integer({ min: 1, max: 60 }), (width, days) => {
      const ticks = ticksOf(axisOf({ first: startAt - days * dayMs, to: startAt, width }))
      expect(ticks.length).toBeGreaterThan(0)
      for (const { at } of ticks) expect(at % dayMs).toBe(0)
      for (const [place, { x }] of ticks.slice(1).entries()) {
        expect(x - (ticks[place]?.x ?? 0)).toBeGreaterThanOrEqual(69)
      }
    }),
  )
})

test('the share of drifted columns keeps its peaks when hours share a pixel', () => {
  const to = Array.from({ length: 240 }, (_, hour) => startAt - (239 - hour) * 3_600_000)
  const share = to.map((_, hour) => (hour === 100 ? 1 : 0.25))
  const path = sharePath({ to, share }, { ...axis, width: 50 }, 40)
  expect(path.match(/[ML]/g)?.length).toBeLessThanOrEqual(51)
  expect(path).toMatch(/L\d+ 0L/)
})
