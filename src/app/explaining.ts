// Why the champion says what it says of a row: exact TreeSHAP of the model file on the blobs port, and its largest
// contributions in words. On demand only: about a millisecond a row, in the event loop.

import type { Feature } from '../features/define.ts'
import { reasonsOf } from '../features/reasons.ts'
import { features } from '../features/table.ts'
import { type Ensemble, marginOf } from '../forest/exchange/ensemble.ts'
import { ensembleOf } from '../forest/exchange/flat-ensemble.ts'
import { unpack } from '../forest/flat.ts'
import type { FeatureRow } from '../forest/model.ts'
import { type Explainer, explainerOf } from '../forest/shap.ts'
import { artefactAddress } from '../runtime/artefacts.ts'
import type { Blobs } from '../runtime/blobs.ts'
import type { Explanation } from '../server/program.ts'

export type ExplainerOfRows = (row: FeatureRow) => Explanation

const reasonsMost = 5
const modelsKept = 4

/** Explainers by model, made when they are first asked for. */
export class Explaining {
  readonly #read: (hash: string) => Promise<Ensemble>
  readonly #features: readonly Feature[]
  readonly #made = new Map<string, Promise<ExplainerOfRows>>()

  /** @param features the table in whose order rows are */
  constructor(read: (hash: string) => Promise<Ensemble>, features: readonly Feature[]) {
    this.#read = read
    this.#features = features
  }

  /** @throws Failure BLOB_MISSING, MODEL_CORRUPT, MODEL_UNSUPPORTED */
  async by(hash: string): Promise<ExplainerOfRows> {
    const known = this.#made.get(hash)
    if (known) return await known
    const made = this.#make(hash)
    this.#made.set(hash, made)
    for (const oldest of this.#made.keys()) if (this.#made.size > modelsKept) this.#made.delete(oldest)
    // one that failed is tried again by who asks next
    made.catch(() => this.#made.delete(hash))
    return await made
  }

  async #make(hash: string): Promise<ExplainerOfRows> {
    const ensemble = await this.#read(hash)
    return rowExplainer(ensemble, explainerOf(ensemble), this.#features)
  }
}

/** Of the models on the blobs port, over rows of our features. */
export function explainingIn(blobs: Pick<Blobs, 'get'>): Explaining {
  return new Explaining(ensemblesIn(blobs), features)
}

/** Reads models from the blobs port. */
export function ensemblesIn(blobs: Pick<Blobs, 'get'>): (hash: string) => Promise<Ensemble> {
  return async hash => ensembleOf(unpack(await blobs.get(artefactAddress(hash))))
}

function rowExplainer(ensemble: Ensemble, { base, explain }: Explainer, features: readonly Feature[]): ExplainerOfRows {
  const columns = ensemble.columns.map(({ name, categories }) => ({
    name,
    at: features.findIndex(feature => feature.name === name),
    codes: categories && new Map(categories.map((category, code) => [category, code])),
  }))
  const doubles = new Float64Array(columns.length)
  const moved = new Float64Array(columns.length)
  return row => {
    for (const [column, { at, codes }] of columns.entries()) {
      const value = row[at] ?? null
      const double = typeof value === 'string' ? codes?.get(value) : value
      doubles[column] = double ?? Number.NaN
    }
    explain(doubles, moved)
    const contributions = new Map(columns.map(({ name }, column) => [name, moved[column] as number]))
    const reasons = reasonsOf({ features, row, contributions, top: reasonsMost })
    return { base, margin: marginOf(ensemble, doubles), reasons }
  }
}
