import { below, type Random, randomFrom } from '../../src/lib/random.ts'

/** Draws that follow from a seed alone. */
export class Dice {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = randomFrom(seed)
  }

  /** A whole number, 0 to `count` - 1. */
  below(count: number): number {
    return below(this.#random, count)
  }

  /** A whole number, `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }
}
