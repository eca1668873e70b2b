// What a feature is, and the builder that refuses one that could leak: a feature names the fields of its own flight's
// events that it reads, and none of them may be known only after departure (`knowable` in records.ts).

import { assert } from '../lib/assert.ts'
import { knowable } from '../records.ts'
import type { Known } from './known.ts'

/** `FlightScheduled.carrier`: a field of an event of the flight itself. */
export type OwnField = {
  [Event in keyof typeof knowable]: `${Event}.${keyof (typeof knowable)[Event] & string}`
}[keyof typeof knowable]

type Common = {
  readonly name: string
  /** Fields of the flight's own events that it reads. */
  readonly uses: readonly OwnField[]
  /** `frames` if it reads the air space as well. */
  readonly source: 'flight' | 'frames'
  /** Whether drift in it may raise an alert; columns of the calendar always drift and are only reported. */
  readonly mayAlert: boolean
  /** What it says, as a sentence. */
  readonly about: string
}

/** The sum at one place of `Known.sums`, or its mean: by the count at another, in steps of which a unit has `perUnit`. */
export type OfSums =
  | { readonly sum: number; readonly count: null }
  | { readonly sum: number; readonly count: number; readonly perUnit: number }

export type NumericDefinition = Common & {
  readonly kind: 'numeric'
  /** What an integer step is worth, in `unit`. */
  readonly resolution: number
  readonly unit: string
  /** Whole resolutions, or null if not observed. Most are read from sums, and a row goes through those as data. */
  readonly value: OfSums | ((known: Known) => number | null)
}

export type CategoricalDefinition = Common & {
  readonly kind: 'categorical'
  readonly value: (known: Known) => string | null
}

export type FeatureDefinition = NumericDefinition | CategoricalDefinition

/** `knowable`: when the last of the fields that it uses is known. */
export type Feature = FeatureDefinition & { readonly knowable: 'schedule' | 'before-departure' }

/** Values lie within this on both sides of 0, so that the difference of any two fits 32 bits. */
export const valueMax = 2 ** 29

/** The table of these definitions, in their order; refuses what may not be in a table, by name. */
export function defineFeatures(definitions: readonly FeatureDefinition[]): readonly Feature[] {
  const names = new Set<string>()
  return definitions.map(definition => {
    const { name } = definition
    assert(/^[a-z][A-Za-z0-9]*$/.test(name), `the feature ${JSON.stringify(name)} has a camelCase name`)
    assert(!names.has(name), `the feature ${name} is defined once`)
    names.add(name)
    if (definition.kind === 'numeric') {
      assert(definition.resolution > 0, `the feature ${name} has a resolution`)
      assert(definition.unit !== '', `the feature ${name} has a unit`)
    }
    return { ...definition, knowable: latestOf(name, definition.uses) }
  })
}

function latestOf(name: string, uses: readonly OwnField[]): 'schedule' | 'before-departure' {
  let latest: 'schedule' | 'before-departure' = 'schedule'
  for (const use of uses) {
    const known = knowableOf(use)
    assert(known !== undefined, `the feature ${name} uses ${use}, which is a field of an event`)
    assert(known !== 'after-departure', `the feature ${name} uses ${use}, which is not known before departure`)
    if (known === 'before-departure') latest = known
  }
  return latest
}

function knowableOf(use: OwnField): string | undefined {
  const [event = '', field = ''] = use.split('.')
  const events: Readonly<Record<string, Readonly<Record<string, string>>>> = knowable
  return events[event]?.[field]
}

/** Mean as whole resolutions (`perUnit` of them in a unit), half up; null of nothing. */
export function meanOf(sum: number, count: number, perUnit: number): number | null {
  return count === 0 ? null : whole((sum * perUnit) / count)
}

/** The nearest integer within ±valueMax, half up, and never -0; a 32-bit one, which needs no box. */
export function whole(value: number): number {
  return Math.min(valueMax, Math.max(-valueMax, Math.round(value))) | 0
}
