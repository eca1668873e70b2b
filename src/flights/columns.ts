// Cells of a table by the names in its header. A cell that is empty, NA or \N was not observed: null, never 0.

import { Failure } from '../lib/failure.ts'

/** Where each column stands in a row. */
export type Columns<Name extends string> = Readonly<Record<Name, number>>

/** @throws Failure SOURCE_UNREADABLE with the missing column as `field` */
export function columnsOf<Name extends string>(header: readonly string[], names: readonly Name[]): Columns<Name> {
  const places = {} as Record<Name, number>
  for (const name of names) {
    const place = header.indexOf(name)
    if (place < 0) {
      throw new Failure('SOURCE_UNREADABLE', `the header has no column ${name}`, {
        field: name,
        help: `Its columns are ${header.join(', ')}.`,
      })
    }
    places[name] = place
  }
  return places
}

export function text<Name extends string>(cells: readonly string[], columns: Columns<Name>, name: Name): string {
  return cells[columns[name]] ?? ''
}

export function textOrNull<Name extends string>(
  cells: readonly string[],
  columns: Columns<Name>,
  name: Name,
): string | null {
  const cell = cells[columns[name]] ?? ''
  return isBlank(cell) ? null : cell
}

export function number<Name extends string>(cells: readonly string[], columns: Columns<Name>, name: Name): number {
  const value = numberOrNull(cells, columns, name)
  if (value === null) throw unreadable(name, '', 'a number')
  return value
}

export function numberOrNull<Name extends string>(
  cells: readonly string[],
  columns: Columns<Name>,
  name: Name,
): number | null {
  const cell = cells[columns[name]] ?? ''
  if (isBlank(cell)) return null
  const value = Number(cell)
  if (!Number.isFinite(value)) throw unreadable(name, cell, 'a number')
  return value
}

export function whole<Name extends string>(cells: readonly string[], columns: Columns<Name>, name: Name): number {
  const value = wholeOrNull(cells, columns, name)
  if (value === null) throw unreadable(name, '', 'a whole number')
  return value
}

export function wholeOrNull<Name extends string>(
  cells: readonly string[],
  columns: Columns<Name>,
  name: Name,
): number | null {
  const value = numberOrNull(cells, columns, name)
  if (value !== null && !Number.isSafeInteger(value))
    throw unreadable(name, cells[columns[name]] ?? '', 'a whole number')
  return value
}

function isBlank(cell: string): boolean {
  return cell === '' || cell === 'NA' || cell === '\\N'
}

function unreadable(column: string, cell: string, wanted: string): Failure {
  const found = cell === '' ? 'nothing' : JSON.stringify(cell.slice(0, 40))
  return new Failure('SOURCE_UNREADABLE', `${column} holds ${found} instead of ${wanted}`, { field: column })
}
