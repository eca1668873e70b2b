// Predictions and grades for tests of the live socket, an hour before noon of 8 February 2013.

import type { LoopNow } from '../../src/server/loop.ts'
import type { Grade, LivePrediction } from '../../src/server/program.ts'

export const noon = Date.UTC(2013, 1, 8, 12)
export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

export const noLoop: LoopNow = { metrics: null, alerts: [], requests: [], decisions: [], shadowTests: [] }

export function prediction(change: Partial<LivePrediction> = {}): LivePrediction {
  const at = change.at ?? noon
  return {
    flightId: 'UA-1',
    carrier: 'UA',
    flightNumber: 1,
    origin: 'EWR',
    destination: 'ORD',
    scheduledDepartureAt: at + 2 * hourMs,
    at,
    horizonMinutes: 120,
    probability: 0.25,
    late: false,
    low: 0.1,
    high: 0.4,
    skipped: null,
    model: 'seed',
    grade: null,
    ...change,
  }
}

export const skipped = { probability: null, late: null, low: null, high: null, model: null, skipped: 'CANCELLED' }

export function landed(flightId: string, arrivalDelayMinutes: number, at = noon): Grade {
  return { flightId, at, kind: 'LANDED', arrivalDelayMinutes, label: arrivalDelayMinutes >= 15 }
}

export function cancelled(flightId: string, at = noon): Grade {
  return { flightId, at, kind: 'CANCELLED', arrivalDelayMinutes: null, label: null }
}
