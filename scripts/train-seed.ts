// Trains the seed model: boosted trees on January 2013, from the outcomes that the pipeline itself logs, so that it is
// trained on exactly what it will be asked. Writes data/models/seed.forest and prints how it does on what it has not seen.
//
//   node scripts/train-seed.ts [--data-dir DIR] [--out FILE] [--params '{"numIterations": 200}']
//
// The data folder must hold a replay of January without a model; without --data-dir it is made in a temporary folder:
//   slipstream replay --from 2013-01-01 --to 2013-01-31 --model none --data-dir DIR
//
// Time-ordered: trees grow on flights of 1 to 24 January; calibration, interval and decision threshold are fitted to 25
// to 31 January. What moves with the season (month, day of the year, holidays) is left out: one month says nothing of it.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openStores } from '../src/app.ts'
import { configure } from '../src/config.ts'
import { featureSetHash, features } from '../src/features/table.ts'
import { boostedModel } from '../src/forest/boosted-model.ts'
import { hashOf, pack } from '../src/forest/flat.ts'
import type { Model } from '../src/forest/model.ts'
import type { TrainingSet } from '../src/forest/training-set.ts'
import { TrainDays } from '../src/jobs/train-days.ts'
import { evaluated, trainingSetOf } from '../src/jobs/train-model.ts'
import { type LabelledRows, RowSample } from '../src/jobs/train-sample.ts'
import type { FlightOutcome } from '../src/records.ts'
import { readAll } from '../src/runtime/digest.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const { values: flags } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    out: { type: 'string', default: join(root, 'data/models/seed.forest') },
    /** A month has too few rows for as many trees as a year. */
    params: { type: 'string', default: '{"numIterations": 200}' },
    seed: { type: 'string', default: '13' },
  },
})

const from = Date.parse('2013-01-01T05:00Z')
const heldOutFrom = Date.parse('2013-01-25T05:00Z')
const to = Date.parse('2013-02-01T05:00Z')
const horizonMinutes = 120
/** More than a month has. */
const rowsMax = 100_000
/** What does not vary at one horizon; what moves with the season is left out of any set of less than a year. */
const ofTheHorizon = new Set(['horizonMinutes', 'knownAheadMinutes', 'movedMinutes'])

const dataDir = flags['data-dir'] ?? replayJanuary()
const single = new TrainDays(features.map(({ kind }) => kind))
const rows = await readRows(dataDir)
const growing = rows.departureAt.findIndex(at => at >= heldOutFrom)
console.error(`${growing} rows to grow on, ${rows.labels.length - growing} held out`)

const set = trainingSetOf(rows, {
  table: features,
  heldOutFrom: growing,
  seed: Number(flags.seed),
  parameters: JSON.parse(flags.params) as TrainingSet['parameters'],
  horizonsMinutes: [horizonMinutes],
  origin: { cut: to, featuresHash: featureSetHash, why: 'the model that the program starts with' },
  parent: null,
})
const fitted = boosted({
  ...set,
  features: set.features.filter(({ name }) => !ofTheHorizon.has(name)),
  columns: set.columns.filter((_, index) => !ofTheHorizon.has(set.features[index]?.name ?? '')),
  origin: { ...set.origin, from, to },
})
const model = await evaluated(fitted, {
  table: features,
  rows,
  days: single.between(from, to),
  heldOutFrom: growing,
  seed: Number(flags.seed),
  turn: async () => undefined,
})
const { metrics } = model.trainedOn
const bytes = pack(model)
mkdirSync(dirname(flags.out), { recursive: true })
writeFileSync(flags.out, bytes)
console.log(
  JSON.stringify({ file: flags.out, bytes: bytes.length, hash: hashOf(bytes), threshold: model.threshold, metrics }),
)

function boosted(trainingSet: TrainingSet): Model {
  const steps = boostedModel(trainingSet)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

function replayJanuary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-seed-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const days = ['--from', '2013-01-01', '--to', '2013-01-31', '--model', 'none', '--data-dir', folder, '--no-digests']
  const { status } = spawnSync(process.execPath, [join(root, 'src/cli/main.ts'), 'replay', ...days], {
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error(`the replay of January ended with ${status}`)
  return folder
}

/** Labelled rows of flights planned in January (New York time) and closed by its end, in the order of departure and id. */
async function readRows(folder: string): Promise<LabelledRows> {
  const stores = await openStores(configure({ dataDir: folder }).config, 'reader')
  const sample = new RowSample(
    rowsMax,
    0,
    features.map(({ kind }) => kind),
  )
  const partitions = (await stores.log.topics()).find(({ name }) => name === 'flights.outcomes')?.partitions ?? 0
  for (let partition = 0; partition < partitions; partition++) {
    for await (const { value } of readAll(stores.log, 'flights.outcomes', partition)) {
      if (!value) continue
      const decoded = stores.codec.decode(value)
      if (decoded.name !== 'FlightOutcome') continue
      const outcome = decoded.value as FlightOutcome
      const row = outcome.rows.find(one => one.horizonMinutes === horizonMinutes)
      const { flightId, scheduledDepartureAt: departureAt, label, at } = outcome
      if (!row || label === null || departureAt < from || departureAt >= to || at >= to) continue
      sample.offer({ departureAt, flightId, horizonMinutes, features: row.features, label: label ? 1 : 0 })
      single.add(departureAt, row.features)
    }
  }
  await stores.close()
  return sample.rowsBetween(from, to)
}
