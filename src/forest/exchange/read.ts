// A model file of whichever kind: which one it is, its content says.

import { Failure } from '../../lib/failure.ts'
import { unpack } from '../flat.ts'
import type { Ensemble } from './ensemble.ts'
import { ensembleOf } from './flat-ensemble.ts'
import { readLightgbm } from './lightgbm-read.ts'
import { broken } from './refusal.ts'
import { ubjsonIn } from './ubjson.ts'
import { readXgboost } from './xgboost-read.ts'

const headBytes = 8

/** @throws Failure MODEL_CORRUPT, or MODEL_UNSUPPORTED that says what is not done here */
export function readModel(bytes: Uint8Array): Ensemble {
  const head = Buffer.from(bytes.subarray(0, headBytes)).toString('latin1')
  if (head === 'SLIPFLAT') return ensembleOf(unpack(bytes))
  if (/^\s*\{\s*"/.test(head)) return readXgboost(jsonIn(textOf(bytes)))
  if (head.startsWith('{')) return readXgboost(ubjsonIn(bytes))
  if (/^tree\r?\n/.test(head)) return readLightgbm(textOf(bytes))
  throw new Failure('MODEL_CORRUPT', `no known kind of model: it starts with ${JSON.stringify(head)}`, {
    field: 'magic',
    help: "Slipstream's own files, LightGBM's text and XGBoost's JSON and UBJSON are read.",
  })
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw broken('the model is no UTF-8 text, or too large for one')
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw broken(`the model is not JSON: ${why.slice(0, 120)}`)
  }
}
