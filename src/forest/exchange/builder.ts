// Trees of a file, node by node, into the arrays of an ensemble. Whatever numbering a library has, here children lie behind
// their parent; a file whose links do not make trees is refused, so that every walk ends.

import { TreeLists } from '../tree-lists.ts'
import type { Covers, EnsembleTrees } from './ensemble.ts'
import { broken, unsupported } from './refusal.ts'

/** Covers are optional, but all or none. */
export type Leaf = { readonly leaf: number; readonly cover: number | undefined }

export type Split = {
  readonly feature: number
  readonly threshold: number
  readonly flags: number
  readonly left: number
  readonly right: number
  readonly cover: number | undefined
}

export type Grown = {
  /** For messages. */
  readonly name: string
  readonly root: number
  /** Nodes and leaves that the tree has; each must be reached once. */
  readonly size: number
  /** What stands at a number. @throws Failure if there is nothing */
  readonly at: (place: number) => Leaf | Split
}

/** Deeper trees would take explaining too long, and nobody trains them. */
const depthMax = 1000

export class EnsembleBuilder {
  readonly #lists = new TreeLists()
  readonly #nodeCovers: (number | undefined)[] = []
  readonly #leafCovers: (number | undefined)[] = []

  /** The index of a set of codes given as words of 32 bits; equal sets have one. */
  addSet(words: readonly number[]): number {
    return this.#lists.setOfWords(words)
  }

  addTree({ name, root, size, at }: Grown): void {
    const waiting: { place: number; parent: number; isRight: boolean; depth: number }[] = []
    waiting.push({ place: root, parent: -1, isRight: false, depth: 0 })
    let reached = 0
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { place, parent, isRight, depth } = next
      reached++
      if (reached > size) throw broken(`${name} reaches a node twice`, name)
      if (depth > depthMax) {
        throw unsupported(`${name} is more than ${depthMax} decisions deep`, 'Train it with a smaller max_depth.', name)
      }
      const found = at(place)
      const child = 'leaf' in found ? this.#addLeaf(found) : this.#addSplit(found)
      if (parent < 0) this.#lists.addRoot(child)
      else if (isRight) this.#lists.setRight(parent, child)
      else this.#lists.setLeft(parent, child)
      if ('leaf' in found) continue
      waiting.push({ place: found.right, parent: child, isRight: true, depth: depth + 1 })
      waiting.push({ place: found.left, parent: child, isRight: false, depth: depth + 1 })
    }
    if (reached !== size) throw broken(`${name} has ${size} nodes and leaves, of which ${reached} are reached`, name)
  }

  #addLeaf({ leaf, cover }: Leaf): number {
    this.#leafCovers.push(cover)
    return this.#lists.addLeaf(leaf)
  }

  #addSplit(split: Split): number {
    this.#nodeCovers.push(split.cover)
    return this.#lists.addNode(split)
  }

  /** @throws Failure MODEL_CORRUPT when margins would not be finite, or covers cannot be */
  trees(): EnsembleTrees {
    const lists = this.#lists.trees()
    checkSum(lists.leaves)
    const covers = coversOf(this.#nodeCovers, this.#leafCovers)
    if (covers) checkCovers(lists, covers)
    const setStarts = Int32Array.from([...lists.setStarts, lists.setWords.length])
    return { ...lists, thresholds: this.#lists.thresholds(), setStarts, covers }
  }
}

function coversOf(nodes: readonly (number | undefined)[], leaves: readonly (number | undefined)[]): Covers | null {
  const [ofNodes, ofLeaves] = [nodes, leaves].map(covers => covers.filter(cover => cover !== undefined)) as [
    number[],
    number[],
  ]
  if (ofNodes.length !== nodes.length || ofLeaves.length !== leaves.length) return null
  return { nodes: Float64Array.from(ofNodes), leaves: Float64Array.from(ofLeaves) }
}

function checkSum(leaves: Float64Array): void {
  const most = leaves.reduce((sum, leaf) => sum + Math.abs(leaf), 0)
  if (!(most < Number.MAX_VALUE / 2)) throw broken('its leaves are too large to be added', 'leaves')
}

/** What distributed training estimates may be a little off, and single precision is rounded. */
function checkCovers({ lefts, rights }: Pick<EnsembleTrees, 'lefts' | 'rights'>, { nodes, leaves }: Covers): void {
  for (const [node, cover] of nodes.entries()) {
    for (const child of [lefts[node], rights[node]] as number[]) {
      const part = (child < 0 ? leaves[~child] : nodes[child]) as number
      if (part > 1.01 * cover + 2) throw broken(`${part} training rows of ${cover} go to one side`, 'covers')
    }
  }
}
