// What a listener asks for: in the address when it connects, in messages later.
//
//     /v1/live?topics=status,predictions,airports,drift&origin=EWR&carrier=UA&resume=SESSION:41

import type { Static } from 'typebox'
import { Failure } from '../lib/failure.ts'
import { check } from './check.ts'
import { controlSchema } from './control-schema.ts'
import { airportCode, carrierCode, flightId } from './fields.ts'
import type { LiveFilter } from './live-hub.ts'
import type { ControlCommand } from './program.ts'
import { Type } from './type.ts'

const liveTopics = ['status', 'predictions', 'airports', 'drift'] as const

/** `predictions` carries grades too, `airports` the risk series; `drift` is all of the loop. */
export type LiveTopic = (typeof liveTopics)[number]

export type Subscription = { readonly topics: ReadonlySet<LiveTopic>; readonly filter: LiveFilter }

const querySchema = Type.Object(
  {
    topics: Type.Optional(Type.String({ maxLength: 100 })),
    flightId: Type.Optional(flightId),
    origin: Type.Optional(airportCode),
    destination: Type.Optional(airportCode),
    carrier: Type.Optional(carrierCode),
    resume: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
)

/** Where a listener who comes back wants to go on: after this frame of the session. */
export type Resume = { readonly session: string; readonly seq: number }

/** @throws Failure FIELD_TYPE with the parameter's name */
export function parseSubscription(query: URLSearchParams): Subscription & { readonly resume: Resume | null } {
  const { topics, resume, ...filter } = check(querySchema, Object.fromEntries(query))
  const names = topics === undefined ? liveTopics : topics.split(',')
  return { topics: new Set(names.map(toTopic)), filter, resume: resume === undefined ? null : toResume(resume) }
}

function toResume(text: string): Resume {
  const [, session, seq] = /^([\w-]{1,64}):(\d{1,15})$/.exec(text) ?? []
  if (session !== undefined) return { session, seq: Number(seq) }
  const help = 'Write resume=SESSION:SEQ, the session of the last snapshot and the number of the last frame.'
  throw new Failure('FIELD_TYPE', `'${text}' names no frame of a session`, { field: 'resume', help })
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
    {
      type: Type.Literal('resume'),
      session: Type.Optional(Type.String({ pattern: '^[\\w-]{1,64}$' })),
      seq: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    { additionalProperties: false },
  ),
  control: Type.Object({ type: Type.Literal('control'), ...controlSchema.properties }, { additionalProperties: false }),
}

export type LiveMessage =
  | { type: 'pause' }
  | { type: 'resume'; session?: string; seq?: number }
  | ({ type: 'control' } & ControlCommand)

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
