// The answers that every route may give besides its own, for /openapi.json.

import type { TSchema } from 'typebox'
import { ref } from './components.ts'
import { problemType } from './problem.ts'

const problems = {
  400: 'The request is not well formed; `field` names what is wrong.',
  403: 'Not allowed from there.',
  404: 'There is no such thing; `field` names what was sought.',
  409: 'It contradicts what is known, under way, decided, or how it was started; `detail` says why.',
  413: 'The body is larger than 1 MB, or holds too many items.',
  415: 'The body is not sent as application/json.',
  422: 'Well formed, but it cannot be so; `field` names what is wrong.',
  429: 'Too many requests; see Retry-After.',
  500: 'A defect in Slipstream.',
  503: 'Not now; see Retry-After.',
} as const

const retryAfter = { 'retry-after': { type: 'integer', description: 'Seconds to wait.' } }

type Answers = { [status: string]: unknown }

/** `ok` by status, and the problems that the route may meet. */
export function answers(ok: { [status: number]: TSchema }, ...statuses: (keyof typeof problems)[]): Answers {
  const refused = ([...statuses, 403, 500] as (keyof typeof problems)[]).map(status => [
    status,
    {
      description: problems[status],
      ...(status === 429 || status === 503 ? { headers: retryAfter } : {}),
      content: { [problemType]: { schema: ref('Problem') } },
    },
  ])
  return { ...ok, ...Object.fromEntries(refused) }
}
