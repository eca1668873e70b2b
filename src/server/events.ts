// Flights' events as producers without Kafka send them: JSON that names its type, one or a batch.
//
// Shape, types and unknown fields are judged by the schema, what a value may be by flights/check.ts, both before
// anything is written, so that a batch is taken whole or not at all. What depends on the flight's history is judged
// later, in the stream.

import fs from 'node:fs'
import path from 'node:path'
import type { TSchema } from 'typebox'
import type { Airports } from '../flights/airports.ts'
import { checkEvent } from '../flights/check.ts'
import { Failure } from '../lib/failure.ts'
import { type AvroField, type AvroRecord, avroToJsonSchema, isInstant } from './avro-json-schema.ts'
import { check, joined } from './check.ts'
import { toInstant } from './instant.ts'
import { each } from './one-or-many.ts'
import type { EventName, NewEvent } from './program.ts'
import { Type } from './type.ts'

export const eventNames = [
  'FlightScheduled',
  'FlightRescheduled',
  'AircraftAssigned',
  'FlightDeparted',
  'FlightArrived',
  'FlightCancelled',
  'FlightDiverted',
  'WeatherObserved',
] as const satisfies readonly EventName[]

/** Events of one request. */
export const eventsMax = 5_000

type EventKind = { readonly schema: TSchema; readonly fields: readonly AvroField[] }

export type EventKinds = ReadonlyMap<string, EventKind>

const schemasFolder = path.join(import.meta.dirname, '../../schemas')

/** The events by name, from schemas/*.avsc. */
export function readEventKinds(folder: string = schemasFolder): EventKinds {
  return new Map(
    eventNames.map(name => {
      const record = JSON.parse(fs.readFileSync(path.join(folder, `${name}.avsc`), 'utf8')) as AvroRecord
      return [name, { schema: eventSchema(record), fields: record.fields }]
    }),
  )
}

function eventSchema(record: AvroRecord): TSchema {
  const { properties, required, ...rest } = avroToJsonSchema(record) as {
    properties: Record<string, object>
    required: string[]
  }
  const at = { ...properties['at'], description: `${atDoc} Left out: the replay's event time, live the present.` }
  return Type.Unsafe({
    $id: record.name,
    title: record.name,
    ...rest,
    required: ['type', ...required.filter(name => name !== 'at')],
    properties: { type: { const: record.name }, ...properties, at },
  })
}

const atDoc = 'When this could be known, apart from when it happened.'

export type EventContext = {
  readonly kinds: EventKinds
  readonly airports: Airports
  /** The `at` of events that name none. */
  readonly at: number
}

/** @throws Failure with `field`, such as `[3].origin`, for the first event that cannot be taken */
export function parseEvents(body: unknown, context: EventContext): NewEvent[] {
  return each({ body, countMax: eventsMax, parse: (item, field) => parseEvent(item, { ...context, field }) })
}

function parseEvent(item: unknown, { kinds, airports, at, field }: EventContext & { field: string }): NewEvent {
  const { name, kind } = kindOf(item, kinds, field)
  const { type: _, ...given } = check(kind.schema, item, field) as Record<string, unknown>
  const value = Object.fromEntries(
    kind.fields.map(one => [one.name, valueOf(one, given[one.name] ?? defaultOf(one, at), field)]),
  )
  const failure = checkEvent(name, value, airports)
  if (failure === null) return { name, value }
  throw new Failure(failure.code, failure.message, {
    field: joined(field, failure.field ?? ''),
    ...(failure.help === undefined ? {} : { help: failure.help }),
  })
}

function kindOf(item: unknown, kinds: EventKinds, field: string): { name: EventName; kind: EventKind } {
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item)
  if (!isObject) throw new Failure('FIELD_TYPE', 'an event is a JSON object', field === '' ? {} : { field })
  const typeField = joined(field, 'type')
  if (!('type' in item))
    throw new Failure('FIELD_MISSING', `${typeField} is missing`, { field: typeField, help: typeHelp })
  const name = eventNames.find(known => known === item.type)
  const kind = name && kinds.get(name)
  if (name !== undefined && kind !== undefined) return { name, kind }
  throw new Failure('FIELD_TYPE', `${typeField} names no event`, { field: typeField, help: typeHelp })
}

const typeHelp = `Events are ${eventNames.join(', ')}.`

function valueOf({ name, type }: AvroField, value: unknown, field: string): unknown {
  return isInstant(type) && value !== null ? toInstant(value, joined(field, name)) : value
}

const defaultOf = (field: AvroField, at: number) => (field.name === 'at' ? at : field.default)
