// What the registry keeps of a model: where it lies and where it came from.

import { canonicalJson } from '../forest/canonical-json.ts'
import type { Model } from '../forest/model.ts'
import type { ModelCard } from '../records.ts'
import { artefactAddress } from '../runtime/artefacts.ts'

export function cardOf({ trainedOn, parent }: Model, hash: string): ModelCard {
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
    metrics: canonicalJson(trainedOn.metrics),
  }
}
