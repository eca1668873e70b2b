// How good the predictions of a replay were as they were made, read from the topics of its data folder: by month and over
// some months together (September to December), by horizon over these, and how often the prediction set held what happened.
//
//   slipstream replay --from 2013-01-01 --to 2013-12-31 --data-dir DIR        (--horizons 1440,360,120,30,0 for the curve)
//   npm run bench -- accuracy --data-dir DIR [--horizon 120] [--months 9,10,11,12] [--json]
//
// Months are those of the first planned departure on New York's clock; only flights with a label count. Brier skill
// is held against saying the share of late flights of the month (or stretch) of everybody. A set is that of its horizon's
// PredictionSets in force when the prediction was due; `single` is the share of predictions whose set holds one end alone.

import { parseArgs } from 'node:util'
import { openStores } from '../src/app.ts'
import { configure } from '../src/config.ts'
import { performance, ScoreCounts } from '../src/drift/performance.ts'
import type { SetBounds } from '../src/drift/prediction-set.ts'
import { localTime } from '../src/flights/local-time.ts'
import type { FlightOutcome, PredictionSets } from '../src/records.ts'
import { readAll } from '../src/runtime/digest.ts'
import { round } from './inputs/numbers.ts'

const { values: args } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    horizon: { type: 'string', default: '120' },
    months: { type: 'string', default: '9,10,11,12' },
    json: { type: 'boolean' },
  },
})
if (args['data-dir'] === undefined) throw new Error('--data-dir: the folder of a replay')
const { log, codec, close } = await openStores(configure({ dataDir: args['data-dir'] }).config, 'reader')
/** Of no other airports than New York's does the bundle have departures. */
const zone = 'America/New_York'
const stretchMonths = new Set(args.months.split(',').map(Number))
const stretchName = `months ${args.months}`

type Covered = { rows: number; held: number; late: number; lateHeld: number; single: number }
type Stretch = { readonly scores: ScoreCounts; readonly covered: Covered }

const stretches = new Map<string, Stretch>()
const horizons = new Map<number, Stretch>()
const sets = Map.groupBy(await readSets(), ({ horizonMinutes }) => horizonMinutes)
await readOutcomes()
await close()

const rowsOf = (all: ReadonlyMap<string | number, Stretch>) =>
  [...all]
    .sort(([a], [b]) => (typeof a === 'number' ? Number(b) - a : a < b ? -1 : 1))
    .map(([of, stretch]) => ({ of, ...figuresOf(stretch) }))
const result = { horizonMinutes: Number(args.horizon), months: rowsOf(stretches), horizons: rowsOf(horizons) }
if (!args.json) {
  console.table(result.months)
  console.table(result.horizons)
}
console.log(JSON.stringify(result))

async function readSets(): Promise<PredictionSets[]> {
  const found: PredictionSets[] = []
  for await (const { value } of readAll(log, 'drift.metrics', 0)) {
    const decoded = value ? codec.decode(value) : null
    if (decoded?.name === 'PredictionSets') found.push(decoded.value as PredictionSets)
  }
  return found.sort((a, b) => a.effectiveFrom - b.effectiveFrom)
}

function boundsAt(at: number, horizon: number): SetBounds | null {
  const own = sets.get(horizon) ?? sets.get(null)
  return own?.findLast(({ effectiveFrom }) => effectiveFrom <= at) ?? null
}

async function readOutcomes(): Promise<void> {
  const partitions = (await log.topics()).find(({ name }) => name === 'flights.outcomes')?.partitions ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    for await (const { value } of readAll(log, 'flights.outcomes', partition)) {
      const decoded = value ? codec.decode(value) : null
      if (decoded?.name === 'FlightOutcome') meet(decoded.value as FlightOutcome)
    }
  }
}

function meet({ scheduledDepartureAt, label, rows }: FlightOutcome): void {
  if (label === null) return
  const { year, month } = localTime(scheduledDepartureAt, zone)
  for (const { horizonMinutes, dueAt, outputs } of rows) {
    const [output] = outputs
    if (!output) continue
    const seen = { probability: output.probability, isLate: label, bounds: boundsAt(dueAt, horizonMinutes) }
    if (stretchMonths.has(month)) count(horizons, horizonMinutes, seen)
    if (horizonMinutes !== Number(args.horizon)) continue
    count(stretches, `${year}-${String(month).padStart(2, '0')}`, seen)
    if (stretchMonths.has(month)) count(stretches, stretchName, seen)
  }
}

type Seen = { readonly probability: number; readonly isLate: boolean; readonly bounds: SetBounds | null }

function count<Key>(all: Map<Key, Stretch>, key: Key, { probability, isLate, bounds }: Seen): void {
  let stretch = all.get(key)
  if (!stretch) {
    stretch = { scores: new ScoreCounts(), covered: { rows: 0, held: 0, late: 0, lateHeld: 0, single: 0 } }
    all.set(key, stretch)
  }
  stretch.scores.add(probability, isLate ? 1 : 0)
  if (bounds === null) return
  const { lateFrom, punctualTo } = bounds
  const [hasLate, hasPunctual] = [probability >= lateFrom, probability <= punctualTo]
  const { covered } = stretch
  const isHeld = isLate ? hasLate : hasPunctual
  covered.rows++
  if (isHeld) covered.held++
  if (isLate) covered.late++
  if (isLate && isHeld) covered.lateHeld++
  if (hasLate !== hasPunctual) covered.single++
}

function figuresOf({ scores, covered }: Stretch) {
  const { auc, logLoss, brier, ece, n } = performance(scores)
  const late = lateShareOf(scores)
  const share = (part: number, of: number) => (of === 0 ? null : round(part / of, 4))
  return {
    n,
    late: round(late, 4),
    auc: rounded(auc),
    logLoss: rounded(logLoss),
    brier: rounded(brier),
    brierSkill: brier === null ? null : round(1 - brier / (late * (1 - late)), 4),
    ece: rounded(ece),
    coverage: share(covered.held, covered.rows),
    coverageLate: share(covered.lateHeld, covered.late),
    coveragePunctual: share(covered.held - covered.lateHeld, covered.rows - covered.late),
    single: share(covered.single, covered.rows),
  }
}

function lateShareOf(scores: ScoreCounts): number {
  let [late, all] = [0, 0]
  for (const { late: lates, punctual } of scores.entries()) {
    late += lates
    all += lates + punctual
  }
  return late / all
}

function rounded(value: number | null): number | null {
  return value === null ? null : round(value, 4)
}
