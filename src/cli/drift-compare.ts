// slipstream drift compare: two files column by column, by the code that the stream uses.

import { type ColumnDrift, columnDrift, type DriftMethod, driftMethods, suits } from '../drift/column-drift.ts'
import { type DatasetDrift, datasetDrift } from '../drift/dataset-drift.ts'
import { Failure } from '../lib/failure.ts'
import { columnLines, count } from './columns.ts'
import { type Command, type CommandIo, namedArgs, textFlag, wholeFlag } from './command.ts'
import { type CsvTable, csvTable } from './csv-table.ts'
import { distributionsOf, type Kind, type Kinds, kindsIn, kindsOf, type Sides } from './drift-columns.ts'
import { exitCode } from './exit-code.ts'
import { didYouMean } from './suggest.ts'

const usage =
  'slipstream drift compare --reference FILE --current FILE [--columns FILE] [--method METHOD] [--threshold T]'

export const driftCompare: Command = {
  name: 'compare',
  summary: 'whether the columns of one CSV file have drifted from those of another',
  usage,
  flags: {
    reference: { type: 'string', value: 'FILE', about: 'CSV that is compared with, plain or .gz' },
    current: { type: 'string', value: 'FILE', about: 'CSV that may have drifted' },
    columns: {
      type: 'string',
      value: 'FILE',
      about: 'JSON {"column": "numeric" | "categorical"}: compare these (default: all that both files have)',
    },
    method: {
      type: 'string',
      value: 'METHOD',
      about: `${driftMethods.join(', ')} (default: by kind, rows and values of each column)`,
    },
    threshold: { type: 'string', value: 'T', about: "instead of each method's own" },
    share: { type: 'string', value: 'SHARE', about: 'of drifted columns that makes the dataset drift (default 0.5)' },
    'rows-min': { type: 'string', value: 'N', about: 'rows with a value that each side must have (default 1)' },
  },
  examples: [
    'slipstream drift compare --reference january.csv --current july.csv',
    'slipstream drift compare --reference a.csv --current b.csv --columns kinds.json --method psi --threshold 0.2 --json',
  ],
  run,
}

type Compared = { readonly kind: Kind } & ColumnDrift

async function run(io: CommandIo): Promise<number> {
  namedArgs(io, usage, [])
  const options = {
    method: methodFlag(io),
    threshold: numberFlag(io, 'threshold'),
    rowsMin: wholeFlag(io, 'rows-min', 1),
  }
  const share = numberFlag(io, 'share', 1)
  const kindsFile = textFlag(io, 'columns')
  const wanted = kindsFile === undefined ? undefined : kindsIn(kindsFile)
  const sides = { reference: await tableFlag(io, 'reference'), current: await tableFlag(io, 'current') }
  const kinds = wanted ?? kindsOf(sides)
  if (kinds.size === 0) throw nothingToCompare(sides)
  const unmatched = wanted === undefined ? narrateUnmatched(io, sides) : undefined
  const compared = compareAll(sides, kinds, options)
  if (options.method !== undefined) narrateUnsuited(io, options.method, compared)
  const dataset = datasetDrift([...compared.values()], share)
  print(io, compared, dataset)
  io.document({ columns: Object.fromEntries(compared), dataset, ...unmatched })
  return exitCode.ok
}

function compareAll(
  sides: Sides,
  kinds: Kinds,
  options: Parameters<typeof columnDrift>[2] & object,
): Map<string, Compared> {
  const compared = new Map<string, Compared>()
  for (const [name, kind] of kinds) {
    const [reference, current] = distributionsOf(sides, name, kind)
    const method = options.method !== undefined && suits(options.method, kind) ? options.method : undefined
    // a threshold that was given for the method says nothing about the one that takes its place
    const threshold = method === options.method ? options.threshold : undefined
    compared.set(name, { kind, ...columnDrift(reference, current, { ...options, method, threshold }) })
  }
  return compared
}

