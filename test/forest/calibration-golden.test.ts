// The isotonic fits of scikit-learn: made by test/golden/forest/make.py.

import { expect, test } from 'vitest'
import { fitCalibration, interpolate } from '../../src/forest/calibration.ts'
import { golden } from './exchange/golden.ts'

type Case = { raws: number[]; labels: number[]; weights: number[]; asked: number[]; fitted: number[] }

test.each(golden<{ isotonic: Case[] }>('calibration').isotonic)(
  'isotonic calibration is that of scikit-learn',
  each => {
    const calibration = fitCalibration(each)
    const fitted = each.asked.map(raw => interpolate(calibration, raw))
    for (const [index, value] of fitted.entries())
      expect(Math.abs(value - (each.fitted[index] as number))).toBeLessThan(1e-9)
  },
)
