// Tables as comma-separated text, plain or gzipped, read in batches of rows so that a file of any length takes the same
// memory. Quoted cells may hold commas, doubled quotes and line ends; rows without a quote take a fast path.

import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip } from 'node:zlib'
import { type Columns, columnsOf } from '../flights/columns.ts'
import { Failure } from '../lib/failure.ts'

const batchBytes = 1 << 18
const rowLengthMax = 1 << 20

/** The file of a table in a folder, `NAME.csv` or `NAME.csv.gz`, or undefined. */
export async function findTable(folder: string, name: string): Promise<string | undefined> {
  for (const file of [join(folder, `${name}.csv`), join(folder, `${name}.csv.gz`)]) {
    const found = await access(file).then(
      () => true,
      () => false,
    )
    if (found) return file
  }
  return undefined
}

/**
 * Hands every row of a table to `take`; yields after each batch how many rows that was.
 * @param take its failures are told with file, line and column
 * @throws Failure SOURCE_UNREADABLE
 */
export async function* readTable<Name extends string>(
  file: string,
  names: readonly Name[],
  take: (cells: string[], columns: Columns<Name>) => void,
): AsyncGenerator<number> {
  let columns: Columns<Name> | undefined
  let width = 0
  const takeRow = (cells: string[]): void => {
    if (columns === undefined) {
      columns = columnsOf(cells, names)
      width = cells.length
    } else if (cells.length === width) take(cells, columns)
    else throw new Failure('SOURCE_UNREADABLE', `${cells.length} cells, but the header has ${width}`)
  }
  for await (const batch of readRows(file)) {
    let line = 0
    try {
      for (const row of batch) {
        line = row.line
        takeRow(row.cells)
      }
    } catch (error) {
      throw error instanceof Failure ? sourceFailure(error, file, line) : error
    }
    yield batch.length
  }
  if (columns === undefined) throw new Failure('SOURCE_UNREADABLE', `${file} is empty: it has no header`)
}

function sourceFailure(cause: Failure, file: string, line: number): Failure {
  const column = cause.field === undefined ? {} : { field: cause.field }
  const where = `${file}, line ${line}${cause.field === undefined ? '' : `, column ${cause.field}`}`
  const help = cause.help ?? 'Correct the row in the file.'
  return new Failure('SOURCE_UNREADABLE', `${where}: ${cause.message}`, { cause, help, ...column })
}

/** A row's cells and the number of the line it starts on; the first is line 1. */
type Row = { line: number; cells: string[] }

async function* readRows(file: string): AsyncGenerator<Row[]> {
  const splitter = new Splitter(file)
  const decoder = new StringDecoder('utf8')
  const plain = openPlain(file)
  try {
    for await (const chunk of plain) {
      const rows = splitter.add(decoder.write(chunk as Buffer))
      if (rows.length > 0) yield rows
    }
  } catch (cause) {
    if (cause instanceof Failure || !(cause instanceof Error)) throw cause
    throw new Failure('SOURCE_UNREADABLE', `${file} cannot be read: ${cause.message}`, { cause })
  } finally {
    plain.destroy()
  }
  const last = splitter.add(decoder.end(), true)
  if (last.length > 0) yield last
}

function openPlain(file: string): Readable {
  const bytes = createReadStream(file, { highWaterMark: batchBytes })
  if (!file.endsWith('.gz')) return bytes
  // an error of either side ends the reading of the other one
  return pipeline(bytes, createGunzip({ chunkSize: batchBytes }), () => {})
}

/** Cuts text into rows; what is not a whole row yet waits for more. */
class Splitter {
  readonly #file: string
  #rest = ''
  #line = 1

  constructor(file: string) {
    this.#file = file
  }

  add(more: string, ended = false): Row[] {
    const text = this.#line === 1 && this.#rest === '' ? more.replace(/^\ufeff/, '') : this.#rest + more
    const rows: Row[] = []
    let start = 0
    let quote = text.indexOf('"')
    while (start < text.length) {
      if (quote >= 0 && quote < start) quote = text.indexOf('"', start)
      let end = text.indexOf('\n', start)
      const quoted = quote >= 0 && (quote < end || end < 0)
      if (quoted) end = endOfQuotedRow(text, start)
      if (end < 0 && !ended) break
      if (end < 0) end = text.length
      this.#push(rows, text.slice(start, text[end - 1] === '\r' ? end - 1 : end), quoted)
      start = end + 1
    }
    this.#rest = text.slice(start)
    if (this.#rest.length > rowLengthMax) {
      throw new Failure('SOURCE_UNREADABLE', `${this.#file}, line ${this.#line}: the row has no end`, {
        help: 'Look for a quote that is not closed.',
      })
    }
    return rows
  }

  #push(rows: Row[], row: string, quoted: boolean): void {
    if (row !== '') rows.push({ line: this.#line, cells: quoted ? quotedCells(row) : row.split(',') })
    this.#line += quoted ? row.split('\n').length : 1
  }
}

/** The line end that is not inside quotes, or -1. */
function endOfQuotedRow(text: string, start: number): number {
  let inside = false
  for (let i = start; i < text.length; i++) {
    const letter = text[i]
    if (letter === '"') inside = !inside
    else if (letter === '\n' && !inside) return i
  }
  return -1
}

function quotedCells(row: string): string[] {
  const cells: string[] = []
  let cell = ''
  let inside = false
  for (let i = 0; i < row.length; i++) {
    const letter = row[i] ?? ''
    if (letter === '"' && inside && row[i + 1] === '"') {
      cell += '"'
      i++
    } else if (letter === '"') inside = !inside
    else if (letter === ',' && !inside) {
      cells.push(cell)
      cell = ''
    } else cell += letter
  }
  cells.push(cell)
  return cells
}

export async function readAll(rows: AsyncGenerator<number>): Promise<void> {
  while ((await rows.next()).done !== true);
}

/** @throws Failure SOURCE_UNREADABLE */
export async function tableIn(folder: string, name: string): Promise<string> {
  const file = await findTable(folder, name)
  if (file !== undefined) return file
  throw new Failure('SOURCE_UNREADABLE', `${folder} holds neither ${name}.csv nor ${name}.csv.gz`, {
    help: 'A source is a folder laid out like data/nycflights13.',
  })
}
