import { describe, expect, test } from 'vitest'
import type { LinkState } from '../../src/web/link.ts'
import { gradeMark, type LiveFacts, livenessOf, riskStep, stageMark, staleAfterMs } from '../../src/web/marks.ts'
import type { Replay } from '../../src/web/wire.ts'
import { gradeOf, predictionOf, startAt, statusOf } from './samples.ts'

const open: LinkState = { phase: 'open', since: 0 }
const down: LinkState = { phase: 'down', since: 0, retryAt: 1, attempt: 1, why: 'gone' }
const replay: Replay = {
  paused: false,
  hoursPerSecond: 1,
  from: '2013-01-01',
  to: '2013-12-31',
  at: startAt,
  done: false,
  fastUntil: null,
}
const facts: LiveFacts = { link: open, status: statusOf(), frameAt: 1_000, now: 1_100 }

const states: [string, Partial<LiveFacts>][] = [
  ['live', {}],
  ['connecting', { link: { phase: 'connecting', since: 0 }, status: null }],
  ['connecting', { status: null }],
  ['offline', { link: down }],
  ['offline', { link: down, status: null }],
  ['stale', { now: 1_001 + staleAfterMs }],
  ['starting', { status: statusOf({ ready: false }) }],
  ['paused', { status: statusOf({ replay: { ...replay, paused: true } }) }],
  ['ended', { status: statusOf({ replay: { ...replay, done: true } }) }],
]

test.each(states)('the page is %s (%#)', (is, change) => {
  expect(livenessOf({ ...facts, ...change }).is).toBe(is)
})

test('no two words of the page share a shape and a word', () => {
  const marks = states.map(([, change]) => livenessOf({ ...facts, ...change }))
  expect(new Set(marks.map(mark => mark.word)).size).toBe(new Set(marks.map(mark => mark.is)).size)
})

test('an unknown state of a stage is shown by its own word, without a claim', () => {
  expect(stageMark('draining')).toEqual({ shape: 'none', word: 'draining' })
})

describe('a prediction', () => {
  const grades: [string, Parameters<typeof predictionOf>[0]][] = [
    ['open', {}],
    ['skipped', { probability: null, late: null, skipped: 'NO_MODEL' }],
    ['hit', { late: true, grade: gradeOf('UA-1545') }],
    ['hit', { late: false, grade: gradeOf('UA-1545', { label: false, arrivalDelayMinutes: -4 }) }],
    ['miss', { late: false, grade: gradeOf('UA-1545') }],
    ['miss', { late: true, grade: gradeOf('UA-1545', { label: false, arrivalDelayMinutes: 3 }) }],
    ['cancelled', { grade: gradeOf('UA-1545', { kind: 'CANCELLED', label: null, arrivalDelayMinutes: null }) }],
    ['given up', { grade: gradeOf('UA-1545', { kind: 'GIVEN_UP', label: null, arrivalDelayMinutes: null }) }],
    ['landed', { probability: null, late: null, skipped: 'NO_MODEL', grade: gradeOf('UA-1545') }],
  ]
  test.each(grades)('is %s (%#)', (word, change) => {
    expect(gradeMark(predictionOf(change)).word).toBe(word)
  })
})

test('risk has five steps, each from its lower end on', () => {
  expect([0, 0.0999, 0.1, 0.2, 0.35, 0.4999, 0.5, 1].map(riskStep)).toEqual([0, 0, 1, 2, 3, 3, 4, 4])
  expect(riskStep(null)).toBeNull()
})
