// search: which algorithm and which parameters do best on the stream's own rows. Reads flights.outcomes up to a cut as a
// training does, grades trials on time-ordered folds of the earlier rows, and trains the best one as any model is trained:
// the last rows are held out, no trial has seen them, and they say how good it is.
//
//   H1  Which trials there are and what they find is a function of the plan and the rows; wall clock decides nothing.
//   H2  A trial is stored before the next one starts. Who goes on with a search starts behind the last trial stored.
//   H3  Rows are read once and binned once for each fold, whatever the number of trials.

import { createHash } from 'node:crypto'
import { performanceOfScores } from '../drift/performance.ts'
import type { Feature } from '../features/define.ts'
import { type BinnedSet, binnedSetOf } from '../forest/binned.ts'
import { rawsOf } from '../forest/boosted-model.ts'
import { interpolate } from '../forest/calibration.ts'
import { calibrationBy } from '../forest/calibration-choice.ts'
import { hashOf, pack, unpack } from '../forest/flat.ts'
import type { Json, Model } from '../forest/model.ts'
import { compile } from '../forest/score.ts'
import { type Families, type Family, searchBins } from '../forest/search/families.ts'
import { type Fold, timeOrderedFolds } from '../forest/search/folds.ts'
import {
  byFamily,
  type FoldGrade,
  isWorthMore,
  nextTrial,
  type Proposal,
  rankedTrials,
  type Trial,
  trialOf,
} from '../forest/search/search.ts'
import type { SearchRecord, SearchResult, SearchWish, StoredSearch } from '../forest/search/stored.ts'
import { missing, missingIn, type TrainingSet } from '../forest/training-set.ts'
import { Failure } from '../lib/failure.ts'
import { hash32 } from '../lib/random.ts'
import { hours } from '../lib/time.ts'
import type { ModelDecision } from '../records.ts'
import { artefactAddress } from '../runtime/artefacts.ts'
import type { Blobs } from '../runtime/blobs.ts'
import type { Clock } from '../runtime/clock.ts'
import { readAll } from '../runtime/digest.ts'
import type { Log } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'
import { cardOf } from './model-card.ts'
import { outcomesSoFar } from './outcomes-cut.ts'
import { SearchStore } from './search-store.ts'
import { evaluated, heldOutFrom, trainingSetOf, whyNot } from './train-model.ts'
import { RowsReader, type TrainingRows } from './train-rows.ts'
import type { LabelledRows } from './train-sample.ts'

export type SearchOptions = {
  readonly log: Log
  readonly codec: Codec
  readonly blobs: Blobs
  readonly clock: Clock
  readonly families: Families
  /** The feature table, in whose order rows are, and its hash. */
  readonly features: readonly Feature[]
  readonly featureSet: string
  readonly horizonsMinutes: readonly number[]
}

export type SearchHooks = {
  readonly signal: AbortSignal
  /** Before the first trial, also of a search that goes on. */
  readonly onPlan: (search: StoredSearch) => void
  readonly onTrial: (trial: Trial) => void
  /** `share` of the fold in work; trial 0: the best is trained. */
  readonly onProgress: (progress: { trial: number; fold: number; share: number }) => void
}

const rowsMin = 1000

/** Starts a search, or goes on with the one of this id, to its end. @throws Failure ROWS_UNFIT, SEARCH_UNKNOWN */
export async function search(
  options: SearchOptions,
  asked: SearchWish | string,
  hooks: SearchHooks,
): Promise<StoredSearch> {
  const store = new SearchStore(options.blobs)
  const before = typeof asked === 'string' ? await store.read(asked) : null
  const cut = before?.plan ?? (await cutOf(options))
  const wish = before?.plan ?? (asked as SearchWish)
  const found = await rowsOfCut(options, { ...wish, ...cut }, hooks.signal)
  const plan = before
    ? sameRows(before.plan, found.rows)
    : await planOf(options, { wish, cut, rows: found.rows }, store)
  const trials = [...(before?.trials ?? [])]
  hooks.onPlan({ plan, trials, result: before?.result ?? null })
  const result = before?.result ?? (await new Search(options, { plan, found, store, hooks }).run(trials))
  return { plan, trials, result }
}

type Cut = { readonly at: number; readonly cut: readonly number[] }

async function cutOf({ log, codec }: SearchOptions): Promise<Cut> {
  const { cut, at } = await outcomesSoFar({ log, codec })
  if (at !== null) return { cut, at }
  throw new Failure('ROWS_UNFIT', 'there are no outcomes yet', { help: '`slipstream replay` makes some.' })
}

