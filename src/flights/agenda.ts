// Items put in any order and taken in the order of the stream. A calendar queue: a list for each ten minutes, sorted when
// it is taken; cheaper than a heap for a stream whose items lie within days of each other, and stable.
//
//   A1  Nothing is added before what was taken already.
//   A2  Memory is bounded by what lies between the first item not taken and the last one added.

import { assert } from '../lib/assert.ts'
import { compareItems, type Item } from './event-order.ts'

const slotMs = 600_000

export class Agenda {
  readonly #slots = new Map<number, Item[]>()
  #takenTo = Number.NEGATIVE_INFINITY
  #size = 0

  get size(): number {
    return this.#size
  }

  add(item: Item): void {
    const slot = Math.floor(item.deliveredAt / slotMs)
    assert(slot >= this.#takenTo, 'an item is not added before what was taken')
    const items = this.#slots.get(slot)
    if (items === undefined) this.#slots.set(slot, [item])
    else items.push(item)
    this.#size++
  }

  /** Takes what is due in the slots that end at or before `to`; everything when it is Infinity. In order. */
  take(to: number): Item[] {
    const limit = Math.floor(to / slotMs)
    const taken: Item[] = []
    if (limit <= this.#takenTo) return taken
    this.#takenTo = limit
    const due = [...this.#slots.keys()].filter(slot => slot < limit).sort((a, b) => a - b)
    for (const slot of due) {
      const items = this.#slots.get(slot) ?? []
      this.#slots.delete(slot)
      items.sort(compareItems)
      for (const item of items) taken.push(item)
    }
    this.#size -= taken.length
    return taken
  }
}
