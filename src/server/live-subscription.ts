// What a listener asks for: in the address when it connects, in messages later.
//
//     /v1/live?topics=status,predictions,airports&origin=EWR&carrier=UA

import type { Static } from 'typebox'
import { Failure } from '../lib/failure.ts'
import { check } from './check.ts'
import { controlSchema } from './control-schema.ts'
import { airportCode, carrierCode, flightId } from './fields.ts'
import type { LiveFilter } from './live-hub.ts'
import type { ControlCommand } from './program.ts'
import { Type } from './type.ts'

const liveTopics = ['status', 'predictions', 'airports'] as const

/** `predictions` carries grades too, `airports` the risk series. */
export type LiveTopic = (typeof liveTopics)[number]

export type Subscription = { readonly topics: ReadonlySet<LiveTopic>; readonly filter: LiveFilter }

const querySchema = Type.Object(
  {
    topics: Type.Optional(Type.String({ maxLength: 100 })),
    flightId: Type.Optional(flightId),
    origin: Type.Optional(airportCode),
    destination: Type.Optional(airportCode),
    carrier: Type.Optional(carrierCode),
  },
  { additionalProperties: false },
)

/** @throws Failure FIELD_TYPE with the parameter's name */
export function parseSubscription(query: URLSearchParams): Subscription {
  const { topics, ...filter } = check(querySchema, Object.fromEntries(query))
  const names = topics === undefined ? liveTopics : topics.split(',')
  return { topics: new Set(names.map(toTopic)), filter }
}

function toTopic(name: string): LiveTopic {
  const topic = liveTopics.find(known => known === name)
  if (topic !== undefined) return topic
  const help = `Known are ${liveTopics.join(', ')}.`
  throw new Failure('FIELD_TYPE', `'${name}' is not a topic of the live socket`, { field: 'topics', help })
}

const messages = {
  pause: Type.Object({ type: Type.Literal('pause') }, { additionalProperties: false }),
  resume: Type.Object(
    { type: Type.Literal('resume'), seq: Type.Optional(Type.Integer({ minimum: 0 })) },
    { additionalProperties: false },
  ),
  control: Type.Object({ type: Type.Literal('control'), ...controlSchema.properties }, { additionalProperties: false }),
}

export type LiveMessage = { type: 'pause' } | { type: 'resume'; seq?: number } | ({ type: 'control' } & ControlCommand)

/** @throws Failure REQUEST_MALFORMED, FIELD_TYPE, FIELD_MISSING */
export function parseMessage(text: string): LiveMessage {
  const value = parseJson(text)
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (type !== 'pause' && type !== 'resume' && type !== 'control') {
    const help = 'Known are pause, resume and control.'
    throw new Failure('FIELD_TYPE', 'a message needs a `type` that is known', { field: 'type', help })
  }
  return check(messages[type], value) satisfies Static<(typeof messages)[keyof typeof messages]>
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Failure('REQUEST_MALFORMED', 'the message is not valid JSON', { cause })
  }
}
