// What drift costs. First 25 columns of 100,000 + 100,000 rows, from raw cells to verdicts, on one thread; and the very same
// rows by Evidently in the same run, if it is there, with the ratio of the fastest rounds and the largest difference of the
// scores. Then an hour
// of the stream: 70 columns, each of whose trailing day gains an hour of 40 rows, loses one and is compared.
//
//   npm run bench -- drift [--rounds 5] [--python PATH] [--json]

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { columnDrift, prepare } from '../src/drift/column-drift.ts'
import { datasetDrift } from '../src/drift/dataset-drift.ts'
import { type Distribution, distributionOfCategories, distributionOfNumbers } from '../src/drift/distribution.ts'
import { CategoricalSketch, NumericSketch, type Sketch } from '../src/drift/sketch.ts'
import { below, randomFrom } from '../src/lib/random.ts'
import { round } from './inputs/numbers.ts'

const root = new URL('../', import.meta.url)
const { values: args } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    python: { type: 'string', default: fileURLToPath(new URL('.slipstream/evidently/bin/python', root)) },
    json: { type: 'boolean' },
  },
})
const rounds = Number(args.rounds)
const rowCount = 100_000

type Numbers = { name: string; kind: 'numeric'; reference: Float64Array; current: Float64Array }
type Codes = { name: string; kind: 'categorical'; categories: string[]; reference: Uint8Array; current: Uint8Array }
type Column = Numbers | Codes

const random = randomFrom(2013)
/** Mean 0, deviation 1, nearly normal. */
const normal = (): number => random() + random() + random() + random() - 2 + (random() - 0.5) * 0.2

/** Delays in tenths, long-tailed; whole counts; shares; unrounded doubles: as the stream's columns, and worse. */
const shapes: ((shift: number) => number)[] = [
  shift => Math.round(10 * (Math.exp(2.5 * normal() + shift) - 5)) / 10,
  shift => Math.floor(24 * random() ** (1 + shift)),
  shift => Math.round(1000 * Math.min(1, random() ** 3 + shift / 5)) / 1000,
  shift => normal() + shift,
  shift => Math.round(800 + 400 * normal() + 100 * shift),
  shift => Math.floor(3 * random() ** (1 + shift)),
]

const columns = Array.from({ length: 25 }, (_, at): Column => {
  const shift = (at % 4) / 5
  if (at < 18) {
    const shape = shapes[at % shapes.length] as (shift: number) => number
    const side = (by: number) => Float64Array.from({ length: rowCount }, () => shape(by))
    return { name: `n${at}`, kind: 'numeric', reference: side(0), current: side(shift) }
  }
  const categories = Array.from({ length: [2, 3, 16, 100][at % 4] as number }, (_, code) => `K${code}`)
  const side = (by: number) =>
    Uint8Array.from({ length: rowCount }, () => Math.floor(categories.length * random() ** (1.5 + by)))
  return { name: `c${at}`, kind: 'categorical', categories, reference: side(0), current: side(shift) }
})

/** What a reader of rows has: numbers, or texts. */
const cells = columns.map(column => {
  if (column.kind === 'numeric') return column
  const textsOf = (codes: Uint8Array): string[] => Array.from(codes, code => column.categories[code] as string)
  return {
    name: column.name,
    kind: column.kind,
    reference: textsOf(column.reference),
    current: textsOf(column.current),
  }
})

function compareAll(): Map<string, number | null> {
  const verdicts = new Map(
    cells.map(({ name, reference, current }) => [name, columnDrift(counted(reference), counted(current))]),
  )
  datasetDrift(verdicts.values())
  return new Map([...verdicts].map(([name, { score }]) => [name, score]))
}

function counted(side: Float64Array | string[]): Distribution {
  return Array.isArray(side) ? distributionOfCategories(side) : distributionOfNumbers(side)
}

const seconds: number[] = []
let scores = compareAll()
for (let at = 0; at < rounds; at++) {
  const start = performance.now()
  scores = compareAll()
  seconds.push((performance.now() - start) / 1000)
}

