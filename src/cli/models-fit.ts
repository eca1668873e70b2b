// slipstream models fit: a model file from the rows of a CSV file. The last rows of the file are held out: they fit
// calibration, interval and threshold, and say how well the model does. No running Slipstream is asked.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { openCrew } from '../app/crew.ts'
import { ScoreCounts, performance as scoreFigures } from '../drift/performance.ts'
import { edgeRows, type GrowingSet, grownModel, rawsOf } from '../forest/boosted-model.ts'
import { rawToProbability } from '../forest/calibration.ts'
import type { Crew } from '../forest/crew.ts'
import { type FitParameters, fitParametersOf } from '../forest/fit-parameters.ts'
import { hashOf, pack } from '../forest/flat.ts'
import { fitToRaws } from '../forest/held-out.ts'
import { certain, type Json, type Model } from '../forest/model.ts'
import { Failure } from '../lib/failure.ts'
import { count } from './columns.ts'
import { type Command, type CommandIo, namedArgs, textFlag } from './command.ts'
import { exitCode } from './exit-code.ts'
import { unreadable } from './file-lines.ts'
import { neededFlag, refuseUnwritable, writeOut } from './model-file.ts'
import { type TrainingTable, trainingTableIn } from './training-table.ts'

const usage = 'slipstream models fit --data rows.csv --label COLUMN --out FILE [--params params.json] [--json]'

export const modelsFit: Command = {
  name: 'fit',
  summary: 'a model file from the rows of a CSV file',
  usage,
  flags: {
    data: { type: 'string', value: 'FILE', about: 'CSV with a column a feature, in the order of time; plain or .gz' },
    label: { type: 'string', value: 'COLUMN', about: 'what to predict: 0 or 1, or a number' },
    out: { type: 'string', value: 'FILE', about: 'where the model goes' },
    params: { type: 'string', value: 'FILE', about: "JSON of parameters by LightGBM's names (default: its defaults)" },
  },
  examples: [
    'slipstream models fit --data rows.csv --label late --out late.forest',
    'slipstream models fit --data rows.csv --label late --params params.json --out late.forest --json',
  ],
  run,
}

type Fitted = { readonly model: Model; readonly validation: Json }

async function run(io: CommandIo): Promise<number> {
  namedArgs(io, usage, [])
  const [data, label, out] = [
    neededFlag(io, 'data', usage),
    neededFlag(io, 'label', usage),
    neededFlag(io, 'out', usage),
  ]
  const parameters = fitParametersOf(await parametersIn(textFlag(io, 'params')))
  await refuseUnwritable(out)
  const startedAt = performance.now()
  const table = await trainingTableIn(data, { ...parameters, label, objective: parameters.model.objective })
  const readAt = performance.now()
  const { crew, close } = openCrew(parameters.threads)
  let done: Fitted
  try {
    done = fitted(io, table, { parameters, label, crew })
  } finally {
    await close()
  }
  const { model, validation } = done
  const bytes = pack({ ...model, trainedOn: { ...model.trainedOn, metrics: { heldOut: validation } } })
  const fittedAt = performance.now()
  await writeOut(out, bytes)
  const document = {
    file: out,
    hash: hashOf(bytes),
    bytes: bytes.length,
    rows: table.labels.length,
    features: table.features.length,
    trees: model.trees.roots.length,
    seconds: { read: seconds(readAt - startedAt), fit: seconds(fittedAt - readAt) },
    peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    validation,
  }
  io.out(`${out}: ${count(document.trees)} trees from ${count(model.trainedOn.rows)} rows, ${document.hash}`)
  io.out(`  read ${document.seconds.read} s, fit ${document.seconds.fit} s, ${document.peakMemoryMiB} MiB at most`)
  io.out(`  held out: ${JSON.stringify(validation)}`)
  io.document(document)
  return exitCode.ok
}

async function parametersIn(file: string | undefined): Promise<Json> {
  if (file === undefined) return {}
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw unreadable(file, error)
  }
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new Failure('USAGE', `${file} is not JSON`, { field: 'params', cause })
  }
}

