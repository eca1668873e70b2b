// What is counted of the rows of a window of event time: each column's values, what each model said at each horizon, which
// model was the champion, and the losses of champion and challengers on the same rows. All of it integers: windows of partitions and
// hours are merged in any order, and an hour that leaves a sliding window is taken away again.

import type {
  ChampionCount,
  ColumnSketch,
  ColumnSketches,
  DriftPartial,
  ModelScores,
  OutcomeRow,
  PairedLoss,
} from '../records.ts'
import { ColumnSums, noSketches, type RowOfValues, sketchesOf, sketchesOfColumns } from './columns.ts'
import { lossOf } from './loss.ts'
import { NumericSketch, type SketchKind } from './sketch.ts'

/** A window as it travels and as it lies in a table. */
export type WindowContent = Pick<
  DriftPartial,
  'rows' | 'labelled' | 'late' | 'sketches' | 'champions' | 'scores' | 'pairs'
>

/** What a partial holds, also one from before the sketches of its columns lay together. */
export function windowIn(partial: DriftPartial): WindowContent {
  const { columns } = partial
  return columns.length === 0 ? partial : { ...partial, sketches: sketchesOfColumns(columns) }
}

/** A window as it lay in a table then: of each column how many rows have no value, its values or categories, and their rows. */
export type ListedWindow = Omit<WindowContent, 'sketches'> & {
  readonly columns: readonly (readonly [missing: number, keys: readonly (number | string)[], counts: number[]])[]
}

export function windowOfLists({ columns, ...content }: ListedWindow): WindowContent {
  const sketches = columns.map(([missing, keys, counts]): ColumnSketch => {
    const isNumeric = typeof keys[0] === 'number'
    const [values, categories] = isNumeric ? [keys as number[], []] : [[], keys as string[]]
    return { missing, values, categories, counts }
  })
  return { ...content, sketches: sketchesOfColumns(sketches) }
}

/** Probabilities in ten-thousandths, by what happened. */
export type Scores = { late: NumericSketch; punctual: NumericSketch; unlabelled: NumericSketch }
type Horizon = ModelScores['horizonMinutes']
type Champion = { hash: string; count: number }
type Pair = { champion: string; challenger: string; count: number; championLoss: number; challengerLoss: number }

/** So many rows wait at most: they are kept whole. */
const waitingMax = 1024

export class WindowSums {
  rows = 0
  labelled = 0
  late = 0
  /** By version. */
  readonly champions = new Map<string, Champion>()
  /** By version, whether champion or challenger, and by horizon. */
  readonly scores = new Map<string, Map<Horizon, Scores>>()
  readonly #pairs = new Map<string, Pair>()
  readonly #kinds: readonly SketchKind[]
  readonly #columns: ColumnSums
  /** Rows that the columns do not count yet: many at once cost a fraction of what they would one by one. */
  #waiting: RowOfValues[] = []

  constructor(kinds: readonly SketchKind[]) {
    this.#kinds = kinds
    this.#columns = new ColumnSums(kinds)
  }

  /** In the order of the feature table. */
  get columns(): ColumnSums {
    if (this.#waiting.length > 0) {
      this.#columns.slide(sketchesOf(this.#kinds, this.#waiting), noSketches)
      this.#waiting = []
    }
    return this.#columns
  }

