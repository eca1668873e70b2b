import { describe, expect, test } from 'vitest'
import { marginOf, probabilityOf } from '../../../src/forest/exchange/ensemble.ts'
import { ubjsonIn } from '../../../src/forest/exchange/ubjson.ts'
import { readXgboost } from '../../../src/forest/exchange/xgboost-read.ts'
import { doublesOf, golden, singles, type XgboostGolden } from './golden.ts'

const { cases, refused } = golden<XgboostGolden>('xgboost')

describe('a model of XGBoost', () => {
  test.each(cases)('$name: margins are those of XGBoost, from JSON and from UBJSON', ({ json, ubj, ...said }) => {
    for (const model of [JSON.parse(json), ubjsonIn(Buffer.from(ubj, 'base64'))]) {
      const ensemble = readXgboost(model)
      for (const [index, row] of said.rows.entries()) {
        const margin = marginOf(ensemble, singles(doublesOf(row, ensemble)))
        const expected = said.margins[index] as number
        expect(margin).toBe(expected)
        // of binary:logitraw XGBoost tells the log-odds itself
        const prediction = said.predictions[index] as number
        const probability = prediction === expected ? expected : (probabilityOf(ensemble, margin) as number)
        expect(Math.abs(probability / prediction - 1)).toBeLessThan(1e-6)
      }
    }
  })

  test.each(Object.entries(refused))('that is %s is refused by name', (_, json) => {
    expect(() => readXgboost(JSON.parse(json))).toThrow(expect.objectContaining({ code: 'MODEL_UNSUPPORTED' }))
  })
})