function fitted(
  io: CommandIo,
  table: TrainingTable,
  { parameters, label, crew }: { parameters: FitParameters; label: string; crew: Crew | undefined },
): Fitted {
  const { labels, features, weights, columns } = table
  if (labels.length < 2) throw unfit(`there are ${labels.length} rows; it takes 2`, label)
  const heldOutFrom = Math.max(1, labels.length - Math.floor(labels.length * parameters.heldOutShare))
  const isBinary = parameters.model.objective === 'binary'
  const isOne = labels.subarray(0, heldOutFrom).every(value => value === labels[0])
  if (isBinary && isOne) throw unfit(`${label} is ${labels[0]} in all of the ${heldOutFrom} rows to train on`, label)
  refuseConstraints(parameters, table)
  const names = createHash('sha256').update(JSON.stringify(features)).digest('hex')
  const set: GrowingSet = {
    features,
    columns,
    labels,
    ...(weights === null ? {} : { weights }),
    heldOutFrom,
    seed: parameters.seed,
    parameters: parameters.model,
    horizonsMinutes: [],
    origin: { from: 0, to: 0, cut: 0, featuresHash: names, why: `Fitted to predict ${label}.` },
    parent: null,
  }
  const growing = grownModel(set, crew)
  for (;;) {
    const { done, value } = growing.next()
    if (done) return evaluated(value, table, heldOutFrom)
    io.progress({ label: 'trees', done: value.done, total: value.of })
  }
}

/** One a feature, as LightGBM has it: a list of another length would be about other columns than was meant. */
function refuseConstraints({ model: { monotoneConstraints } }: FitParameters, { features }: TrainingTable): void {
  if (monotoneConstraints.length === 0) return
  const field = 'monotone_constraints'
  if (monotoneConstraints.length !== features.length) {
    const names = features.map(({ name }) => name).slice(0, 40)
    const problem = `${field} holds ${monotoneConstraints.length} for ${features.length} features`
    throw new Failure('USAGE', problem, { field, help: `One each, in the order of ${names.join(', ')}; 0 is none.` })
  }
  const category = features.find(({ kind }, index) => kind === 'categorical' && monotoneConstraints[index] !== 0)
  if (category) throw new Failure('USAGE', `${field}: ${category.name} has categories, and no order`, { field })
}

function unfit(problem: string, field: string): Failure {
  return new Failure('ROWS_UNFIT', problem, { field })
}

/** Calibrated, if the objective is a probability and both kinds are among the rows held out. */
function evaluated(model: Model, table: TrainingTable, from: number): Fitted {
  const labels = table.labels.subarray(from)
  const rows = labels.length
  if (rows === 0) return { model, validation: null }
  const raws = rawsOf(model, table, from, table.labels.length)
  const { objective, alpha } = model.trainedOn.parameters as { objective: string; alpha: number }
  if (objective !== 'binary') {
    const ofQuantile = objective === 'quantile' ? quantileErrors(raws, labels, alpha) : {}
    return { model, validation: { rows, ...errors(raws, labels), ...ofQuantile } }
  }
  const late = labels.reduce((sum, value) => sum + value, 0)
  const before = figuresOf(model, raws, labels)
  if (late === 0 || late === rows) return { model, validation: { rows, ...before } }
  // what is said of the rows is what the trees say of them: calibration has seen their labels
  return { model: fitToRaws(model, { raws, labels, edgeRows }), validation: { rows, ...before } }
}

function errors(raws: Float64Array, labels: Float64Array): { [name: string]: Json } {
  let squares = 0
  let sizes = 0
  for (const [row, raw] of raws.entries()) {
    squares += (raw - (labels[row] as number)) ** 2
    sizes += Math.abs(raw - (labels[row] as number))
  }
  return { rmse: Math.sqrt(squares / raws.length), mae: sizes / raws.length }
}

/** Mean pinball loss, and the share of labels at or below the prediction, which should be `alpha`. */
function quantileErrors(raws: Float64Array, labels: Float64Array, alpha: number): { [name: string]: Json } {
  let loss = 0
  let below = 0
  for (const [row, raw] of raws.entries()) {
    const lack = (labels[row] as number) - raw
    loss += Math.max(alpha * lack, (alpha - 1) * lack)
    if (lack <= 0) below++
  }
  return { pinball: loss / raws.length, below: below / raws.length }
}

function figuresOf(model: Model, raws: Float64Array, labels: Float64Array): { [name: string]: Json } {
  const toProbability = rawToProbability(model)
  const counts = new ScoreCounts()
  for (const [row, raw] of raws.entries()) counts.add(Math.round(certain * toProbability(raw)), labels[row] as 0 | 1)
  const { auc, logLoss, brier } = scoreFigures(counts, { threshold: model.threshold })
  return { auc, logLoss, brier }
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000
}
