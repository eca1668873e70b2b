// Checks of what comes in against JSON schemas, with failures that name the field. Nothing is coerced, filled in or
// dropped: what does not fit is refused.

import { createRequire } from 'node:module'
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import type { Static, TSchema } from 'typebox'
import { Failure } from '../lib/failure.ts'
import { instantFailure, parseInstant } from './instant.ts'

let opened: Ajv2020 | undefined

/** Loaded for the first value, not at the start: eighty modules that no start need wait for. */
function openAjv(): Ajv2020 {
  const { Ajv2020: Ajv } = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  const ajv = new Ajv({ strict: true, allowUnionTypes: true, verbose: true, ownProperties: true })
  ajv.addFormat('date-time', { type: 'string', validate: text => parseInstant(text) !== undefined })
  ajv.addKeyword('x-knowable')
  return ajv
}

const validators = new WeakMap<object, ValidateFunction>()

/** The value, if it fits the schema. `at` is the path that leads to it. @throws Failure FIELD_MISSING, FIELD_TYPE */
export function check<Schema extends TSchema>(schema: Schema, value: unknown, at = ''): Static<Schema> {
  const validate = validators.get(schema) ?? compile(schema)
  validators.set(schema, validate)
  if (validate(value)) return value as Static<Schema>
  throw failureOf(validate.errors ?? [], at)
}

/** By content: several servers of one process may know different schemas by one name. */
function compile(schema: TSchema): ValidateFunction {
  const { $id: _, ...nameless } = schema as TSchema & { $id?: string }
  opened ??= openAjv()
  return opened.compile(nameless)
}

function failureOf(errors: readonly ErrorObject[], at: string): Failure {
  // Where alternatives were tried, the one that got deepest is the one that was meant.
  const [error] = [...errors].sort((a, b) => depthOf(b) - depthOf(a))
  if (error === undefined) return new Failure('FIELD_TYPE', 'does not fit', fieldOption(at))
  const field = joined(at, fieldOf(error))
  if (errors.some(one => one.instancePath === error.instancePath && one.parentSchema?.['format'] === 'date-time')) {
    return instantFailure(error.data, field)
  }
  if (error.keyword === 'required') return new Failure('FIELD_MISSING', `${field} is missing`, { field })
  if (error.keyword === 'additionalProperties') {
    const help = `Known are ${Object.keys((error.parentSchema?.['properties'] ?? {}) as object).join(', ')}.`
    return new Failure('FIELD_TYPE', `${field} is not a field of this`, { field, help })
  }
  return new Failure('FIELD_TYPE', `${field === '' ? 'this' : field} ${claimOf(error)}`, fieldOption(field))
}

const fieldOption = (field: string) => (field === '' ? {} : { field })

function claimOf({ keyword, message, params, parentSchema }: ErrorObject): string {
  if (keyword === 'const') return `must be ${JSON.stringify(params['allowedValue'])}`
  if (keyword === 'enum') return `must be one of ${JSON.stringify(params['allowedValues'])}`
  if (keyword === 'anyOf') return choicesOf(parentSchema?.['anyOf']) ?? 'fits none of its alternatives'
  return message ?? 'does not fit'
}

function choicesOf(alternatives: unknown): string | undefined {
  if (!Array.isArray(alternatives)) return undefined
  const values = alternatives.map(one => (one as { const?: unknown }).const)
  return values.includes(undefined) ? undefined : `must be one of ${JSON.stringify(values)}`
}

const depthOf = (error: ErrorObject) => stepsOf(error).length + (error.keyword === 'anyOf' ? 0.5 : 0)

function stepsOf({ instancePath, keyword, params }: ErrorObject): string[] {
  const steps = instancePath.split('/').slice(1).map(unescaped)
  if (keyword === 'required') steps.push(String(params['missingProperty']))
  if (keyword === 'additionalProperties') steps.push(String(params['additionalProperty']))
  return steps
}

const unescaped = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~')

const fieldOf = (error: ErrorObject) =>
  stepsOf(error).reduce((path, step) => joined(path, /^\d+$/.test(step) ? `[${step}]` : step), '')

/** `[3]` and `origin` as `[3].origin`. */
export function joined(path: string, step: string): string {
  if (path === '' || step === '') return path + step
  return step.startsWith('[') ? path + step : `${path}.${step}`
}
