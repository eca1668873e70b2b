import { describe, expect, test } from 'vitest'
import { nothingLooped } from '../../src/web/loop.ts'
import { riskAhead, storyOf } from '../../src/web/story.ts'
import type { RiskPoint } from '../../src/web/wire.ts'
import { alertOf, decisionOf, requestOf, shadowTestOf, startAt, statusOf } from './samples.ts'

const hourMs = 3_600_000

const pointOf = (hour: number, change: Partial<RiskPoint> = {}): RiskPoint => ({
  at: startAt + hour * hourMs,
  flights: 10,
  meanProbability: 0.2,
  lateShare: null,
  cancelledShare: 0,
  ...change,
})

const stepsOf = (facts: Partial<Parameters<typeof storyOf>[0]>) =>
  storyOf({ status: statusOf(), risk: [], loop: nothingLooped, ...facts })
const stepOf = (name: string, facts: Partial<Parameters<typeof storyOf>[0]>) =>
  stepsOf(facts).find(step => step.name === name)

test('the story has its six steps whatever there is', () => {
  const names = ['Risk', 'Graded', 'Alert', 'Training', 'Shadow', 'Decision']
  expect(stepsOf({}).map(({ name }) => name)).toEqual(names)
  expect(stepsOf({ status: statusOf({ eventTime: null }) }).map(({ name }) => name)).toEqual(names)
})

describe('the risk ahead', () => {
  test('is weighted by flights, and not mixed with what has left', () => {
    const risk = [pointOf(-1, { meanProbability: 0.1 }), pointOf(0, { flights: 30, meanProbability: 0.6 }), pointOf(1)]
    const { ahead, before, flights } = riskAhead(risk, startAt + 1)
    expect(ahead).toBeCloseTo(0.5)
    expect(before).toBeCloseTo(0.1)
    expect(flights).toBe(40)
  })

  test('rises, and the cancellations follow', () => {
    const risk = [pointOf(-2), pointOf(0, { meanProbability: 0.5 })]
    expect(stepOf('Risk', { risk })).toMatchObject({ word: 'rising' })
    expect(stepOf('Risk', { risk })?.text).toContain('none is cancelled yet')
    const later = [pointOf(-2), pointOf(0, { meanProbability: 0.5, cancelledShare: 0.3 })]
    expect(stepOf('Risk', { risk: later })?.text).toContain('30 % cancelled so far')
  })

  test.each([
    [0.5, 0.5, 'high'],
    [0.5, 0.2, 'falling'],
    [0.2, 0.22, 'steady'],
  ])('after %d, %d is %s', (before, ahead, word) => {
    const risk = [pointOf(-2, { meanProbability: before }), pointOf(0, { meanProbability: ahead })]
    expect(stepOf('Risk', { risk })?.word).toBe(word)
  })

  test('is not known before something was predicted', () => {
    expect(stepOf('Risk', { risk: [pointOf(0, { meanProbability: null })] })?.word).toBe('not yet')
  })
})

test('few grades are said to be few', () => {
  const quality = { n: 199, auc: null, logLoss: null, brier: null, hits: 190, misses: 9 }
  expect(stepOf('Graded', { status: statusOf({ quality }) })?.word).toBe('too few')
  const enough = { ...quality, n: 200, hits: 150, misses: 50 }
  expect(stepOf('Graded', { status: statusOf({ quality: enough }) })?.word).toBe('75 % right')
})

describe('one turn of the loop', () => {
  const turn = { ...nothingLooped, alerts: [alertOf()], requests: [requestOf()] }

  test('begins with an alert and a training', () => {
    expect(stepOf('Alert', { loop: turn })).toMatchObject({ shape: 'bad', word: 'data drift', at: startAt })
    expect(stepOf('Training', { loop: turn })).toMatchObject({ word: 'open' })
    expect(stepOf('Shadow', { loop: turn })).toMatchObject({ word: 'none' })
  })

  const trained = {
    ...turn,
    requests: [requestOf({ answer: { verb: 'REGISTER', accepted: true, because: 'trained' } })],
    decisions: [decisionOf({ verb: 'REGISTER', version: 'm-2013-02-08T12', challengers: ['m-2013-02-08T12'] })],
  }

  test('goes on with the shadow, from its first hour', () => {
    expect(stepOf('Training', { loop: trained })?.word).toBe('trained')
    expect(stepOf('Shadow', { loop: trained })?.word).toBe('day 0')
    expect(stepOf('Shadow', { loop: { ...trained, shadowTests: [shadowTestOf()] } })?.word).toBe('day 4 of 7')
  })

  test('ends with a decision', () => {
    const decisions = [decisionOf({ version: 'm-2013-02-08T12' }), ...trained.decisions]
    const shadowTests = [shadowTestOf({ days: 7, verdict: 'PROMOTE' })]
    const loop = { ...trained, decisions, shadowTests }
    expect(stepOf('Shadow', { loop })?.word).toBe('none')
    expect(stepOf('Decision', { loop })).toMatchObject({ shape: 'ok', word: 'promoted' })
  })

  test('says how far its training is', () => {
    const training = { id: 'm-2013-02-08T12', since: 0, progress: 0.42, rows: 11_500 }
    expect(stepOf('Training', { loop: turn, status: statusOf({ training }) })).toMatchObject({
      word: '42 %',
      text: 'm-2013-02-08T12 is being trained on 11,500 labelled rows.',
    })
  })

  test('may bring no model', () => {
    const declined = { verb: 'DECLINE' as const, accepted: true, because: 'too few rows' }
    const loop = { ...turn, requests: [requestOf({ answer: declined })] }
    expect(stepOf('Training', { loop })?.text).toBe('m-2013-02-08T12: too few rows.')
  })
})

test('an alert that is resolved is told as such', () => {
  const loop = { ...nothingLooped, alerts: [alertOf({ resolvedAt: startAt + hourMs })] }
  expect(stepOf('Alert', { loop })).toMatchObject({ shape: 'ok', word: 'resolved', at: startAt + hourMs })
})
