import { expect, test } from 'vitest'
import { broken, unsupported } from '../../../src/forest/exchange/refusal.ts'

test('a refusal tells a damaged file from one that asks too much', () => {
  expect(broken('cut', 'trees')).toMatchObject({ code: 'MODEL_CORRUPT', message: 'cut', field: 'trees' })
  expect(broken('cut')).not.toHaveProperty('field')
  expect(unsupported('linear', 'Train anew.')).toMatchObject({ code: 'MODEL_UNSUPPORTED', help: 'Train anew.' })
})