type Evidently = { version: string; seconds: number[]; scores: Record<string, number> }

function byEvidently(): Evidently | string {
  const howTo =
    'python3 -m venv .slipstream/evidently && .slipstream/evidently/bin/pip install evidently==0.7.23 pandas==2.3.3, or give --python PATH'
  if (!existsSync(args.python)) return `Evidently is not there (${args.python}): ${howTo}`
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-drift-'))
  try {
    const described = columns.map(column => ({ ...column, reference: undefined, current: undefined }))
    writeFileSync(join(folder, 'columns.json'), JSON.stringify(described))
    for (const { name, reference, current } of columns) {
      writeFileSync(join(folder, `reference-${name}.bin`), reference)
      writeFileSync(join(folder, `current-${name}.bin`), current)
    }
    const script = fileURLToPath(new URL('inputs/evidently-drift.py', import.meta.url))
    const { status, stdout, stderr } = spawnSync(args.python, [script, folder, '3'], { encoding: 'utf8' })
    if (status !== 0) return `Evidently failed: ${stderr.trim().split('\n').at(-1)}; ${howTo}`
    return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Evidently
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The largest relative difference of a score. */
function differenceFrom(theirs: Evidently): number {
  let largest = 0
  for (const [name, score] of scores) {
    const [ours, other] = [score ?? Number.NaN, theirs.scores[name] ?? Number.NaN]
    const difference = ours === other ? 0 : Math.abs(ours - other) / Math.abs(other)
    if (!(difference <= largest)) largest = difference
  }
  return largest
}

/** CPU of this thread, for the machine may be busy with others. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function hourOfStream(): { columns: number; windowMs: number; compareMs: number } {
  const [width, dayHours, hourCount] = [70, 24, 24 * 20]
  const spreads = [10, 20, 50, 100, 200, 500]
  const isCategorical = (column: number): boolean => column % 14 === 0
  const sketched = (column: number, rows: number): Sketch => {
    const sketch = isCategorical(column) ? new CategoricalSketch() : new NumericSketch()
    const spread = spreads[column % spreads.length] as number
    for (let row = 0; row < rows; row++)
      sketch.add(isCategorical(column) ? `K${below(random, 40)}` : Math.round(spread * normal()))
    return sketch
  }
  const across = (rows: number): Sketch[] => Array.from({ length: width }, (_, column) => sketched(column, rows))
  const references = across(20_000).map(sketch => prepare(sketch.distribution(0.1)))
  const hours = Array.from({ length: hourCount }, () => across(40).map(sketch => sketch.content()))
  const day = across(0)
  let [windowMs, compareMs] = [0, 0]
  for (const [hour, came] of hours.entries()) {
    const start = cpuMs()
    for (const [column, content] of came.entries()) day[column]?.merge(content)
    for (const [column, content] of (hours[hour - dayHours] ?? []).entries()) day[column]?.subtract(content)
    const merged = cpuMs()
    for (const [column, sketch] of day.entries()) references[column]?.against(sketch.distribution(0.1))
    const compared = cpuMs()
    if (hour < hourCount / 2) continue
    windowMs += merged - start
    compareMs += compared - merged
  }
  const measured = hourCount / 2
  return { columns: width, windowMs: round(windowMs / measured, 3), compareMs: round(compareMs / measured, 3) }
}

const theirs = byEvidently()
const ours = Math.min(...seconds)
const compared =
  typeof theirs === 'string'
    ? { evidently: null, missing: theirs }
    : {
        evidently: { version: theirs.version, seconds: theirs.seconds.map(each => round(each, 3)) },
        ratio: round(Math.min(...theirs.seconds) / ours, 1),
        largestRelativeDifference: differenceFrom(theirs),
      }
const result = {
  bench: 'drift',
  node: process.version,
  columns: columns.length,
  rows: [rowCount, rowCount],
  seconds: seconds.map(each => round(each, 3)),
  ...compared,
  hour: hourOfStream(),
}
if (args.json !== true) console.table({ 'ours, s': round(ours, 3), ...compared, ...result.hour })
console.log(JSON.stringify(result))
