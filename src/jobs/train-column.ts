// One column of the rows that a sample holds, in memory that threads can share: two bytes a value where the values allow
// it.

import type { FeatureValue } from '../forest/model.ts'
import { missingIn, type TrainingColumn } from '../forest/training-set.ts'

export class SampleColumn {
  readonly #kind: 'numeric' | 'categorical'
  #values: TrainingColumn['values']
  #categories: string[] = []
  readonly #codes = new Map<string, number>()

  constructor(kind: 'numeric' | 'categorical', room: number) {
    this.#kind = kind
    this.#values = shorts(room)
  }

  put(slot: number, value: FeatureValue): void {
    const number = typeof value === 'string' ? this.#codeOf(value) : value
    if (number === null) this.#values[slot] = missingIn(this.#values)
    else {
      if (this.#values instanceof Int16Array && Math.abs(number) > shortMax) this.#widen()
      this.#values[slot] = number
    }
  }

  grow(room: number): void {
    const grown = this.#values instanceof Int16Array ? shorts(room) : longs(room)
    grown.set(this.#values)
    this.#values = grown
  }

  /** As `permute` does. */
  permute(order: readonly number[], scratch: Float64Array): void {
    permute(this.#values, order, scratch)
  }

  /** The slots first..end as they lie here; codes in the order in which those have them. @param held slots with a value */
  between(first: number, end: number, held: number): TrainingColumn {
    const values = this.#values.subarray(first, end)
    if (this.#kind === 'numeric') return { values, categories: null }
    const codes = new Map<number, number>()
    meet(values, codes)
    const count = codes.size
    meet(this.#values.subarray(0, held), codes)
    this.#renumber(codes, held)
    return { values, categories: this.#categories.slice(0, count) }
  }

  #renumber(codes: ReadonlyMap<number, number>, held: number): void {
    for (let slot = 0; slot < held; slot++) {
      const code = codes.get(this.#values[slot] as number)
      if (code !== undefined) this.#values[slot] = code
    }
    this.#categories = [...codes.keys()].map(code => this.#categories[code] as string)
    this.#codes.clear()
    for (const [code, category] of this.#categories.entries()) this.#codes.set(category, code)
  }

  #widen(): void {
    const wide = longs(this.#values.length)
    const [none, wideNone] = [missingIn(this.#values), missingIn(wide)]
    for (const [slot, value] of this.#values.entries()) wide[slot] = value === none ? wideNone : value
    this.#values = wide
  }

  #codeOf(category: string): number {
    let code = this.#codes.get(category)
    if (code === undefined) {
      code = this.#categories.push(category) - 1
      this.#codes.set(category, code)
    }
    return code
  }
}

const shortMax = 2 ** 15 - 1

function shorts(room: number): Int16Array {
  return new Int16Array(new SharedArrayBuffer(2 * room))
}

function longs(room: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * room))
}

/** Gives the codes that are new the next numbers. */
function meet(values: TrainingColumn['values'], codes: Map<number, number>): void {
  const none = missingIn(values)
  for (const code of values) if (code !== none && !codes.has(code)) codes.set(code, codes.size)
}

/**
 * Place `to` gets what is in place `order[to]`.
 * @param scratch room for as many: a copy for each of many columns would pile up until the next collection
 */
export function permute(
  values: Float64Array | Int32Array | Int16Array | Uint8Array,
  order: readonly number[],
  scratch: Float64Array,
): void {
  scratch.set(values.subarray(0, order.length))
  for (let to = 0; to < order.length; to++) values[to] = scratch[order[to] as number] as number
}
