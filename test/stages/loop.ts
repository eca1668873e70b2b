// monitor and judge by hand: rows of which some columns are named, and models that know what those columns looked like.

import { prepare } from '../../src/drift/column-drift.ts'
import { type Distribution, distributionOfCategories, distributionOfNumbers } from '../../src/drift/distribution.ts'
import { WindowSums } from '../../src/drift/window.ts'
import { featureSetHash, features } from '../../src/features/table.ts'
import { hours } from '../../src/lib/time.ts'
import type { DriftMetrics, DriftPartial, FlightOutcome, OutcomeRow } from '../../src/records.ts'
import { judge } from '../../src/stages/judge.ts'
import { columnKinds, monitor } from '../../src/stages/monitor.ts'
import type { ReadyModel } from '../../src/stages/scoring.ts'
import { type LoopSettings, loopDefaults } from '../../src/stages/settings.ts'
import type { PreparedReference } from '../../src/stages/window-metrics.ts'
import { day } from './events.ts'
import { modelOf } from './scores.ts'
import { StageRun } from './stage-io.ts'

/** One horizon (120 minutes) of a flight that is over: columns by name, what was said (the champion first), whether late. */
export type Seen = {
  readonly horizonMinutes?: number
  readonly columns?: Readonly<Record<string, number | string>>
  readonly said?: readonly (readonly [version: string, probability: number])[]
  readonly label?: boolean | null
}

export function rowOf({ horizonMinutes = 120, columns = {}, said = [] }: Seen): OutcomeRow {
  const values = features.map(({ name }) => columns[name] ?? null)
  const outputs = said.map(([model, probability]) => ({ model, hash: hashOf(model), probability }))
  const skipped = outputs.length === 0 ? 'NO_MODEL' : null
  return { horizonMinutes, dueAt: day, frameTo: null, skipped, features: values, outputs }
}

export function sumsOf(rows: readonly Seen[]): WindowSums {
  const sums = new WindowSums(columnKinds)
  for (const row of rows) sums.add(rowOf(row), row.label ?? null)
  return sums
}

export function hashOf(version: string): string {
  return `hash of ${version}`
}

type Reference = Partial<Omit<PreparedReference, 'columns'>> & { columns?: Readonly<Record<string, Distribution>> }

/** Half of the rows late, all probabilities alike, and the columns that are given; no other is read. */
export function referenceOf({ columns = {}, ...rest }: Reference = {}): PreparedReference {
  const some = Array.from({ length: 1001 }, (_, row) => row)
  return {
    columns: features.map(({ name }) => (columns[name] ? prepare(columns[name]) : null)),
    // a day is ordinary up to the threshold of the distances
    bounds: features.map(({ name }) => (columns[name] ? 0.1 : null)),
    target: prepare(distributionOfCategories(some.map(row => (row % 2 === 0 ? 'late' : 'punctual')))),
    prediction: prepare(distributionOfNumbers(some.map(row => row / 1000))),
    heldOutAuc: 0.5,
    ...rest,
  }
}

export function modelWith(reference: PreparedReference | null): ReadyModel {
  return { ...modelOf(4000), reference }
}

/** Half of the flights UA, half of them B6: distances, so that the number of rows does not matter. */
export const halves = distributionOfCategories(Array.from({ length: 2000 }, (_, row) => (row % 2 === 0 ? 'UA' : 'B6')))

/** As the reference `halves` has it, or not. */
export const carriers = { same: ['UA', 'B6'], shifted: ['AA', 'AA'] } as const

/** Flights of one hour, by carrier, of which the champion has said something. */
export function flights(of: readonly string[], said: Seen['said'] = [['m0', 3000]]): Seen[] {
  return of.map((carrier, index) => ({ columns: { carrier }, said, label: index % 2 === 0 }))
}

export const calm = flights(carriers.same)
export const shift = flights(carriers.shifted)

/** One partition of the outcomes. */
export class Counting extends StageRun {
  readonly #place: { partition: number }
  #number = 0

  constructor(partition = 0, partitions = 1) {
    super(monitor, { partition, partitions })
    this.#place = { partition }
  }

  get partials(): DriftPartial[] {
    return this.out('drift.partials', 'DriftPartial')
  }

