// What is planned, folded from the plan changes of frames in order: how many flights are planned in an hour at an
// airport, as of any recent frame, and which are overdue as of the newest.
//
// A flight is overdue when the 10-minute slot of its planned departure has ended and it has neither been seen leaving nor
// was cancelled. It counts for 36 hours, an age that with the 26 days of partial.ts stays below the look-back of 28 days.
// In slots, with `index` the number of the newest frame and age = index - slot: overdue are the open flights of slots
// with 1 <= age < 216. One step of time lets every overdue flight grow one slot older, one slot of flights become
// overdue and one leave; a change of the plan inside that range corrects the sums by its age.

import type { EntityIds } from './entities.ts'
import { everything } from './entities.ts'
import type { Ledger } from './ledger.ts'

/** Slots after which a flight that was never seen leaving is no longer overdue. */
export const overdueAgeMax = 216
export const slotsPerHour = 6

/** Flights planned in an hour, and how many of them have neither left nor been cancelled. */
export type HourPlan = { planned: number; open: number }

/** A plan change of a frame, with numbers for names and instants. */
export type SlotChange = {
  ids: EntityIds
  departureSlot: number
  arrivalSlot: number
  planned: number
  open: number
}

/** The plan of an hour for an entity from a frame on, and what it was before. */
class PlanVersion implements HourPlan {
  planned = 0
  open = 0
  readonly #index: number
  #older: PlanVersion | null = null

  constructor(index: number) {
    this.#index = index
  }

  /** The version to change in frame `index`; drops what no question at `keepFrom` or later can see. */
  from(index: number, keepFrom: number): PlanVersion {
    if (this.#index === index) return this
    const next = new PlanVersion(index)
    next.planned = this.planned
    next.open = this.open
    next.#older = this
    let version: PlanVersion | null = next
    while (version !== null && version.#index > keepFrom) version = version.#older
    if (version !== null) version.#older = null
    return next
  }

  /** The version as of frame `index`, or null before the first. */
  at(index: number): PlanVersion | null {
    if (this.#index <= index) return this
    let version = this.#older
    while (version !== null && version.#index > index) version = version.#older
    return version
  }
}

/** The newest version by entity. */
type Hour = (PlanVersion | undefined)[]

/** Flights that became open in a slot, or (negative) no longer are. */
type OpenChange = { readonly ids: EntityIds; readonly open: number }

const nothingPlanned: Readonly<HourPlan> = { planned: 0, open: 0 }

export class PlanBook {
  /** By hour, then by entity: an origin's entries are its departures, a destination's its arrivals. */
  readonly #hours = new Map<number, Hour>()
  /** By slot of departure, in the order of the frames: few, and summed only when the slot comes to an age. */
  readonly #open = new Map<number, OpenChange[]>()
  readonly #ledger: Ledger
  #index = 0
  #keepFrom = 0
  /** The first slot whose flights are summed once they are overdue. */
  #overdueFrom = Number.NEGATIVE_INFINITY

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** Goes on to frame `index`, whose row is open in the ledger; nothing before `keepFrom` is asked any more. */
  advance(index: number, entities: number, keepFrom: number): void {
    this.#index = index
    this.#keepFrom = keepFrom
    this.#ledger.age(entities)
    this.#shift(index - 1, 1, 1)
    this.#shift(index - overdueAgeMax, -1, overdueAgeMax)
    this.#open.delete(index - overdueAgeMax)
  }

  /** Goes on to frame `index`, which has no row; nobody will ask who of the slots before `overdueFrom` is overdue. */
  wait(index: number, keepFrom: number, overdueFrom: number): void {
    this.#index = index
    this.#keepFrom = keepFrom
    this.#overdueFrom = overdueFrom
  }

  #shift(slot: number, sign: number, age: number): void {
    const changes = this.#open.get(slot)
    if (changes === undefined) return
    for (const { ids, open } of changes) this.#overdue(ids, sign * open, age)
  }

  #overdue(ids: EntityIds, flights: number, age: number): void {
    const ledger = this.#ledger
    ledger.overdue(everything, flights, age)
    ledger.overdue(ids.origin, flights, age)
    ledger.overdue(ids.destination, flights, age)
    ledger.overdue(ids.carrier, flights, age)
    ledger.overdue(ids.originCarrier, flights, age)
  }

  change({ ids, departureSlot, arrivalSlot, planned, open }: SlotChange): void {
    const age = this.#index - departureSlot
    if (open !== 0 && age < overdueAgeMax && departureSlot >= this.#overdueFrom) {
      listOf(this.#open, departureSlot).push({ ids, open })
      if (age >= 1) this.#overdue(ids, open, age)
    }
    const departures = listOf(this.#hours, Math.floor(departureSlot / slotsPerHour))
    this.#changeHour(departures, everything, planned, open)
    this.#changeHour(departures, ids.origin, planned, open)
    this.#changeHour(departures, ids.originCarrier, planned, open)
    this.#changeHour(listOf(this.#hours, Math.floor(arrivalSlot / slotsPerHour)), ids.destination, planned, open)
  }

  #changeHour(entities: Hour, entity: number, planned: number, open: number): void {
    while (entities.length <= entity) entities.push(undefined)
    const known = entities[entity]
    const plan = known === undefined ? new PlanVersion(this.#index) : known.from(this.#index, this.#keepFrom)
    entities[entity] = plan
    plan.planned += planned
    plan.open += open
  }

  /** The plan of an hour (number since the epoch) as of frame `index`. */
  hour(hour: number, entity: number, index: number): Readonly<HourPlan> {
    return this.#hours.get(hour)?.[entity]?.at(index) ?? nothingPlanned
  }

  /** Drops hours that ended before frame `index`. */
  forget(index: number): void {
    for (const hour of this.#hours.keys()) if ((hour + 1) * slotsPerHour <= index) this.#hours.delete(hour)
  }
}

function listOf<T>(lists: Map<number, T[]>, key: number): T[] {
  let list = lists.get(key)
  if (list === undefined) {
    list = []
    lists.set(key, list)
  }
  return list
}
