import { describe, expect, test } from 'vitest'
import {
  betterOf,
  calibrationPoints,
  figuresOf,
  parameterRows,
  sureText,
  trialColumns,
} from '../../../src/web/models/figures.ts'
import type { ModelInfo, Trial } from '../../../src/web/wire.ts'

const cardWith = (metrics: unknown) => ({ card: { metrics } as ModelInfo['card'] })

describe('figures of a card', () => {
  test('are read with their intervals', () => {
    const figures = figuresOf(cardWith({ heldOut: { auc: 0.75, n: 900 }, interval95: { auc: [0.7, 0.8], brier: [1] } }))
    expect(figures.auc).toEqual({ value: 0.75, interval: [0.7, 0.8] })
    expect(figures.brier).toEqual({ value: null, interval: null })
    expect([figures.n, figures.growingRows]).toEqual([900, null])
    expect(figuresOf(cardWith({ growingRows: 96_000 })).growingRows).toBe(96_000)
  })

  test.each([null, 'good', [], { heldOut: 'x', interval95: null }])('are missing in %j', metrics => {
    expect(figuresOf(cardWith(metrics)).auc).toEqual({ value: null, interval: null })
  })

  test('are written with how sure they are', () => {
    expect(sureText(0.75, [0.7, 0.8])).toBe('0.7500 (0.700 to 0.800)')
    expect([sureText(0.75, null), sureText(null, null)]).toEqual(['0.7500', 'n/a'])
  })
})

test('parameters side by side: those that differ first, and what one does not have', () => {
  expect(
    parameterRows([
      { a: 1, b: 0.1234567, c: null },
      { a: 1, b: 0.2 },
    ]),
  ).toEqual([
    { name: 'b', values: ['0.12346', '0.2'], differs: true },
    { name: 'c', values: ['null', '-'], differs: true },
    { name: 'a', values: ['1', '1'], differs: false },
  ])
  expect(parameterRows([undefined])).toEqual([])
})

test('the higher AUC and the lower loss are better; of equal, missing and unknown figures neither is', () => {
  expect([betterOf('auc', [0.7, 0.8]), betterOf('logLoss', [0.4, 0.5]), betterOf('brier', [0.2, 0.1])]).toEqual([
    1, 0, 1,
  ])
  expect([betterOf('auc', [0.7, 0.7]), betterOf('auc', [null, 0.7]), betterOf('n', [1, 2])]).toEqual([null, null, null])
})

test('points of the calibration plot lie where they say, within the square, the larger the more flights', () => {
  const bin = { from: 0, n: 100, said: 0.25, late: 0.5, interval95: [0.4, 1.2] as const }
  const [one, other] = calibrationPoints([bin, { ...bin, n: 25, interval95: null }], 200)
  expect(one).toMatchObject({ x: 50, y: 100, r: 10, low: 120, high: 0, title: 'said 25 %, late 50 %, of 100 flights' })
  expect(other).toMatchObject({ r: 6.5, low: 100, high: 100 })
})

test('columns of trials: by parameter, without those that are the same in all trials that have them', () => {
  const trials = [{ point: { a: 1, b: 2 } }, { point: { a: 1, b: 3 } }, { point: { c: 'x' } }] as unknown as Trial[]
  expect(trialColumns(trials, 'differ')).toEqual([{ name: 'b', values: [2, 3, undefined] }])
  expect(trialColumns(trials, 'all').map(({ name }) => name)).toEqual(['a', 'b', 'c'])
})
