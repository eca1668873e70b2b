// Model files and the rows of CSV files that they are asked about: which cell is which column, and what its text means.

import { access, constants, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Ensemble, EnsembleColumn } from '../forest/exchange/ensemble.ts'
import { readModel } from '../forest/exchange/read.ts'
import { valueMax } from '../forest/model.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import { count } from './columns.ts'
import { type CommandIo, type Flag, textFlag } from './command.ts'
import { csvRows } from './csv.ts'
import { isMissing, numberIn } from './csv-table.ts'
import { unreadable } from './file-lines.ts'

export const modelFlag: Flag = {
  type: 'string',
  value: 'FILE',
  about: "model: Slipstream's own, LightGBM's text, or XGBoost's JSON or UBJSON",
}

export const dataFlag: Flag = {
  type: 'string',
  value: 'FILE',
  about: 'CSV with the columns that the model reads, in the units of its features; plain or .gz',
}

/** @throws Failure USAGE */
export function neededFlag(io: CommandIo, name: string, usage: string): string {
  const text = textFlag(io, name)
  if (text !== undefined) return text
  throw new Failure('USAGE', `--${name} is missing`, { field: name, help: `usage: ${usage}` })
}

/** @throws Failure SOURCE_UNREADABLE, MODEL_CORRUPT, MODEL_UNSUPPORTED */
export async function modelIn(file: string): Promise<Ensemble> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw unreadable(file, error)
  }
  try {
    return readModel(bytes)
  } catch (error) {
    throw inFile(file, error)
  }
}

/** The failure with the file's name before its message, and another help if one is given; another error as it is. */
export function inFile(file: string, error: unknown, help?: string): unknown {
  const failure = failureIn(error)
  if (!failure) return error
  const { code, message, field } = failure
  const said = help ?? failure.help
  const options = {
    ...(field === undefined ? {} : { field }),
    ...(said === undefined ? {} : { help: said }),
    cause: error,
  }
  return new Failure(code, `${file}: ${message}`, options)
}

/** Said before the work whose result would be lost. @throws Failure USAGE when no file can be written there */
export async function refuseUnwritable(out: string): Promise<void> {
  try {
    const found = await stat(out).catch(() => undefined)
    if (found?.isDirectory()) throw new Error('it is a folder')
    await access(found ? out : dirname(out), constants.W_OK)
  } catch (error) {
    throw unwritable(out, error)
  }
}

/** @throws Failure USAGE when the file cannot be written */
export async function writeOut(out: string, content: string | Uint8Array): Promise<void> {
  await writeFile(out, content).catch((error: unknown) => {
    throw unwritable(out, error)
  })
}

function unwritable(out: string, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : String(cause)
  const help = 'Name a file in a folder that is there and may be written to.'
  return new Failure('USAGE', `${out} cannot be written: ${why}`, { field: 'out', help, cause })
}

/** The row as one double a column of the model; the array is used again for the next one. */
export type ModelRow = { readonly line: number; readonly row: Float64Array }

const rowsBetweenTurns = 1000

/**
 * The rows of a file, one after the other. Tells how far it is, and waits for stdout, each thousand rows.
 * @throws Failure SOURCE_UNREADABLE, FIELD_MISSING, FIELD_TYPE
 */
export async function* rowsFor(io: CommandIo, ensemble: Ensemble, file: string): AsyncGenerator<ModelRow> {
  const { columns } = ensemble
  const row = new Float64Array(columns.length)
  let readers: Reader[] | undefined
  let width = 0
  let done = 0
  for await (const { line, cells } of csvRows(file)) {
    if (readers === undefined) {
      readers = readersOf(io, ensemble, { file, names: cells })
      width = cells.length
      row.fill(Number.NaN)
      continue
    }
    if (cells.length > width) {
      const problem = `${file}, line ${line}: ${cells.length} cells, but the first line names ${width} columns`
      throw new Failure('SOURCE_UNREADABLE', problem, { field: 'data' })
    }
    for (const { column, cellAt, valueOf } of readers) row[column] = valueOf(cells[cellAt] ?? '', line)
    yield { line, row }
    done++
    if (done % rowsBetweenTurns !== 0) continue
    io.progress(`${count(done)} rows`)
    await io.drained()
  }
  if (readers === undefined) throw new Failure('SOURCE_UNREADABLE', `${file} is empty`, { field: 'data' })
}

