// Refuses /v1 while the event loop is so far behind that answers would come too late to be of use.

import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import { Failure } from '../lib/failure.ts'

/** How far the event loop may be behind. */
const behindMsMax = 5_000

/** Call before the routes that it guards are added. */
export async function addPressure(app: FastifyInstance): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: behindMsMax,
    // Async, for a throw of a hook that calls back would end the process.
    async pressureHandler(_, __, ___, behindMs) {
      refuseWhenBehind(behindMs)
    },
  })
}

/** @throws Failure OVERLOADED */
export function refuseWhenBehind(behindMs: number | undefined): void {
  // One blocked interval leaves no sample, and the plugin calls that Infinity: the loop runs again, so let it answer.
  if (behindMs === Number.POSITIVE_INFINITY) return
  throw new Failure('OVERLOADED', 'the process is too busy to answer in time')
}