async function rowsOfCut(options: SearchOptions, wanted: SearchWish & Cut, signal: AbortSignal): Promise<TrainingRows> {
  const reader = new RowsReader({ ...options, pollMs: 100 })
  const found = await reader.read({ at: wanted.at, cut: [...wanted.cut] }, wanted, { signal, onRows: () => undefined })
  const count = found.rows.labels.length
  const why =
    count < rowsMin
      ? `there are ${count} labelled rows up to the cut; it takes ${rowsMin}`
      : whyNot(found.rows, heldOutFrom(found.rows, wanted.heldOutShare))
  if (why === null) return found
  throw new Failure('ROWS_UNFIT', why, { help: 'Search again when more flights have landed, or over more days.' })
}

type Planning = { readonly wish: SearchWish; readonly cut: Cut; readonly rows: LabelledRows }

async function planOf(
  options: SearchOptions,
  { wish, cut, rows }: Planning,
  store: SearchStore,
): Promise<SearchRecord> {
  const known = new Set(await store.list())
  const name = `s-${new Date(cut.at).toISOString().slice(0, 16).replace(':', '')}`
  let id = name
  for (let n = 2; known.has(id); n++) id = `${name}-${n}`
  const plan: SearchRecord = {
    ...wish,
    ...cut,
    id,
    featureSet: options.featureSet,
    horizonsMinutes: options.horizonsMinutes,
    champion: await championIn(options),
    rowsDigest: digestOf(rows),
    rows: rows.labels.length,
  }
  await store.plan(plan)
  return plan
}

async function championIn({ log, codec }: SearchOptions): Promise<string | null> {
  let champion: string | null = null
  for await (const { key, value } of readAll(log, 'models.registry', 0)) {
    if (!value || !key.startsWith('decision/')) continue
    champion = (codec.decode(value).value as ModelDecision).champion?.version ?? null
  }
  return champion
}

function sameRows(plan: SearchRecord, rows: LabelledRows): SearchRecord {
  if (plan.rowsDigest === digestOf(rows)) return plan
  throw new Failure('ROWS_UNFIT', `the rows are not those that the search ${plan.id} began with`, {
    help: 'Outcomes were dropped, or the features have changed, since: start a new search.',
  })
}

