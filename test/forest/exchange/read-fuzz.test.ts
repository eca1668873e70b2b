// Files that are cut, flipped or changed: each is a failure with a code, or a model that gives finite numbers. Only what a
// format says twice can be missed in it; our own has a hash, so there nothing is.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Ensemble, marginOf, probabilityOf } from '../../../src/forest/exchange/ensemble.ts'
import { writeLightgbm } from '../../../src/forest/exchange/lightgbm-write.ts'
import { readModel } from '../../../src/forest/exchange/read.ts'
import { pack } from '../../../src/forest/flat.ts'
import { explainerOf } from '../../../src/forest/shap.ts'
import { failureIn } from '../../../src/lib/failure.ts'
import { modelOf } from '../models.ts'
import { golden, type LightgbmGolden, type XgboostGolden } from './golden.ts'

const lightgbm = golden<LightgbmGolden>('lightgbm').cases
const xgboost = golden<XgboostGolden>('xgboost').cases

const own = modelOf([
  [0, 123, true, [1, 1, false, 0.25, -0.5], 0.75],
  [2, 7, false, 0.125, 1],
])
const files: Record<string, Uint8Array> = {
  Slipstream: pack(own),
  'LightGBM, written here': Buffer.from(writeLightgbm(own)),
  ...Object.fromEntries(lightgbm.map(({ name, text }) => [`LightGBM, ${name}`, Buffer.from(text)])),
  ...Object.fromEntries(xgboost.map(({ name, json }) => [`XGBoost, ${name}`, Buffer.from(json)])),
  ...Object.fromEntries(xgboost.slice(4).map(({ name, ubj }) => [`UBJSON, ${name}`, Buffer.from(ubj, 'base64')])),
}

/** What reading comes to: a code, or the model. Anything else that is thrown is thrown on. */
function attempt(bytes: Uint8Array): string | Ensemble {
  try {
    return readModel(bytes)
  } catch (error) {
    const failure = failureIn(error)
    if (failure) return failure.code
    throw error
  }
}

function isRefused(found: string | Ensemble): boolean {
  return found === 'MODEL_CORRUPT' || found === 'MODEL_UNSUPPORTED'
}

/** Scores and explains some rows. @returns whether all numbers are finite */
function isSound(ensemble: Ensemble): boolean {
  const width = ensemble.columns.length
  const explainer = ensemble.trees.covers === null ? null : explainerOf(ensemble)
  const moved = new Float64Array(width)
  return [0, -1.5, 3, 1e300, Number.NaN].every(value => {
    const row = new Float64Array(width).fill(value)
    const margin = marginOf(ensemble, row)
    explainer?.explain(row, moved)
    const numbers = [margin, probabilityOf(ensemble, margin) ?? 0, explainer?.base ?? 0, ...moved]
    return numbers.every(Number.isFinite)
  })
}

const runs = { numRuns: 40 }

describe.each(Object.entries(files))('%s', (name, bytes) => {
  test('as it is, is read', () => {
    expect(attempt(bytes)).toMatchObject({ columns: expect.anything() })
  })

  test('that is cut is refused, or has lost nothing but remarks', () => {
    // LightGBM's own mark behind the trees; what follows are remarks, which end with another one
    const text = Buffer.from(bytes).toString('latin1')
    const [end, last] = ['end of trees\n', 'end of parameters\n'].map(mark => text.indexOf(mark) + mark.length - 1)
    const mayEnd = (length: number): boolean =>
      name.startsWith('LightGBM') &&
      length > (end as number) &&
      (length > (last as number) || !text.slice(0, length).includes('\nparameters:\n'))
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), length => {
        const found = attempt(bytes.subarray(0, length))
        expect(isRefused(found) || mayEnd(length)).toBe(true)
      }),
      runs,
    )
  })

  test('with a bit flipped is refused, or sound', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Uint8Array.from(bytes)
        flipped[at] = (flipped[at] as number) ^ (1 << bit)
        const found = attempt(flipped)
        expect(isRefused(found) || (name !== 'Slipstream' && isSound(found as Ensemble))).toBe(true)
      }),
      runs,
    )
  })

  test('with another number is refused, or sound', () => {
    const text = Buffer.from(bytes).toString('latin1')
    const places = [...text.matchAll(/-?\d+(\.\d+)?(e[+-]?\d+)?/gi)]
    const others = fc.constantFrom(
      '0',
      '-1',
      '1',
      '7',
      '999999999',
      '4294967296',
      '1e308',
      '-1e308',
      '1e-320',
      'nan',
      '',
      '0.5',
    )
    fc.assert(
      fc.property(fc.nat(places.length - 1), others, fc.boolean(), (place, other, sizesToo) => {
        const [found = ''] = places[place] as RegExpExecArray
        const at = places[place]?.index as number
        const altered = text.slice(0, at) + other + text.slice(at + found.length)
        // as by somebody who edits the file and makes its sizes fit
        const bent = sizesToo ? altered.replace(/^tree_sizes=.*\n/m, '') : altered
        const read = attempt(Buffer.from(bent, 'latin1'))
        expect(isRefused(read) || isSound(read as Ensemble)).toBe(true)
      }),
      runs,
    )
  })
})
