// Spoils an ordered stream on purpose, the same way for the same seed: what real producers do, in known doses.
//
//   late       delivered 11 to 300 minutes after it was known; one in five 1 to 3 days
//   duplicate  the same content again, 0 to 240 minutes after the first delivery
//   conflict   the same flight, type and `at` with other content and a revision of 1 to 3, within 30 minutes
//   future     a copy that claims to be known 2 to 48 hours after it is delivered
//   garbage    bytes that are no record: noise, a broken body, an unknown schema, too short
//
// Whether and how an event is spoiled follows from a hash of the seed and its name, key and `at`, never from a generator
// that runs along: so it is the same for any range of days, order of rows and place to resume from.

import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import { fractionOf, hash32, mix32, randomFrom } from '../lib/random.ts'
import { days, minutes } from '../lib/time.ts'
import type { EventType, Records } from '../records.ts'
import { Agenda } from './agenda.ts'
import { type Item, rankOf } from './event-order.ts'

/** Share of the events, 0 to 1. */
export type Doses = { late: number; duplicate: number; conflict: number; future: number; garbage: number }

const kinds = ['late', 'duplicate', 'conflict', 'future', 'garbage'] as const
type Kind = (typeof kinds)[number]

/** Reads `late=0.01,duplicate=0.01`; what is not named is 0. @throws Failure USAGE */
export function parseDoses(text: string): Doses {
  const doses: Doses = { late: 0, duplicate: 0, conflict: 0, future: 0, garbage: 0 }
  const given = new Set<string>()
  for (const part of text.split(',').map(part => part.trim())) {
    if (part === '') continue
    const [kind = '', share = '', ...rest] = part.split('=').map(side => side.trim())
    if (!isKind(kind)) throw usage(`there is no fault ${JSON.stringify(kind)}`)
    if (given.has(kind)) throw usage(`${kind} is given twice`)
    const dose = share === '' || rest.length > 0 ? Number.NaN : Number(share)
    if (!(dose >= 0 && dose <= 1)) throw usage(`the share of ${kind} is not a number from 0 to 1`)
    doses[kind] = dose
    given.add(kind)
  }
  return doses
}

export type SpoilOptions = {
  doses: Doses
  seed: number
  /** Wire bytes of a record, to break their body; without it no garbage is made that way. */
  encode?: (name: string, value: object) => Uint8Array
}

/** A stream that is spoiled while it passes; memory is bounded by three days of it. */
export class Spoiler {
  readonly #options: SpoilOptions
  readonly #agenda = new Agenda()

  constructor(options: SpoilOptions) {
    this.#options = options
  }

  /** Items in order. */
  add(item: Item): void {
    const { doses, seed, encode } = this.#options
    const at = claimedAt(item)
    const hash = mix32(hash32(item.key, seed) ^ mix32(at / 1000) ^ rankOf(item.name))
    const draw = (salt: number): number => fractionOf(mix32(hash ^ mix32(salt)))
    const hit = (kind: Kind): boolean => draw(kinds.indexOf(kind) + 1) < doses[kind]
    const add = (deliveredAt: number, change: Partial<Item>): void =>
      this.#agenda.add({ ...item, deliveredAt, ...change })

    const deliveredAt = hit('late') ? at + lateBy(draw(11), draw(12)) : item.deliveredAt
    if (deliveredAt === item.deliveredAt) this.#agenda.add(item)
    else add(deliveredAt, {})
    if (hit('duplicate')) add(deliveredAt + between(minutes(0), minutes(240), draw(21)), {})
    if (hit('conflict')) {
      const revision = 1 + Math.floor(draw(32) * 3)
      add(at + between(minutes(0), minutes(30), draw(31)), { value: contradicted(item, revision, draw(33)) })
    }
    if (hit('future')) {
      const claimed = item.deliveredAt + between(minutes(120), minutes(2880), draw(41))
      add(item.deliveredAt, { value: { ...(item.value as Value), at: claimed } })
    }
    if (hit('garbage')) {
      const value = garbage(item, mix32(hash ^ 51), encode)
      add(at + between(minutes(0), minutes(60), draw(51)), { name: null, value })
    }
  }

