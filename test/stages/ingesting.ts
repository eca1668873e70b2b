// ingest, driven by events and marks; its balance is looked at after every step.

import { expect } from 'vitest'
import type { RecordName, Records } from '../../src/records.ts'
import { ingest } from '../../src/stages/ingest.ts'
import { m, scheduled } from './events.ts'
import { type RunOptions, StageRun } from './stage-io.ts'

export class Ingesting extends StageRun {
  constructor(options: RunOptions = {}) {
    super(ingest, options)
  }

  say<N extends Exclude<RecordName, 'Mark'>>(name: N, value: Records[N]): this {
    const { flightId, station } = value as { flightId?: string; station?: string }
    this.put('flights.events', name, value, { key: flightId ?? station ?? '' })
    this.drain()
    expectEven(this)
    return this
  }

  mark(at: number): this {
    this.put('flights.events', 'Mark', { at }, { key: 'mark' })
    this.drain(() => expectEven(this))
    return this
  }

  get entries() {
    return this.out('flights.timeline', 'TimelineEntry')
  }

  get types() {
    return this.entries.map(({ type }) => type)
  }

  get reasons() {
    return this.out('flights.rejected', 'Rejected').map(({ reason }) => reason)
  }

  get watermarks() {
    return this.out('flights.timeline', 'Watermark').map(({ at }) => at)
  }
}

export function expectEven(run: StageRun): void {
  const { in: read, timeline = 0, held = 0, duplicates = 0, rejected = 0 } = run.balance()
  expect(read).toBe(timeline + held + duplicates + rejected)
}

/** The stream is open and flight A is in the timeline. */
export const withFlight = (options?: RunOptions) =>
  new Ingesting(options)
    .mark(m(0))
    .say('FlightScheduled', scheduled(m(0)))
    .mark(m(20))
