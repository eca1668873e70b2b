// Why a prediction is what it is: the features that moved it most, in words.

import type { Feature } from './define.ts'
import { type Named, phraseOf, type Value } from './phrases.ts'

export type Reason = {
  feature: string
  /** In log-odds, or in probability where the model is a mean of shares; above 0 makes late likelier. */
  contribution: number
  text: string
}

export type ReasonsAsked = {
  readonly features: readonly Feature[]
  /** One value a feature. */
  readonly row: readonly Value[]
  /** By name; what is absent did not move it. */
  readonly contributions: ReadonlyMap<string, number>
  /** At most so many. */
  readonly top: number
}

/** By size of the contribution, largest first; ties in the order of the table. Features that moved nothing are no reason. */
export function reasonsOf({ features, row, contributions, top }: ReasonsAsked): Reason[] {
  const textAt = (name: string): string => {
    const value = row[features.findIndex(feature => feature.name === name)]
    return typeof value === 'string' ? value : '?'
  }
  const named: Named = { carrier: textAt('carrier'), origin: textAt('origin'), destination: textAt('destination') }
  return features
    .map((feature, index) => ({
      feature,
      value: row[index] ?? null,
      contribution: contributions.get(feature.name) ?? 0,
    }))
    .filter(({ contribution }) => contribution !== 0)
    .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
    .slice(0, top)
    .map(({ feature, value, contribution }) => ({
      feature: feature.name,
      contribution,
      text: phraseOf(feature, value, { ...named, side: contribution > 0 ? 'late' : 'punctual' }),
    }))
}
