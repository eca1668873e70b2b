// A timeline by hand: entries with the facts that `ingest` would give them.

import { type Flight, factsOf, fold, replan, schedule } from '../../src/flights/life.ts'
import { minutes } from '../../src/lib/time.ts'
import type { EventType, TimelineEntry } from '../../src/records.ts'
import { type AnyEvent, entryOf } from '../../src/stages/timeline-entry.ts'
import { arrived, cancelled, departed, m, rescheduled, scheduled, weather } from './events.ts'
import type { StageRun } from './stage-io.ts'

/** Says flights' events to a stage that reads the timeline; each id is a flight of the same plan unless told otherwise. */
export class Timeline {
  readonly #run: StageRun
  readonly #partition: number | undefined
  readonly #flights = new Map<string, Flight>()

  constructor(run: StageRun, partition?: number) {
    this.#run = run
    this.#partition = partition
  }

  watermark(at: number): this {
    this.#run.put('flights.timeline', 'Watermark', { at }, this.#place)
    return this
  }

  scheduled(id: string, at: number, departureAt: number, carrier = 'UA'): this {
    const plan = { scheduledDepartureAt: departureAt, scheduledArrivalAt: departureAt + minutes(180) }
    const event = scheduled(at, { flightId: id, carrier, ...plan })
    const flight = schedule(event, at)
    this.#flights.set(id, flight)
    return this.#put({ type: 'FlightScheduled', id, event, at }, factsOf(flight, flight))
  }

  rescheduled(id: string, at: number, departureAt: number): this {
    const plan = { scheduledDepartureAt: departureAt, scheduledArrivalAt: departureAt + minutes(180) }
    return this.#change('FlightRescheduled', id, rescheduled(at, plan))
  }

  cancelled(id: string, at: number): this {
    return this.#change('FlightCancelled', id, cancelled(at))
  }

  departed(id: string, at: number, tail: string | null = null): this {
    return this.#change('FlightDeparted', id, departed(at, { tail }))
  }

  arrived(id: string, at: number): this {
    return this.#change('FlightArrived', id, arrived(at))
  }

  weather(station: string, at: number): this {
    return this.#put({ type: 'WeatherObserved', id: station, event: weather(at, { windMilesPerHour: 12.3 }), at }, null)
  }

  get #place() {
    return this.#partition === undefined ? {} : { partition: this.#partition }
  }

  #change(type: EventType, id: string, event: AnyEvent): this {
    const flight = this.#flights.get(id) ?? schedule(scheduled(m(0)), m(0))
    const before = { ...flight }
    if (type === 'FlightRescheduled') replan(flight, event as ReturnType<typeof rescheduled>, event.at)
    else fold(flight, type, event, event.at)
    return this.#put({ type, id, event, at: event.at }, factsOf(flight, before))
  }

  #put(of: { type: EventType; id: string; event: AnyEvent; at: number }, flight: TimelineEntry['flight']): this {
    this.#run.put('flights.timeline', 'TimelineEntry', entryOf({ ...of, hash: '', flight }), this.#place)
    return this
  }
}