function digestOf({ departureAt, labels, columns }: LabelledRows): string {
  const hash = createHash('sha256').update(bytesOf(departureAt)).update(labels)
  for (const { values, categories } of columns) {
    const none = missingIn(values)
    // whatever the width that they have been read into
    const wide = Int32Array.from(values, value => (value === none ? missing : value))
    hash.update(bytesOf(wide)).update(JSON.stringify(categories))
  }
  return hash.digest('hex')
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

type Searching = {
  readonly plan: SearchRecord
  readonly found: TrainingRows
  readonly store: SearchStore
  readonly hooks: SearchHooks
}

function setOf({ features: table }: SearchOptions, plan: SearchRecord, rows: LabelledRows): TrainingSet {
  return trainingSetOf(rows, {
    table,
    heldOutFrom: heldOutFrom(rows, plan.heldOutShare),
    seed: hash32(plan.id, plan.seed),
    parameters: {},
    horizonsMinutes: plan.horizonsMinutes,
    origin: { cut: plan.at, featuresHash: plan.featureSet, why: plan.why },
    parent: plan.champion,
  })
}

type BinnedFold = Fold & { readonly binned: BinnedSet }

class Search {
  readonly #o: SearchOptions
  readonly #s: Searching
  readonly #set: TrainingSet
  readonly #folds: readonly BinnedFold[]

  constructor(options: SearchOptions, searching: Searching) {
    this.#o = options
    this.#s = searching
    const { plan, found } = searching
    this.#set = setOf(options, plan, found.rows)
    this.#folds = this.#foldsOf(found.rows)
  }

  /** Adds to `trials` what is done. */
  async run(trials: Trial[]): Promise<SearchResult> {
    const { plan, store, hooks } = this.#s
    for (let next = nextTrial(plan, this.#o.families, trials); next; next = nextTrial(plan, this.#o.families, trials)) {
      const trial = await this.#tried(next, trials)
      await store.trial(plan.id, trial)
      trials.push(trial)
      hooks.onTrial(trial)
    }
    const result = await trainBest(this.#o, { plan, trials }, hooks)
    await store.result(plan.id, result)
    return result
  }

  #foldsOf({ departureAt }: LabelledRows): BinnedFold[] {
    const { plan } = this.#s
    const { features, columns, heldOutFrom: heldOut } = this.#set
    const gapMs = hours(plan.gapHours)
    let until = heldOut
    while (until > 0 && (departureAt[until - 1] as number) > (departureAt[heldOut] as number) - gapMs) until--
    const folds = timeOrderedFolds(departureAt, { count: plan.folds, gapMs, until })
    if (folds.length !== plan.folds) {
      throw new Failure('ROWS_UNFIT', `the rows give ${folds.length} time-ordered folds, not ${plan.folds}`, {
        help: 'Search over more days, or with fewer folds.',
      })
    }
    return folds.map(fold => {
      const training = columns.map(({ values, categories }) => {
        return { values: values.subarray(0, fold.trainUntil), categories }
      })
      return { ...fold, binned: binnedSetOf({ features, columns: training, binsMax: searchBins }) }
    })
  }

  async #tried(proposal: Proposal, before: readonly Trial[]): Promise<Trial> {
    const { clock } = this.#o
    const startedAt = clock.now()
    const grades: FoldGrade[] = []
    for (const [at, fold] of this.#folds.entries()) {
      if (at > 0 && !isWorthMore(proposal, grades, before)) break
      grades.push(await this.#graded(proposal, fold, at + 1))
    }
    return trialOf(proposal, grades, this.#folds.length, (clock.now() - startedAt) / 1000)
  }

  async #graded({ number, family, point }: Proposal, fold: BinnedFold, at: number): Promise<FoldGrade> {
    const { plan } = this.#s
    const { labels } = this.#set
    const { trainUntil, from, gradeFrom, to, binned } = fold
    const { grow, parametersOf } = this.#o.families[family]
    const seed = hash32(`trial ${number} fold ${at}`, plan.seed)
    const set = { ...this.#set, parameters: parametersOf(point), heldOutFrom: trainUntil, seed }
    const model = await done(grow(set, binned), { trial: number, fold: at }, { ...this.#s.hooks, ...this.#o })
    const raws = rawsOf(model, set, from, to)
    const calibrating = { raws: raws.subarray(0, gradeFrom - from), labels: labels.subarray(from, gradeFrom) }
    const calibration = calibrationBy('platt', model.kind, calibrating)
    const scores = raws.subarray(gradeFrom - from).map(raw => interpolate(calibration, raw))
    const { logLoss, auc, brier, n } = performanceOfScores({ labels: labels.subarray(gradeFrom, to), scores })
    return { rows: trainUntil, graded: n, logLoss: logLoss as number, auc, brier: brier as number }
  }
}

/**
 * Trains the best of the trials as any model is trained, on the rows of the plan's cut. It lies on the blobs port then.
 * @throws Failure ROWS_UNFIT
 */
export async function trainBest(
  options: SearchOptions,
  { plan, trials }: Omit<StoredSearch, 'result'>,
  hooks: Pick<SearchHooks, 'signal' | 'onProgress'>,
): Promise<SearchResult> {
  const { families, clock, features: table, blobs } = options
  const rowsMax = Math.max(plan.rowsMax, plan.trainRowsMax)
  const { rows, days } = await rowsOfCut(options, { ...plan, rowsMax }, hooks.signal)
  const [best] = rankedTrials(trials) as [Trial]
  const { parametersOf, train } = families[best.family]
  const set = { ...setOf(options, plan, rows), parameters: parametersOf(best.point) }
  let graded: Model | undefined
  const onGraded = (model: Model) => void (graded = model)
  const trained = await done(train(set), { trial: 0, fold: 0 }, { ...hooks, clock, onGraded })
  const { heldOutFrom: from, seed } = set
  const evaluation = { table, rows, days, heldOutFrom: from, seed, turn: () => clock.turn() }
  const { reference, trainedOn } = await evaluated(graded ?? trained, evaluation)
  const { trainRowsMax, windowDays, settledHours, heldOutShare, id } = plan
  const how = { windowDays, settledHours, heldOutShare, search: id, trial: best.number, family: best.family }
  const parameters = { ...(trainedOn.parameters as object), rowsMax: trainRowsMax, ...how }
  const { metrics } = trainedOn
  const bytes = pack({ ...trained, reference, trainedOn: { ...trained.trainedOn, metrics, parameters } })
  compile(unpack(bytes), table)
  const hash = hashOf(bytes)
  await blobs.put(artefactAddress(hash), bytes)
  return { trial: best.number, card: cardOf(unpack(bytes), hash), evidence: evidenceOf(plan, trials, best) }
}

type Doing = Pick<SearchHooks, 'signal' | 'onProgress'> &
  Pick<SearchOptions, 'clock'> & { readonly onGraded?: (graded: Model) => void }

/** Lets others have a turn after each step. */
async function done(
  steps: ReturnType<Family['train']>,
  place: { trial: number; fold: number },
  { signal, onProgress, clock, onGraded }: Doing,
): Promise<Model> {
  for (;;) {
    const { done: isDone, value } = steps.next()
    if (isDone) return value
    if ('graded' in value) onGraded?.(value.graded)
    else onProgress({ ...place, share: value.done / value.of })
    await clock.turn()
    signal.throwIfAborted()
  }
}

/** What speaks for the best, beside its own metrics: whom it was better than on the same folds. Without wall clock. */
function evidenceOf({ id, sampler, folds, rows }: SearchRecord, trials: readonly Trial[], best: Trial): Json {
  const families = byFamily(trials).map(({ family, best: { number, loss, auc } }) => ({
    family,
    trial: number,
    loss,
    auc,
  }))
  return { search: id, sampler, trials: trials.length, folds, rows, trial: best.number, loss: best.loss, families }
}
