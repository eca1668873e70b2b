import { expect, test } from 'vitest'
import { columnsOf } from '../../src/flights/columns.ts'
import { planeColumns, planeOf } from '../../src/flights/plane-row.ts'

const columns = columnsOf(planeColumns, planeColumns)

test('a year that the registry does not know is null', () => {
  expect(planeOf(['N10156', '2004', '55'], columns)).toEqual({ tail: 'N10156', builtYear: 2004, seats: 55 })
  expect(planeOf(['N10156', '', '55'], columns)).toEqual({ tail: 'N10156', builtYear: null, seats: 55 })
})
