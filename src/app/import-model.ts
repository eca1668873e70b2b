// A model file from outside as one that the registry can take: Slipstream's own as it is, LightGBM's and XGBoost's as a flat
// model for the present features. It says where it came from, or it is not taken.

import { featureSetHash, features } from '../features/table.ts'
import { flattened } from '../forest/exchange/flatten.ts'
import { readModel } from '../forest/exchange/read.ts'
import { hashOf, pack, unpack } from '../forest/flat.ts'
import type { Model } from '../forest/model.ts'
import { compile } from '../forest/score.ts'
import { Failure } from '../lib/failure.ts'
import type { ModelUpload } from '../server/loop.ts'

export type ImportedModel = { readonly model: Model; readonly bytes: Uint8Array; readonly hash: string }

/**
 * Has no calibration, interval, reference or metrics unless it brings them along: its shadow test will tell.
 * @throws Failure MODEL_CORRUPT, MODEL_UNSUPPORTED, MODEL_MISFIT, FIELD_MISSING, TIME_IMPOSSIBLE
 */
export function importedModel(upload: ModelUpload, horizonsMinutes: readonly number[]): ImportedModel {
  const bytes = ownBytes(upload, horizonsMinutes)
  const model = unpack(bytes)
  // one that cannot score our rows is refused here, not by every prediction
  compile(model, features)
  return { model, bytes, hash: hashOf(bytes) }
}

function ownBytes(upload: ModelUpload, horizonsMinutes: readonly number[]): Uint8Array {
  const { bytes, reason } = upload
  if (isOwn(bytes)) return bytes
  const ensemble = readModel(bytes)
  const from = needed(upload, 'trainedFrom')
  const to = needed(upload, 'trainedTo')
  if (from >= to)
    throw new Failure('TIME_IMPOSSIBLE', 'the training rows end before they start', { field: 'trainedTo' })
  const origin = {
    from,
    to,
    cut: to,
    featuresHash: featureSetHash,
    why: reason,
    parameters: { source: ensemble.source, trees: ensemble.trees.roots.length },
    seed: 0,
    metrics: {},
  }
  return pack(flattened(ensemble, { features, horizonsMinutes, origin, parent: null }))
}

function isOwn(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 8)).toString('latin1') === 'SLIPFLAT'
}

function needed(upload: ModelUpload, field: 'trainedFrom' | 'trainedTo'): number {
  const at = upload[field]
  if (at !== undefined) return at
  throw new Failure('FIELD_MISSING', `a model of another library does not say when its training rows are from`, {
    field,
    help: 'Give the first instant of the rows as trainedFrom (--trained-from), and the first after them as trainedTo (--trained-to).',
  })
}
