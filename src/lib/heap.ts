/** A binary heap: the least item first, by an order given once. Equal items come in any order. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  /** @param before whether a comes before b; must be a strict order */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let child = items.length
    items.push(item)
    while (child > 0) {
      const parent = (child - 1) >> 1
      const above = items[parent] as T
      if (!this.#before(item, above)) break
      items[child] = above
      child = parent
    }
    items[child] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (items.length === 0 || last === undefined) return top
    let parent = 0
    for (;;) {
      let child = 2 * parent + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#before(items[child + 1] as T, items[child] as T)) child++
      if (!this.#before(items[child] as T, last)) break
      items[parent] = items[child] as T
      parent = child
    }
    items[parent] = last
    return top
  }
}
