// Tables for people: plain columns, as wide as their widest cell; numbers stand to the right.

import { stripVTControlCharacters } from 'node:util'

export type Column = { readonly title: string; readonly align?: 'left' | 'right' }

/** @returns the lines; the last column is not padded */
export function columnLines(columns: readonly (Column | string)[], rows: readonly (readonly string[])[]): string[] {
  const heads = columns.map(column => (typeof column === 'string' ? { title: column } : column))
  const widths = heads.map(({ title }, at) => Math.max(title.length, ...rows.map(row => widthOf(row[at] ?? ''))))
  const lineOf = (cells: readonly string[]) =>
    heads
      .map(({ align }, at) => padded(cells[at] ?? '', widths[at] ?? 0, align === 'right'))
      .join('  ')
      .trimEnd()
  return [lineOf(heads.map(({ title }) => title)), ...rows.map(lineOf)]
}

function padded(cell: string, width: number, toRight: boolean): string {
  const room = ' '.repeat(Math.max(0, width - widthOf(cell)))
  return toRight ? room + cell : cell + room
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length
}

/** `2013-02-08T18:30:00Z`, or with milliseconds where there are any. */
export function instantText(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString().replace('.000Z', 'Z')
}

export function count(value: number): string {
  return value.toLocaleString('en')
}