type Reader = {
  /** Of the model. */
  readonly column: number
  readonly cellAt: number
  /** @throws Failure FIELD_TYPE */
  readonly valueOf: (cell: string, line: number) => number
}

type Table = { readonly file: string; readonly names: readonly string[] }

/** What LightGBM and XGBoost call columns that had no names. */
const placeName = /^(Column_|f)\d+$/

function readersOf(io: CommandIo, { columns, trees, isSingle }: Ensemble, table: Table): Reader[] {
  const { file, names } = table
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new Failure('SOURCE_UNREADABLE', `${file} names the column "${twice}" twice`)
  // LightGBM writes blanks in names as _
  const places = new Map(names.flatMap((name, at) => [[name.trim().replaceAll(' ', '_'), at] as const]))
  for (const [at, name] of names.entries()) places.set(name, at)
  const byPlace =
    columns.every(({ name }) => placeName.test(name) && !places.has(name)) && names.length >= columns.length
  if (byPlace) io.err('the model names no columns: the first ones of the file are taken in their order')
  const used = new Set(trees.featureOf)
  return [...used].map(column => {
    const about = columns[column] as EnsembleColumn
    const cellAt = byPlace ? column : places.get(about.name)
    if (cellAt === undefined) {
      const help = `It has ${names.slice(0, 40).join(', ')}.`
      throw new Failure('FIELD_MISSING', `${file} has no column ${about.name}, which the model reads`, {
        field: about.name,
        help,
      })
    }
    const valueIn = about.categories === null ? numberReader(about) : categoryReader(about.categories)
    const valueOf = (cell: string, line: number): number => {
      const value = valueIn(cell)
      if (value === undefined) throw wrong(cell, { file, line, about })
      return isSingle ? Math.fround(value) : value
    }
    return { column, cellAt, valueOf }
  })
}

function wrong(cell: string, { file, line, about }: { file: string; line: number; about: EnsembleColumn }): Failure {
  const { name, kind } = about
  const what = kind === 'numeric' ? 'no number' : 'no code of a category: the model has no names for its categories'
  const problem = `${file}, line ${line}: ${name} is ${JSON.stringify(cell.slice(0, 40))}, which is ${what}`
  return new Failure('FIELD_TYPE', problem, { field: name })
}

/** Our own features are counted in whole steps of their resolution, half up. */
function numberReader({ resolution }: EnsembleColumn): (cell: string) => number | undefined {
  const read = (cell: string): number | undefined => (isMissing(cell) ? Number.NaN : numberIn(cell))
  if (resolution === null) return read
  return cell => {
    const number = read(cell)
    if (number === undefined || Number.isNaN(number)) return number
    return Math.min(valueMax, Math.max(-valueMax, Math.round(number / resolution)))
  }
}

/** One that training did not see counts as missing. */
function categoryReader(categories: readonly string[]): (cell: string) => number {
  const codes = new Map(categories.map((category, code) => [category, code]))
  const byNumber = new Map(
    categories.flatMap((category, code) => {
      const number = numberIn(category)
      return number === undefined ? [] : [[number, code] as const]
    }),
  )
  return cell => {
    const found = codes.get(cell) ?? codes.get(cell.trim())
    if (found !== undefined) return found
    const number = isMissing(cell) ? undefined : numberIn(cell)
    return (number === undefined ? undefined : byNumber.get(number)) ?? Number.NaN
  }
}
