// Errors as RFC 9457 problem+json. `code` is a code of docs/failures.md and what programs branch on; `field` and `pointer`
// say where in the body or query; `type` is the code as a URN. What is not a Failure is a defect: it is logged,
// and answered without a word of what is inside.

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Failure, type FailureCode, failureIn } from '../lib/failure.ts'

export type Problem = {
  type: string
  title: string
  status: number
  detail: string
  code: FailureCode
  /** Path into what was sent: `origin`, `[3].origin`. */
  field?: string
  /** The same as an RFC 6901 JSON pointer: `/3/origin`. */
  pointer?: string
  help?: string
  /** Id of the request in the log. */
  instance?: string
}

/** Codes whose status does not follow from whom to blame. */
const statuses: Partial<Record<FailureCode, number>> = {
  FIELD_MISSING: 400,
  FIELD_TYPE: 400,
  REQUEST_MALFORMED: 400,
  USAGE: 400,
  ROUTE_UNKNOWN: 404,
  MODEL_UNKNOWN: 404,
  SEARCH_UNKNOWN: 404,
  CONFLICT: 409,
  TRAINING_OPEN: 409,
  SEARCH_OPEN: 409,
  COMMAND_REFUSED: 409,
  NOT_SUPERVISED: 409,
  RECORD_TOO_LARGE: 413,
  MEDIA_TYPE: 415,
  HOST_REFUSED: 403,
  TOO_MANY_REQUESTS: 429,
  NOT_RUNNING: 503,
}

const titles: Record<number, string> = {
  400: 'The request is not well formed',
  403: 'Not allowed from there',
  404: 'There is nothing here',
  405: 'Not with this method',
  409: 'It contradicts what is known',
  413: 'Too large',
  415: 'Only JSON is taken',
  422: 'It cannot be so',
  429: 'Too many requests',
  500: 'A defect in Slipstream',
  503: 'Not now',
}

export const problemType = 'application/problem+json'

/** Seconds a client is asked to wait before it asks again. */
const retryAfterSeconds = 2

export function statusOf({ code, blame }: Failure): number {
  const fixed = statuses[code]
  if (fixed !== undefined) return fixed
  if (blame === 'ours') return 500
  return blame === 'world' ? 503 : 422
}

export function problemOf(failure: Failure, statusGiven?: number): Problem {
  const status = statusGiven ?? statusOf(failure)
  // A defect of ours is nobody's business but the log's.
  const { code, message: detail, field, help } = status === 500 ? unexpected : failure
  return {
    type: `urn:problem-type:slipstream:${code.toLowerCase().replaceAll('_', '-')}`,
    title: titles[status] ?? 'Failed',
    status,
    detail,
    code,
    ...(field === undefined ? {} : { field, pointer: pointerOf(field) }),
    ...(help === undefined ? {} : { help }),
  }
}

const unexpected = new Failure('UNEXPECTED', 'the server met an error that it has no name for', {
  help: 'The log has the details under the id in `instance`.',
})

/** `[3].origin` as `/3/origin`. */
export function pointerOf(field: string): string {
  const steps = field
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter(step => step !== '')
  return steps.map(step => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** `page` may answer what no route does; undefined when it does not. */
export function addProblems(
  app: FastifyInstance,
  page: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | undefined,
): void {
  app.setErrorHandler((error, request, reply) => {
    const failure = toFailure(error)
    if (failure === undefined || statusOf(failure) === 500) {
      request.log.error({ err: error }, 'unexpected error')
      return sendProblem(request, reply, failure ?? unexpected)
    }
    return sendProblem(request, reply, failure)
  })
  app.setNotFoundHandler((request, reply) => {
    const sent = page(request, reply)
    if (sent) return sent
    const path = pathOf(request.url)
    const allowed = (['GET', 'HEAD', 'POST'] as const).filter(method => app.hasRoute({ url: path, method }))
    if (allowed.length > 0) {
      reply.header('allow', allowed.join(', '))
      const failure = new Failure('ROUTE_UNKNOWN', `${path} does not take ${request.method}`)
      return sendProblem(request, reply, failure, 405)
    }
    const help = 'GET /openapi.json lists every address.'
    return sendProblem(request, reply, new Failure('ROUTE_UNKNOWN', `there is nothing at ${path}`, { help }))
  })
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, failure: Failure, status?: number) {
  const problem = { ...problemOf(failure, status), instance: `request:${request.id}` }
  if ((problem.status === 503 || problem.status === 429) && !reply.hasHeader('retry-after')) {
    reply.header('retry-after', String(retryAfterSeconds))
  }
  // Bytes, so that neither a charset nor the serialiser of the route's answer is added.
  return reply
    .code(problem.status)
    .type(problemType)
    .send(Buffer.from(JSON.stringify(problem)))
}

const fastifyCodes: Record<string, [code: FailureCode, message: string]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['MEDIA_TYPE', 'the body must be sent as application/json'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['RECORD_TOO_LARGE', 'the body is larger than 1 MB'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['REQUEST_MALFORMED', 'the body is empty'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['REQUEST_MALFORMED', 'the body is not valid JSON'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['REQUEST_MALFORMED', 'the body is not as long as its content-length says'],
  FST_ERR_BAD_URL: ['REQUEST_MALFORMED', 'the address is not a valid one'],
}

function toFailure(error: unknown): Failure | undefined {
  const failure = failureIn(error)
  if (failure !== undefined) return failure
  if (!(error instanceof Error)) return undefined
  const { code, statusCode } = error as Partial<FastifyError>
  const known = code === undefined ? undefined : fastifyCodes[code]
  if (known !== undefined) return new Failure(known[0], known[1])
  if (error instanceof SyntaxError && statusCode === 400)
    return new Failure('REQUEST_MALFORMED', 'the body is not valid JSON')
  if (statusCode === 400) return new Failure('REQUEST_MALFORMED', 'the request could not be read')
  return undefined
}

export function pathOf(url: string): string {
  const end = url.search(/[?#]/)
  return end < 0 ? url : url.slice(0, end)
}