  hour(at: number): this {
    this.put('flights.outcomes', 'Watermark', { at }, this.#place)
    return this
  }

  flight(at: number, label: boolean | null, rows: readonly Seen[] = [{}], featureSet = featureSetHash): this {
    const outcome = this.#outcome(at, label, rows.map(rowOf))
    this.put('flights.outcomes', 'FlightOutcome', { ...outcome, featureSet }, this.#place)
    return this
  }

  #outcome(at: number, label: boolean | null, rows: OutcomeRow[]): Omit<FlightOutcome, 'featureSet'> {
    const number = ++this.#number
    const plan = { scheduledDepartureAt: day, departureAt: day, arrivalAt: day + hours(2) }
    const about = { carrier: 'UA', flightNumber: 1, origin: 'EWR', destination: 'IAH', ...plan }
    const end = { departedAt: null, arrivedAt: null, arrivalDelayMinutes: null, label }
    const kind = label === null ? 'CANCELLED' : 'LANDED'
    return { flightId: `F${number}`, number, at, kind, ...about, ...end, rows }
  }
}

export const quickLoop: LoopSettings = {
  ...loopDefaults,
  rowsMin: 2,
  patience: { openAfter: 2, resolveAfter: 2 },
  retrainDays: null,
}

export type JudgingOptions = {
  partitions?: number
  loop?: Partial<LoopSettings>
  stepMs?: number
  horizonsMinutes?: readonly number[]
}

/** The judge, told hour by hour what was seen. Rows are dealt out to the partitions one by one. */
export class Judging extends StageRun {
  readonly models: Map<string, ReadyModel>
  readonly #partitions: number
  readonly #reached: number[]
  #to = day

  constructor({ partitions = 1, loop = {}, ...own }: JudgingOptions = {}) {
    const models = new Map<string, ReadyModel>()
    const artefacts = { get: (hash: string) => models.get(hash) ?? null }
    const settings = { loop: { ...quickLoop, ...loop }, ...own }
    super(judge, { partitions, settings, artefacts })
    this.models = models
    this.#partitions = partitions
    this.#reached = Array.from({ length: partitions }, () => 0)
  }

  /** A model that expects `halves` of the carriers. */
  model(version: string, reference: PreparedReference | null = referenceOf({ columns: { carrier: halves } })): this {
    this.models.set(hashOf(version), modelWith(reference))
    return this
  }

  /** The next hour, in which these rows were seen. */
  hour(rows: readonly Seen[] = []): this {
    const to = this.#to + hours(1)
    for (let partition = 0; partition < this.#partitions; partition++) {
      const own = rows.filter((_, row) => row % this.#partitions === partition)
      this.part(partition, to, own)
    }
    this.#to = to
    return this
  }

  /** What one partition has seen in the hour that ends at `to`. */
  part(partition: number, to: number, rows: readonly Seen[]): void {
    this.#reached[partition] = (this.#reached[partition] ?? 0) + rows.length
    const content = sumsOf(rows).content()
    const featureSet = rows.length === 0 ? null : featureSetHash
    const about = { from: to - hours(1), to, partition, reached: this.#reached[partition], featureSet, columns: [] }
    this.put('drift.partials', 'DriftPartial', { ...about, ...content }, { partition })
  }

  /** A UTC day of which all rows were seen in the hour from noon on. */
  day(rows: readonly Seen[]): this {
    for (let hour = 0; hour < 24; hour++) this.hour(hour === 12 ? rows : [])
    return this
  }

  metrics(span?: DriftMetrics['span']): DriftMetrics[] {
    const all = this.out('drift.metrics', 'DriftMetrics')
    return span === undefined ? all : all.filter(each => each.span === span)
  }

  get opened() {
    return this.out('drift.metrics', 'AlertOpened')
  }

  get resolved() {
    return this.out('drift.metrics', 'AlertResolved')
  }

  get tests() {
    return this.out('drift.metrics', 'ShadowTested')
  }

  get sets() {
    return this.out('drift.metrics', 'PredictionSets')
  }

  get requests() {
    return this.out('retrain.requests', 'RetrainRequest')
  }

  /** Of challengers. */
  get commands() {
    return this.out('models.commands', 'ModelCommand').filter(({ verb }) => verb !== 'RECALIBRATE')
  }

  get recalibrations() {
    return this.out('models.commands', 'ModelCommand').filter(({ verb }) => verb === 'RECALIBRATE')
  }
}

/** With a model m0. */
export function judging(options: JudgingOptions = {}): Judging {
  return new Judging(options).model('m0')
}
