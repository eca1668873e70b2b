// What each family of features is worth: boosted trees with the defaults, grown on a sample of the rows of a replay up to
// the end of August and held against all rows of September to December, once with every feature and once without each
// family. A difference of 0.001 of AUC is about what another sample makes.
//
//   slipstream replay --from 2013-01-01 --to 2013-12-31 --model none --data-dir DIR
//   npm run bench -- ablation --data-dir DIR [--rows 70000] [--only "on the way"] [--json]

import { parseArgs } from 'node:util'
import { openStores } from '../src/app.ts'
import { configure } from '../src/config.ts'
import { performanceOfScores } from '../src/drift/performance.ts'
import { featureSetHash, features } from '../src/features/table.ts'
import { grownModel, modelDefaults, rawsOf } from '../src/forest/boosted-model.ts'
import { logistic } from '../src/forest/calibration.ts'
import type { TrainingSet } from '../src/forest/training-set.ts'
import { trainingSetOf } from '../src/jobs/train-model.ts'
import { type LabelledRows, RowSample } from '../src/jobs/train-sample.ts'
import type { FlightOutcome } from '../src/records.ts'
import { readAll } from '../src/runtime/digest.ts'
import { round } from './inputs/numbers.ts'

const { values: args } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    rows: { type: 'string', default: '70000' },
    only: { type: 'string' },
    json: { type: 'boolean' },
  },
})
if (args['data-dir'] === undefined) throw new Error('--data-dir: the folder of a replay')

const families: readonly { readonly without: string; readonly names: RegExp }[] = [
  { without: 'nothing', names: /^$/ },
  { without: 'on the way', names: /EnRouteLoss/ },
  { without: 'overdue trend', names: /OverdueTrend$/ },
  { without: 'area weather', names: /^area/ },
  { without: 'these three', names: /EnRouteLoss|OverdueTrend$|^area/ },
  {
    without: 'all weather',
    names: /^area|(Temperature|DewPoint|Humidity|Wind|Gust|Precipitation|Pressure|Visibility)/,
  },
  { without: 'aircraft', names: /^(leg|slack|returnSlack|aircraft)/ },
  { without: 'flight number', names: /^(number|flightNumber)/ },
  { without: 'overdue', names: /Overdue/ },
  { without: 'departures seen', names: /(Departures|DepartureDelay|LateShare|DelayTrend)(1h|3h|Today)?$/ },
]
const split = Date.parse('2013-09-01T04:00Z')
const { train, test } = await readRows(args['data-dir'])

type Row = { without: string; features: number; auc: number; logLoss: number; brier: number; seconds: number }
const rows: Row[] = []
for (const { without, names } of families) {
  if (args.only !== undefined && without !== args.only) continue
  rows.push(measured(without, names))
  if (!args.json) console.error(JSON.stringify(rows.at(-1)))
}
const result = { rowsTrained: train.labels.length, rowsHeldOut: test.labels.length, rows }
if (!args.json) console.table(rows)
console.log(JSON.stringify(result))

function measured(without: string, names: RegExp): Row {
  const all = trainingSetOf(train, {
    table: features,
    heldOutFrom: train.labels.length,
    seed: 1,
    parameters: {},
    horizonsMinutes: [120],
    origin: { cut: split, featuresHash: featureSetHash, why: 'ablation' },
    parent: null,
  })
  const kept = [...all.features.keys()].filter(index => !names.test(all.features[index]?.name ?? ''))
  const set: TrainingSet = {
    ...all,
    features: kept.map(index => all.features[index] as TrainingSet['features'][number]),
    columns: kept.map(index => all.columns[index] as TrainingSet['columns'][number]),
  }
  const began = performance.now()
  const steps = grownModel({ ...set, parameters: modelDefaults })
  let step = steps.next()
  while (!step.done) step = steps.next()
  const seconds = (performance.now() - began) / 1000
  const raws = rawsOf(step.value, { columns: test.columns, features }, 0, test.labels.length)
  const found = performanceOfScores({ scores: raws.map(logistic), labels: test.labels })
  return {
    without,
    features: kept.length,
    auc: round(found.auc ?? Number.NaN, 4),
    logLoss: round(found.logLoss ?? Number.NaN, 4),
    brier: round(found.brier ?? Number.NaN, 4),
    seconds: round(seconds, 1),
  }
}

async function readRows(dataDir: string): Promise<{ train: LabelledRows; test: LabelledRows }> {
  const { log, codec, close } = await openStores(configure({ dataDir }).config, 'reader')
  const kinds = features.map(({ kind }) => kind)
  const [grow, held] = [new RowSample(Number(args.rows), 0, kinds), new RowSample(200_000, 0, kinds)]
  const partitions = (await log.topics()).find(({ name }) => name === 'flights.outcomes')?.partitions ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    for await (const { value } of readAll(log, 'flights.outcomes', partition)) {
      const decoded = value ? codec.decode(value) : null
      if (decoded?.name !== 'FlightOutcome') continue
      const { flightId, scheduledDepartureAt: departureAt, label, rows: logged } = decoded.value as FlightOutcome
      const row = logged.find(({ horizonMinutes }) => horizonMinutes === 120)
      if (!row || label === null) continue
      const sample = departureAt < split ? grow : held
      sample.offer({ flightId, horizonMinutes: 120, departureAt, features: row.features, label: label ? 1 : 0 })
    }
  }
  await close()
  const always = [0, Number.MAX_SAFE_INTEGER] as const
  return { train: grow.rowsBetween(...always), test: held.rowsBetween(...always) }
}
