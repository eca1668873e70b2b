// Calls of the running Slipstream's API. Its problems come back as the failures they were.

import { Failure, isFailureCode } from '../lib/failure.ts'
import type { Problem } from '../server/problem.ts'
import { type CommandIo, type Flag, textFlag } from './command.ts'

export const urlFlag: Flag = {
  type: 'string',
  value: 'URL',
  about: 'where Slipstream runs (default: http:// with the settings host and port)',
}

const timeoutMs = 30_000

/** @throws Failure USAGE */
export function baseUrl(io: CommandIo): URL {
  const { host, port } = io.config
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  const text = textFlag(io, 'url') ?? `http://${name}:${port}`
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text)
  throw new Failure('USAGE', `"${text}" is no address`, { field: 'url', help: 'Write it as http://127.0.0.1:8080.' })
}

export type Call = { readonly path: string; readonly body?: unknown }

/** @throws Failure NOT_RUNNING, or what the server refused with */
export async function call(base: URL, { path, body }: Call): Promise<unknown> {
  const url = new URL(path, base)
  const init =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  let response: Response
  let text: string
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) })
    text = await response.text()
  } catch (error) {
    throw notRunning(base, error)
  }
  const answer = jsonOf(text)
  if (response.ok && answer !== undefined) return answer
  throw refusal(response.status, answer, url)
}

function notRunning(base: URL, cause: unknown): Failure {
  const isSlow = cause instanceof Error && cause.name === 'TimeoutError'
  const what = isSlow ? `did not answer within ${timeoutMs / 1000} s` : 'no Slipstream answers'
  return new Failure('NOT_RUNNING', isSlow ? `${base.origin} ${what}` : `${what} at ${base.origin}`, {
    help: 'Start it with `npm start` or `slipstream up`, or say where it runs with --url.',
    cause,
  })
}

function refusal(status: number, answer: unknown, url: URL): Failure {
  const { code, detail, field, help } = (answer ?? {}) as Partial<Problem>
  if (code === undefined || !isFailureCode(code)) {
    return new Failure('NOT_RUNNING', `${url.href} answered ${status}, and not as Slipstream does`, {
      help: 'Another program may have the port. Say where Slipstream runs with --url.',
    })
  }
  const options = { ...(field === undefined ? {} : { field }), ...(help === undefined ? {} : { help }) }
  return new Failure(code, detail ?? `${url.pathname} answered ${status}`, options)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