  get pairs(): Pair[] {
    return [...this.#pairs.values()]
  }

  /** What a model said at all horizons; to be read alone. */
  said(model: string): Scores | undefined {
    const parts = [...(this.scores.get(model)?.values() ?? [])]
    if (parts.length <= 1) return parts[0]
    const all = noScores()
    for (const { late, punctual, unlabelled } of parts) {
      all.late.merge(late.content())
      all.punctual.merge(punctual.content())
      all.unlabelled.merge(unlabelled.content())
    }
    return all
  }

  /** One horizon of a flight that is over; `label` is null if it did not arrive. */
  add({ horizonMinutes, features, outputs }: OutcomeRow, label: boolean | null): void {
    this.rows++
    if (label !== null) this.labelled++
    if (label) this.late++
    this.#waiting.push(features)
    if (this.#waiting.length === waitingMax) void this.columns
    const [champion] = outputs
    if (!champion) return
    this.#championOf(champion.model, champion.hash).count++
    for (const { model, probability } of outputs) {
      const { late, punctual, unlabelled } = this.#scoresOf(model, horizonMinutes)
      const sketch = label === null ? unlabelled : label ? late : punctual
      sketch.add(probability)
    }
    if (label === null) return
    for (let other = 1; other < outputs.length; other++) {
      const challenger = outputs[other] as (typeof outputs)[number]
      const pair = this.#pairOf(champion.model, challenger.model)
      pair.count++
      pair.championLoss += lossOf(champion.probability, label)
      pair.challengerLoss += lossOf(challenger.probability, label)
    }
  }

  /** Forgets all rows: a window that is begun anew is cheaper than a new one. */
  clear(): void {
    this.rows = 0
    this.labelled = 0
    this.late = 0
    this.#columns.clear()
    this.#waiting = []
    this.champions.clear()
    this.scores.clear()
    this.#pairs.clear()
  }

  merge(content: WindowContent): void {
    if (content.rows > 0) this.columns.slide(content.sketches, noSketches)
    this.#fold(content, 1)
  }

  /** Merges the one and takes the other away, which was merged or added before. */
  slide(come: WindowContent, gone: WindowContent): void {
    if (come.rows + gone.rows > 0) this.columns.slide(come.sketches, gone.sketches)
    this.#fold(come, 1)
    this.#fold(gone, -1)
  }

  content(): WindowContent {
    const sketches = this.#sketches()
    const champions = sorted(this.champions).map(
      ([version, { hash, count }]): ChampionCount => ({ version, hash, count }),
    )
    const scores = sorted(this.scores).flatMap(([model, horizons]) =>
      [...horizons].sort(byHorizon).map(([horizonMinutes, { late, punctual, unlabelled }]): ModelScores => {
        const [a, b, c] = [late.content(), punctual.content(), unlabelled.content()]
        return { model, horizonMinutes, late: a, punctual: b, unlabelled: c }
      }),
    )
    const pairs = sorted(this.#pairs).map(([, pair]): PairedLoss => ({ ...pair }))
    const { rows, labelled, late } = this
    return { rows, labelled, late, sketches, champions, scores, pairs }
  }

  #sketches(): ColumnSketches {
    if (this.rows === 0) return noSketches
    if (this.#waiting.length === this.rows) return sketchesOf(this.#kinds, this.#waiting)
    return this.columns.content()
  }

  /** All but the columns. */
  #fold({ rows, labelled, late, champions, scores, pairs }: WindowContent, sign: 1 | -1): void {
    const way = sign === 1 ? 'merge' : 'subtract'
    this.rows += sign * rows
    this.labelled += sign * labelled
    this.late += sign * late
    for (const { version, hash, count } of champions) {
      const champion = this.#championOf(version, hash)
      champion.count += sign * count
      if (champion.count === 0) this.champions.delete(version)
    }
    for (const { model, horizonMinutes, late, punctual, unlabelled } of scores) {
      const of = this.#scoresOf(model, horizonMinutes)
      of.late[way](late)
      of.punctual[way](punctual)
      of.unlabelled[way](unlabelled)
      if (of.late.total + of.punctual.total + of.unlabelled.total === 0) this.#forget(model, horizonMinutes)
    }
    for (const { champion, challenger, count, championLoss, challengerLoss } of pairs) {
      const pair = this.#pairOf(champion, challenger)
      pair.count += sign * count
      pair.championLoss += sign * championLoss
      pair.challengerLoss += sign * challengerLoss
      if (pair.count === 0) this.#pairs.delete(pairKey(champion, challenger))
    }
  }

  #championOf(version: string, hash: string): Champion {
    let champion = this.champions.get(version)
    if (!champion) this.champions.set(version, (champion = { hash, count: 0 }))
    return champion
  }

  #scoresOf(model: string, horizon: Horizon): Scores {
    let horizons = this.scores.get(model)
    if (!horizons) this.scores.set(model, (horizons = new Map()))
    let scores = horizons.get(horizon)
    if (!scores) horizons.set(horizon, (scores = noScores()))
    return scores
  }

  #forget(model: string, horizon: Horizon): void {
    const horizons = this.scores.get(model)
    horizons?.delete(horizon)
    if (horizons?.size === 0) this.scores.delete(model)
  }

  #pairOf(champion: string, challenger: string): Pair {
    const key = pairKey(champion, challenger)
    let pair = this.#pairs.get(key)
    if (!pair) this.#pairs.set(key, (pair = { champion, challenger, count: 0, championLoss: 0, challengerLoss: 0 }))
    return pair
  }
}

function noScores(): Scores {
  return { late: new NumericSketch(), punctual: new NumericSketch(), unlabelled: new NumericSketch() }
}

/** As a flight meets them. */
function byHorizon([a]: readonly [Horizon, Scores], [b]: readonly [Horizon, Scores]): number {
  return (b ?? -1) - (a ?? -1)
}

function pairKey(champion: string, challenger: string): string {
  return `${champion}\n${challenger}`
}

function sorted<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}
