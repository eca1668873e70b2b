/**
 * A binary heap of things that are to happen at an instant: the earliest first, those of one instant by an order given
 * once. Equal items come in any order. The instants lie in an array of their own, so that the order is asked only of ties.
 */
export class Heap<T extends { readonly at: number }> {
  readonly #items: T[] = []
  readonly #ats: number[] = []
  readonly #before: (a: T, b: T) => boolean

  /** @param before whether a comes before b when both are at the same instant; must be a strict order */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  /** The instant of the first; infinite when empty. */
  get firstAt(): number {
    return this.#ats.length === 0 ? Number.POSITIVE_INFINITY : (this.#ats[0] as number)
  }

  /** All of them, in any order. */
  items(): readonly T[] {
    return this.#items
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const [items, ats, { at }] = [this.#items, this.#ats, item]
    let child = items.length
    items.push(item)
    ats.push(at)
    while (child > 0) {
      const parent = (child - 1) >> 1
      const above = ats[parent] as number
      if (at > above || (at === above && !this.#before(item, items[parent] as T))) break
      items[child] = items[parent] as T
      ats[child] = above
      child = parent
    }
    items[child] = item
    ats[child] = at
  }

  pop(): T | undefined {
    const [items, ats] = [this.#items, this.#ats]
    const top = items[0]
    const last = items.pop()
    const at = ats.pop() as number
    if (items.length === 0 || last === undefined) return top
    let parent = 0
    for (;;) {
      let child = 2 * parent + 1
      if (child >= items.length) break
      let below = ats[child] as number
      if (child + 1 < items.length) {
        const other = ats[child + 1] as number
        if (other < below || (other === below && this.#before(items[child + 1] as T, items[child] as T))) {
          child++
          below = other
        }
      }
      if (below > at || (below === at && !this.#before(items[child] as T, last))) break
      items[parent] = items[child] as T
      ats[parent] = below
      parent = child
    }
    items[parent] = last
    ats[parent] = at
    return top
  }
}
