// ingest: flights.events to flights.timeline. Holds events until the watermark has passed them, recognises duplicates,
// decides conflicts, checks each event against its flight, and appends in one order, so that nothing downstream knows
// lateness. What it refuses becomes a dead letter; what came too late enters at the watermark, and a copy is kept.
//
// The rules of event time are in docs/architecture.md. Counted from state: in = timeline + held + duplicates + rejected.

import { hash as digestOf } from 'node:crypto'
import { checkEvent } from '../flights/check.ts'
import { eventTypes, rankOf } from '../flights/event-order.ts'
import {
  type Before,
  closesAs,
  closesAt,
  type Flight,
  factsOf,
  fold,
  forgottenAfter,
  keepMs,
  type PackedFlight,
  packFlight,
  replan,
  schedule,
  unpackFlight,
} from '../flights/life.ts'
import { Failure, type FailureCode } from '../lib/failure.ts'
import type { EventType, FlightRescheduled, FlightScheduled, Mark } from '../records.ts'
import { partitionOf } from '../runtime/partition.ts'
import { wireHeaderBytes } from '../runtime/schemas.ts'
import type { Behaviour, Input, InputRecord, Output, Stage, StageIo } from '../runtime/stage.ts'
import type { Table } from '../runtime/table.ts'
import { Endings } from './endings.ts'
import { Held, type HeldEvent, heldPacking } from './held.ts'
import type { StageSettings } from './settings.ts'
import { type AnyEvent, entryOf } from './timeline-entry.ts'

/** An accepted claim of an event: what a duplicate or a conflict is recognised by. */
type Seen = { hash: string; rank: number; at: number }
/**
 * A flight, or a weather station (without a flight), and what was accepted of it. `ranks` has a bit for every rank among
 * `seen`: hardly any event is of a type that its flight has already had.
 */
type Known = { flight: Flight | null; seen: Seen[]; ranks: number }
type PackedKnown = [flight: PackedFlight | null, ...seen: (string | number)[]]
type Counts = { mark: number | null; in: number; timeline: number; late: number; duplicates: number; rejected: number }
type Refusal = { code: FailureCode; message: string; field?: string }

/** Bytes of an event at most; a larger one is refused. */
export const eventBytesMax = 65_536

export const ingest: Stage<StageSettings> = {
  name: 'ingest',
  layout: 1,
  open: (io, settings) => new Ingest(io, settings),
}

class Ingest implements Behaviour {
  readonly #io: StageIo
  readonly #settings: StageSettings
  readonly #partition: number
  readonly #partitions: number
  readonly #events: Input
  readonly #timeline: Output
  readonly #rejected: Output
  readonly #late: Output
  readonly #held: Held
  readonly #known: Table<Known>
  readonly #counts: Table<Counts>
  readonly #c: Counts
  readonly #endings = new Endings()

