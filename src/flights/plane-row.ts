// One row of planes.csv: what the registry says of an aircraft.

import type { Plane } from './assignment.ts'
import { type Columns, text, wholeOrNull } from './columns.ts'

export const planeColumns = ['tailnum', 'year', 'seats'] as const

/** @throws Failure SOURCE_UNREADABLE with the column as `field` */
export function planeOf(cells: readonly string[], columns: Columns<(typeof planeColumns)[number]>): Plane {
  return {
    tail: text(cells, columns, 'tailnum'),
    builtYear: wholeOrNull(cells, columns, 'year'),
    seats: wholeOrNull(cells, columns, 'seats'),
  }
}
