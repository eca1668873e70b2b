// Trees while they grow, as lists: whoever makes trees (training, files of other libraries) adds nodes and leaves here.

import type { Trees } from './model.ts'

export type TreeNode = { readonly feature: number; readonly threshold: number; readonly flags: number }

export class TreeLists {
  readonly #roots: number[] = []
  readonly #featureOf: number[] = []
  readonly #thresholds: number[] = []
  readonly #lefts: number[] = []
  readonly #rights: number[] = []
  readonly #flags: number[] = []
  readonly #leaves: number[] = []
  readonly #setStarts: number[] = []
  readonly #setWords: number[] = []
  readonly #sets = new Map<string, number>()

  get treeCount(): number {
    return this.#roots.length
  }

  get nodeCount(): number {
    return this.#featureOf.length
  }

  get leafCount(): number {
    return this.#leaves.length
  }

  /** @param child what `addNode` or `addLeaf` gave */
  addRoot(child: number): void {
    this.#roots.push(child)
  }

  /** @returns the node's index; `left` and `right` may be given later */
  addNode({ feature, threshold, flags }: TreeNode, left = 0, right = 0): number {
    this.#thresholds.push(threshold)
    this.#flags.push(flags)
    this.#lefts.push(left)
    this.#rights.push(right)
    return this.#featureOf.push(feature) - 1
  }

  setLeft(node: number, child: number): void {
    this.#lefts[node] = child
  }

  setRight(node: number, child: number): void {
    this.#rights[node] = child
  }

  /** @returns `~` of the leaf's index, as children say it */
  addLeaf(value: number): number {
    return ~(this.#leaves.push(value) - 1)
  }

  /** The index of a set of codes: bit `code & 31` of word `code >> 5`, without empty words at the end. Equal sets are one. */
  setOf(codes: Iterable<number>): number {
    const words: number[] = []
    for (const code of codes) {
      while (words.length <= code >> 5) words.push(0)
      words[code >> 5] = (words[code >> 5] as number) | (1 << (code & 31))
    }
    return this.setOfWords(words)
  }

  setOfWords(words: readonly number[]): number {
    const name = words.join(' ')
    const known = this.#sets.get(name)
    if (known !== undefined) return known
    const set = this.#setStarts.push(this.#setWords.length) - 1
    for (const word of words) this.#setWords.push(word)
    this.#sets.set(name, set)
    return set
  }

  /** The thresholds as they were added, in double precision. */
  thresholds(): Float64Array {
    return Float64Array.from(this.#thresholds)
  }

  /** Nodes, leaves and sets in the order in which they were added. */
  trees(): Omit<Trees, 'leafCovers'> {
    return {
      roots: Int32Array.from(this.#roots),
      featureOf: Int32Array.from(this.#featureOf),
      thresholds: Int32Array.from(this.#thresholds),
      lefts: Int32Array.from(this.#lefts),
      rights: Int32Array.from(this.#rights),
      flags: Uint8Array.from(this.#flags),
      leaves: Float64Array.from(this.#leaves),
      setStarts: Int32Array.from(this.#setStarts),
      setWords: Int32Array.from(this.#setWords),
    }
  }
}