  constructor(io: StageIo, settings: StageSettings) {
    this.#io = io
    this.#settings = settings
    this.#partition = io.partition
    this.#partitions = io.partitions
    this.#events = io.input('flights.events')
    this.#timeline = io.output('flights.timeline')
    this.#rejected = io.output('flights.rejected')
    this.#late = io.output('flights.late')
    this.#held = new Held(io.table('held', heldPacking))
    this.#known = io.table<Known>('known', { pack: packKnown, unpack: unpackKnown })
    this.#counts = io.table<Counts>('counts')
    this.#c = this.#counts.get('') ?? { mark: null, in: 0, timeline: 0, late: 0, duplicates: 0, rejected: 0 }
    if (this.#c.mark !== null) io.reached(this.#c.mark - settings.latenessMs)
    for (const [id, { flight }] of this.#known.entries()) {
      if (flight) this.#endings.add(forgottenAfter(flight), id)
    }
  }

  step(): boolean {
    const record = this.#events.peek()
    if (!record) return false
    if (record.name === 'Mark') this.#mark((record.value as Mark).at)
    else this.#read(record)
    return true
  }

  balance(): Record<string, number> {
    const { mark: _, ...counts } = this.#c
    return { ...counts, held: this.#held.size }
  }

  poisoned(): void {
    this.#c.in++
    this.#c.rejected++
  }

  beforeCommit(): void {
    this.#held.write()
    this.#counts.set('', this.#c)
  }

  /** Releases what lies before the new watermark, one event a step, then takes the mark. */
  #mark(at: number): void {
    const { mark } = this.#c
    if (mark !== null && at <= mark) return this.#events.take()
    const watermark = at - this.#settings.latenessMs
    if (this.#held.firstAt < watermark) return this.#release(this.#held.take())
    this.#events.take()
    this.#c.mark = at
    this.#io.reached(watermark)
    this.#forget(watermark)
    this.#timeline.emit('Watermark', 'watermark', { at: watermark })
  }

  #read(record: InputRecord): void {
    this.#events.take()
    this.#c.in++
    const rank = rankOf(record.name)
    const wrong = this.#malformed(record, rank)
    if (wrong) return this.#refuse(record.key, wrong, record.bytes, withOrigin(record, this.#events))
    const event = record.value as AnyEvent
    const id = event.flightId ?? (event.station as string)
    const hash = contentHash(record.bytes)
    const { mark } = this.#c
    if (mark === null || event.at > mark + this.#settings.aheadMs) {
      const message =
        mark === null ? 'no mark has opened the stream yet' : 'more than the allowed time ahead of the last mark'
      return this.#refuse(
        record.key,
        { code: 'FUTURE', message, field: 'at' },
        record.bytes,
        withOrigin(record, this.#events),
      )
    }
    if (this.#held.has(id, rank, hash)) {
      this.#c.duplicates++
      return
    }
    const at = Math.max(event.at, mark - this.#settings.latenessMs)
    const { bytes, offset, headers } = record
    this.#held.add({ at, rank, id, hash, event, bytes, offset, headers })
  }

  /** What is wrong with a record on its own, whatever its flight. */
  #malformed(record: InputRecord, rank: number): Refusal | null {
    if (record.bytes.length > eventBytesMax) {
      return {
        code: 'RECORD_TOO_LARGE',
        message: `${record.bytes.length} bytes; an event has at most ${eventBytesMax}`,
      }
    }
    if (record.problem) return refusalOf(record.problem)
    if (rank >= eventTypes.length) return { code: 'FLIGHT_MALFORMED', message: `a ${record.name} is not an event` }
    const wrong = checkEvent(eventTypes[rank] as EventType, record.value, this.#settings.airports)
    if (wrong) return refusalOf(wrong)
    const event = record.value as AnyEvent
    const id = event.flightId ?? (event.station as string)
    const right = partitionOf(id, this.#partitions)
    if (right !== this.#partition) {
      return { code: 'WRONG_PARTITION', message: `"${id}" belongs to partition ${right}, not ${this.#partition}` }
    }
    return null
  }

  #release(held: HeldEvent): void {
    const { at, id, event } = held
    const known = this.#remembered(id, at)
    const already = known ? alreadySeen(known, held) : null
    if (already === 'SAME') {
      this.#c.duplicates++
      return
    }
    if (already === 'OTHER' || this.#held.hasBetterThan(held)) {
      return this.#refuseHeld(held, { code: 'CONFLICT', message: 'the same event is already here with other content' })
    }
    const type = eventTypes[held.rank] as EventType
    if (type === 'WeatherObserved') return this.#weather(held, known)
    if (type === 'FlightScheduled') return this.#scheduled(held, known)
    if (!known?.flight) {
      return this.#refuseHeld(held, {
        code: 'UNKNOWN_FLIGHT',
        message: `no flight "${id}" was scheduled`,
        field: 'flightId',
      })
    }
    const refusal = contradiction(known.flight, type, event, at)
    if (refusal) return this.#refuseHeld(held, refusal)
    const { flight } = known
    const { departureAt, arrivalAt, cancelledAt, departedKnownAt, landedKnownAt } = flight
    const end = forgottenAfter(flight)
    if (type === 'FlightRescheduled') replan(flight, event as FlightRescheduled, at)
    else fold(flight, type, event, at)
    if (forgottenAfter(flight) !== end) this.#endings.add(forgottenAfter(flight), id)
    this.#accept(held, known, { departureAt, arrivalAt, cancelledAt, departedKnownAt, landedKnownAt })
  }

