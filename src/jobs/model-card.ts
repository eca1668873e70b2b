// What the registry keeps of a model: where it lies and where it came from. The long report on its held-out rows stays in
// the model's file.

import type { ModelReport } from '../drift/model-report.ts'
import { canonicalJson } from '../forest/canonical-json.ts'
import type { Json, Model } from '../forest/model.ts'
import type { ModelCard } from '../records.ts'
import { artefactAddress } from '../runtime/artefacts.ts'

type Metrics = { readonly [name: string]: Json }

export function cardOf({ trainedOn, parent }: Model, hash: string): ModelCard {
  const { report: _, ...metrics } = trainedOn.metrics as Metrics
  return {
    artefact: artefactAddress(hash),
    hash,
    featureSet: trainedOn.featuresHash,
    trainedFrom: trainedOn.from,
    trainedTo: trainedOn.to,
    rows: trainedOn.rows,
    why: trainedOn.why,
    parent,
    parameters: canonicalJson(trainedOn.parameters),
    metrics: canonicalJson(metrics),
  }
}

/** Null for a model that came without one. */
export function reportIn({ trainedOn }: Pick<Model, 'trainedOn'>): ModelReport | null {
  return ((trainedOn.metrics as Metrics)['report'] ?? null) as unknown as ModelReport | null
}
