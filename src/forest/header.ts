// The model without its trees as JSON, and back with every field checked: a file whose hash is right may still have
// been written by a program that is wrong.

import { corrupt } from './corrupt.ts'
import {
  type Calibration,
  certain,
  type IntervalTable,
  type Json,
  type Model,
  type ModelFeature,
  type TrainedOn,
  type Trees,
  valueMax,
} from './model.ts'

type Fields = { readonly [key: string]: Json }

export function headerOf(model: Model): Fields {
  const { trees: _, ...header } = model
  return header as unknown as Fields
}

/** Throws `MODEL_CORRUPT` that names the first field that is wrong. */
export function modelFrom(header: Json, trees: Trees): Model {
  const { arrays: _, ...fields } = fieldsOf(header, 'header')
  const kind = fields.kind
  if (kind !== 'random-forest' && kind !== 'gradient-boosting') throw corrupt(`unknown kind ${show(kind)}`, 'kind')
  const features = listOf(fields.features, 'features').map((feature, index) => featureOf(feature, `features[${index}]`))
  if (new Set(features.map(({ name }) => name)).size !== features.length)
    throw corrupt('two features share a name', 'features')
  return {
    kind,
    features,
    horizonsMinutes: integersOf(fields.horizonsMinutes, 'horizonsMinutes', 0, 1e6),
    base: numberOf(fields.base, 'base'),
    calibration: fields.calibration === null ? null : calibrationOf(fields.calibration),
    threshold: integerOf(fields.threshold, 'threshold', 0, certain + 1),
    interval: fields.interval === null ? null : intervalOf(fields.interval),
    reference: present(fields.reference, 'reference'),
    trainedOn: trainedOnOf(fields.trainedOn),
    parent: fields.parent === null ? null : textOf(fields.parent, 'parent'),
    trees,
  }
}

function featureOf(value: Json, at: string): ModelFeature {
  const fields = fieldsOf(value, at)
  const name = textOf(fields.name, `${at}.name`)
  if (fields.kind === 'numeric') {
    return {
      name,
      kind: 'numeric',
      ...(fields.resolution === undefined ? {} : { resolution: numberOf(fields.resolution, `${at}.resolution`) }),
      ...(fields.unit === undefined ? {} : { unit: stringOf(fields.unit, `${at}.unit`) }),
    }
  }
  if (fields.kind !== 'categorical') throw corrupt(`unknown kind of feature ${show(fields.kind)}`, `${at}.kind`)
  const categories = listOf(fields.categories, `${at}.categories`).map(category => stringOf(category, at))
  if (new Set(categories).size !== categories.length) throw corrupt(`${name} lists a category twice`, at)
  if (fields.remap === undefined) return { name, kind: 'categorical', categories }
  const remap = integersOf(fields.remap, `${at}.remap`, -valueMax, valueMax)
  if (remap.length !== categories.length) throw corrupt(`${name} remaps another number of categories`, `${at}.remap`)
  return { name, kind: 'categorical', categories, remap }
}

function calibrationOf(value: Json | undefined): Calibration {
  const fields = fieldsOf(value, 'calibration')
  const raw = numbersOf(fields.raw, 'calibration.raw')
  const probability = numbersOf(fields.probability, 'calibration.probability')
  if (raw.length === 0 || raw.length !== probability.length) throw corrupt('the knots do not pair up', 'calibration')
  if (!ascends(raw, 'strictly')) throw corrupt('the knots do not ascend', 'calibration.raw')
  if (!ascends(probability) || (probability[0] as number) < 0 || (probability.at(-1) as number) > 1)
    throw corrupt('the probabilities do not ascend within 0 and 1', 'calibration.probability')
  return { raw, probability }
}

function intervalOf(value: Json | undefined): IntervalTable {
  const fields = fieldsOf(value, 'interval')
  const scores = integersOf(fields.scores, 'interval.scores', 0, certain)
  const lows = integersOf(fields.lows, 'interval.lows', 0, certain)
  const highs = integersOf(fields.highs, 'interval.highs', 0, certain)
  if (scores[0] !== 0 || !ascends(scores, 'strictly')) throw corrupt('does not ascend from 0', 'interval.scores')
  if (
    lows.length !== scores.length ||
    highs.length !== scores.length ||
    lows.some((low, i) => low > (highs[i] as number))
  )
    throw corrupt('lows and highs do not pair up', 'interval')
  return { scores, lows, highs }
}

function trainedOnOf(value: Json | undefined): TrainedOn {
  const fields = fieldsOf(value, 'trainedOn')
  const instant = (name: string): number => integerOf(fields[name], `trainedOn.${name}`, -8.64e15, 8.64e15)
  return {
    rows: integerOf(fields.rows, 'trainedOn.rows', 0, Number.MAX_SAFE_INTEGER),
    from: instant('from'),
    to: instant('to'),
    cut: instant('cut'),
    featuresHash: textOf(fields.featuresHash, 'trainedOn.featuresHash'),
    why: textOf(fields.why, 'trainedOn.why'),
    parameters: present(fields.parameters, 'trainedOn.parameters'),
    seed: integerOf(fields.seed, 'trainedOn.seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    metrics: present(fields.metrics, 'trainedOn.metrics'),
  }
}

function ascends(numbers: readonly number[], how?: 'strictly'): boolean {
  for (let i = 1; i < numbers.length; i++) {
    const step = (numbers[i] as number) - (numbers[i - 1] as number)
    if (step < 0 || (how === 'strictly' && step === 0)) return false
  }
  return true
}

function fieldsOf(value: Json | undefined, at: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw corrupt(`${at} must be an object, not ${show(value)}`, at)
}

function listOf(value: Json | undefined, at: string): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[]
  throw corrupt(`${at} must be a list, not ${show(value)}`, at)
}

function numberOf(value: Json | undefined, at: string): number {
  if (typeof value === 'number') return value
  throw corrupt(`${at} must be a number, not ${show(value)}`, at)
}

function integerOf(value: Json | undefined, at: string, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw corrupt(`${at} must be an integer in ${min}..${max}, not ${show(value)}`, at)
}

function numbersOf(value: Json | undefined, at: string): readonly number[] {
  return listOf(value, at).map((item, index) => numberOf(item, `${at}[${index}]`))
}

function integersOf(value: Json | undefined, at: string, min: number, max: number): readonly number[] {
  return listOf(value, at).map((item, index) => integerOf(item, `${at}[${index}]`, min, max))
}

function stringOf(value: Json | undefined, at: string): string {
  if (typeof value === 'string') return value
  throw corrupt(`${at} must be text, not ${show(value)}`, at)
}

function textOf(value: Json | undefined, at: string): string {
  const text = stringOf(value, at)
  if (text === '') throw corrupt(`${at} must not be empty`, at)
  return text
}

function present(value: Json | undefined, at: string): Json {
  if (value === undefined) throw corrupt(`${at} is missing`, at)
  return value
}

function show(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 40)
}