  #scheduled(held: HeldEvent, known: Known | undefined): void {
    const { at, event } = held
    if (known?.flight) {
      return this.#refuseHeld(held, {
        code: 'CONFLICT',
        message: 'a flight of this id is already scheduled',
        field: 'flightId',
      })
    }
    const plan = event as FlightScheduled
    if (at > plan.scheduledDepartureAt + keepMs) {
      return this.#refuseHeld(held, {
        code: 'EXPIRED',
        message: 'its departure is more than 36 h ago',
        field: 'scheduledDepartureAt',
      })
    }
    const flight = schedule(plan, at)
    this.#endings.add(forgottenAfter(flight), held.id)
    this.#accept(held, { flight, seen: [], ranks: 0 }, flight)
  }

  #weather(held: HeldEvent, known: Known | undefined): void {
    const { at, event } = held
    if (at > event.at + keepMs) {
      return this.#refuseHeld(held, { code: 'EXPIRED', message: 'it was known more than 36 h ago', field: 'at' })
    }
    const station = known ?? { flight: null, seen: [], ranks: 0 }
    station.seen = station.seen.filter(seen => seen.at + keepMs >= at)
    this.#accept(held, station, null)
  }

  #accept(held: HeldEvent, known: Known, before: Before | null): void {
    const { at, id, hash, event, rank, headers } = held
    const type = eventTypes[rank] as EventType
    known.seen.push({ hash, rank, at: event.at })
    known.ranks |= 1 << rank
    this.#known.set(id, known)
    const { flight } = known
    const facts = flight && before ? factsOf(flight, before) : null
    const entry = entryOf({ type, id, hash, event, at, flight: facts })
    this.#c.timeline++
    this.#timeline.emit('TimelineEntry', id, entry, headers?.trace ? { trace: headers.trace } : undefined)
    if (event.at >= at) return
    this.#c.late++
    this.#late.emit('TimelineEntry', id, entry)
  }

  /** What is known of an id, unless it is due to be forgotten. */
  #remembered(id: string, at: number): Known | undefined {
    const known = this.#known.get(id)
    return known?.flight && at > forgottenAfter(known.flight) ? undefined : known
  }

  #forget(watermark: number): void {
    for (const id of this.#endings.take(watermark)) {
      const flight = this.#known.get(id)?.flight
      if (flight && watermark > forgottenAfter(flight)) this.#known.delete(id)
    }
  }

  #refuseHeld(held: HeldEvent, refusal: Refusal): void {
    this.#refuse(held.id, refusal, held.bytes, withOrigin(held, this.#events))
  }

  #refuse(
    key: string,
    refusal: Refusal,
    value: Uint8Array,
    headers: Readonly<Record<string, string>> | undefined,
  ): void {
    this.#c.rejected++
    const { code, message, field = null } = refusal
    const { mark } = this.#c
    const at = mark === null ? 0 : mark - this.#settings.latenessMs
    const bytes = value.length > eventBytesMax ? value.subarray(0, eventBytesMax) : value
    this.#rejected.emit(
      'Rejected',
      key,
      { topic: 'flights.events', reason: code, field, message, at, value: bytes },
      headers,
    )
  }
}

/** Each claim is told since the one before it, the first since the flight's first departure: short numbers. */
function packKnown({ flight, seen }: Known): PackedKnown {
  const packed: PackedKnown = [flight && packFlight(flight)]
  let from = flight ? flight.firstDepartureAt : 0
  for (const { hash, rank, at } of seen) {
    packed.push(hash, rank, at - from)
    from = at
  }
  return packed
}

function unpackKnown([packed, ...list]: PackedKnown): Known {
  const flight = packed && unpackFlight(packed)
  const seen: Seen[] = []
  let at = flight ? flight.firstDepartureAt : 0
  let ranks = 0
  for (let i = 0; i < list.length; i += 3) {
    const rank = list[i + 1] as number
    at += list[i + 2] as number
    ranks |= 1 << rank
    seen.push({ hash: list[i] as string, rank, at })
  }
  return { flight, seen, ranks }
}

/** Whether a claim was accepted already, or another of the same event, which it contradicts; null: neither. */
function alreadySeen({ seen, ranks }: Known, { hash, rank, event }: HeldEvent): 'SAME' | 'OTHER' | null {
  if ((ranks & (1 << rank)) === 0) return null
  let isOther = false
  for (const claim of seen) {
    if (claim.rank !== rank || claim.at !== event.at) continue
    if (claim.hash === hash) return 'SAME'
    isOther = true
  }
  return isOther ? 'OTHER' : null
}

/** Why an event cannot be true of its flight, or null. */
function contradiction(flight: Flight, type: EventType, event: AnyEvent, at: number): Refusal | null {
  const once =
    (type === 'FlightDeparted' && flight.departedKnownAt !== null) ||
    (type === 'FlightArrived' && flight.landedKnownAt !== null) ||
    (type === 'FlightCancelled' &&
      (flight.cancelledAt !== null || flight.departedKnownAt !== null || flight.landedKnownAt !== null))
  if (once) return { code: 'CONFLICT', message: `a second ${type}, or one after the flight has left` }
  if (closesAs(flight) !== 'LANDED' && at > closesAt(flight)) {
    return { code: 'SETTLED', message: 'the flight was closed 36 h after its last planned instant' }
  }
  if (type === 'FlightArrived' && flight.departedAt !== null && (event.arrivedAt as number) <= flight.departedAt) {
    return { code: 'TIME_IMPOSSIBLE', message: 'it arrived before it departed', field: 'arrivedAt' }
  }
  if (type === 'FlightDeparted' && flight.arrivedAt !== null && (event.departedAt as number) >= flight.arrivedAt) {
    return { code: 'TIME_IMPOSSIBLE', message: 'it departed after it arrived', field: 'departedAt' }
  }
  return null
}

function refusalOf({ code, message, field }: Failure): Refusal {
  return field === undefined ? { code, message } : { code, message, field }
}

/** 64 bits of SHA-256 over the Avro body, hexadecimal; the record's type is compared beside it. */
function contentHash(bytes: Uint8Array): string {
  return digestOf('sha256', bytes.subarray(wireHeaderBytes), 'hex').slice(0, 16)
}

function withOrigin(record: Pick<InputRecord, 'headers' | 'offset'>, input: Input): Record<string, string> {
  return { ...record.headers, origin: `${input.topic}/${input.partition}@${record.offset}` }
}