async function tableFlag(io: CommandIo, name: string): Promise<CsvTable> {
  const file = textFlag(io, name)
  if (file === undefined) throw new Failure('USAGE', `--${name} is missing`, { field: name, help: `usage: ${usage}` })
  return await csvTable(file)
}

function methodFlag(io: CommandIo): DriftMethod | undefined {
  const text = textFlag(io, 'method')
  const method = driftMethods.find(each => each === text)
  if (text === undefined || method !== undefined) return method
  const help = didYouMean(text, driftMethods, `It is one of ${driftMethods.join(', ')}.`)
  throw new Failure('USAGE', `--method is "${text}", which is none`, { field: 'method', help })
}

/** @throws Failure USAGE unless the flag holds a number from 0 on */
export function numberFlag(io: CommandIo, name: string, max = Number.POSITIVE_INFINITY): number | undefined {
  const text = textFlag(io, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0 && value <= max) return value
  const range = max === Number.POSITIVE_INFINITY ? 'from 0 on' : `from 0 to ${max}`
  throw new Failure('USAGE', `--${name} is "${text}", but takes a number ${range}`, { field: name })
}

function nothingToCompare({ reference, current }: Sides): Failure {
  const namesOf = ({ file, columns }: CsvTable): string => `${file} has ${[...columns.keys()].join(', ')}`
  return new Failure('FIELD_MISSING', 'there is no column to compare', {
    field: 'columns',
    help: `${namesOf(reference)}; ${namesOf(current)}.`,
  })
}

/** Tells of columns that one file alone has, and gives them for the document. */
function narrateUnmatched(io: CommandIo, { reference, current }: Sides) {
  const onlyInReference = [...reference.columns.keys()].filter(name => !current.columns.has(name))
  const onlyInCurrent = [...current.columns.keys()].filter(name => !reference.columns.has(name))
  if (onlyInReference.length > 0) io.err(`only in ${reference.file}, not compared: ${onlyInReference.join(', ')}`)
  if (onlyInCurrent.length > 0) io.err(`only in ${current.file}, not compared: ${onlyInCurrent.join(', ')}`)
  return { onlyInReference, onlyInCurrent }
}

function narrateUnsuited(io: CommandIo, method: DriftMethod, compared: ReadonlyMap<string, Compared>): void {
  const others = [...compared].filter(([, { kind }]) => !suits(method, kind)).map(([name]) => name)
  if (others.length > 0) io.err(`${method} compares numbers alone; by the default choice instead: ${others.join(', ')}`)
}

function print(io: CommandIo, compared: ReadonlyMap<string, Compared>, dataset: DatasetDrift): void {
  const right = (title: string) => ({ title, align: 'right' }) as const
  const rows = [...compared].map(([name, each]) => [
    name,
    each.method,
    each.score === null ? '-' : each.score.toPrecision(6),
    String(each.threshold),
    verdictText(io, each),
    count(each.referenceCount),
    count(each.currentCount),
    count(each.missing),
    count(each.unseen),
  ])
  const heads = ['COLUMN', 'METHOD', right('SCORE'), right('THRESHOLD'), 'DRIFTED']
  const counts = ['REFERENCE', 'CURRENT', 'MISSING', 'UNSEEN'].map(right)
  for (const line of columnLines([...heads, ...counts], rows)) io.out(line)
  const { drifted, driftedColumns, comparedColumns, share } = dataset
  if (share === null) return io.out('no column could be compared')
  const verdict = drifted ? io.color('red', 'dataset drift') : io.color('green', 'no dataset drift')
  io.out(`${driftedColumns} of ${comparedColumns} columns drifted (${(100 * share).toFixed(1)} %): ${verdict}`)
}

function verdictText(io: CommandIo, { drifted, outcome }: ColumnDrift): string {
  if (outcome !== 'compared') return io.color('yellow', outcome)
  return drifted ? io.color('red', 'yes') : io.color('green', 'no')
}