  /** What no later item can precede; `before` is when the next one is delivered, or Infinity at the end. */
  take(before: number): Item[] {
    return this.#agenda.take(before)
  }
}

/** The same over a stream at hand. */
export function* spoiled(items: Iterable<Item>, options: SpoilOptions): Generator<Item> {
  const spoiler = new Spoiler(options)
  for (const item of items) {
    yield* spoiler.take(item.deliveredAt)
    spoiler.add(item)
  }
  yield* spoiler.take(Number.POSITIVE_INFINITY)
}

function lateBy(kind: number, share: number): number {
  return kind < 0.2 ? between(days(1), days(3), share) : between(minutes(11), minutes(300), share)
}

/** Whole seconds, both ends included. */
function between(fromMs: number, toMs: number, share: number): number {
  return fromMs + Math.floor((share * (toMs - fromMs + 1000)) / 1000) * 1000
}

type Value = { at: number; revision: number }

function claimedAt(item: Item): number {
  return (item.value as Value).at
}

/** The event again, saying something else that could be true. */
function contradicted({ name, value }: Item, revision: number, share: number): object {
  const contradict =
    name !== null && Object.hasOwn(contradictions, name) ? contradictions[name as EventType] : undefined
  assert(contradict !== undefined, `${name} is an event`)
  return { ...(value as Value), revision, ...contradict(value as never, share) }
}

type Contradictions = { [Name in EventType]: (event: Records[Name], share: number) => Partial<Records[Name]> }

const contradictions: Contradictions = {
  FlightScheduled: ({ scheduledArrivalAt }, share) => ({ scheduledArrivalAt: scheduledArrivalAt + shiftMs(share) }),
  FlightRescheduled: ({ scheduledArrivalAt }, share) => ({ scheduledArrivalAt: scheduledArrivalAt + shiftMs(share) }),
  AircraftAssigned: ({ tail }, share) => ({ tail: otherTail(tail, share), builtYear: null, seats: null }),
  FlightCancelled: (_event, share) => ({ reason: share < 0.5 ? 'weather' : 'carrier' }),
  FlightDeparted: ({ departedAt }, share) => ({ departedAt: departedAt - shiftMs(share) }),
  FlightDiverted: (_event, share) => ({ divertedTo: share < 0.5 ? 'PHL' : 'BWI' }),
  FlightArrived: ({ arrivedAt }, share) => ({ arrivedAt: arrivedAt - shiftMs(share) }),
  WeatherObserved: ({ temperatureFahrenheit }) => ({ temperatureFahrenheit: (temperatureFahrenheit ?? 50) + 1 }),
}

function shiftMs(share: number): number {
  return minutes(1 + Math.floor(share * 9))
}

function otherTail(tail: string, share: number): string {
  const other = `N${100 + Math.floor(share * 900)}ZZ`
  return other === tail ? 'N1ZZ' : other
}

/** Never a record: what is cut lacks at least its last byte, what is whole names no schema. */
function garbage(item: Item, seed: number, encode: SpoilOptions['encode']): Uint8Array {
  const random = randomFrom(seed)
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256))
  const kind = Math.floor(random() * 4)
  if (kind === 0 && encode && item.name !== null) {
    const whole = encode(item.name, item.value)
    return whole.slice(0, 5 + Math.floor(random() * (whole.length - 5)))
  }
  if (kind === 1) {
    const bytes = noise(40)
    bytes.set([0, 0x7f])
    return bytes
  }
  if (kind === 2) return noise(Math.floor(random() * 5))
  const bytes = noise(20 + Math.floor(random() * 200))
  bytes[0] = 1 + Math.floor(random() * 255)
  return bytes
}

function isKind(text: string): text is Kind {
  return (kinds as readonly string[]).includes(text)
}

function usage(message: string): Failure {
  return new Failure('USAGE', `--inject: ${message}`, {
    field: 'inject',
    help: `Write shares from 0 to 1, as --inject ${kinds.map(kind => `${kind}=0.01`).join(',')}.`,
  })
}
