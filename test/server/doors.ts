// A server over the fake program, for tests of the doors.

import type { FastifyInstance } from 'fastify'
import { buildServer, type ServerOptions } from '../../src/server/server.ts'
import { createFakeProgram, type FakeOptions, type FakeProgram, fakeAirports } from './fake-program.ts'

export type Doors = { program: FakeProgram; server: FastifyInstance }

export const airports = fakeAirports()

/** The wall clock of these tests. */
export const wallNow = Date.UTC(2026, 6, 1, 12)

export function openDoors({ fake, ...options }: Partial<ServerOptions> & { fake?: FakeOptions } = {}): Doors {
  const program = createFakeProgram(fake)
  const defaults = { webFolder: null, logLevel: 'silent', rateLimitPerMinute: 0, airports, now: () => wallNow }
  return { program, server: buildServer({ program, ...defaults, ...options }) }
}

export function post(server: FastifyInstance, url: string, payload: unknown) {
  return server.inject({ method: 'POST', url, payload: payload as object })
}
