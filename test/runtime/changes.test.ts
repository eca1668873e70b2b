import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failureIn } from '../../src/lib/failure.ts'
import { ValueWriter } from '../../src/lib/value-bytes.ts'
import { type Change, ChangeWriter, changesIn, placesIn, rowAt } from '../../src/runtime/changes.ts'

const position = { 'events/0': 7 }

function written(rows: readonly Change[], bytesMax?: number, writer = new ChangeWriter(3, bytesMax)): Uint8Array[] {
  writer.begin(position)
  let last: string | undefined
  for (const { table, key, row } of rows) {
    if (table !== last) writer.table(table)
    last = table
    writer.row(key, row)
  }
  return writer.end()
}

const change = fc.record({
  table: fc.constantFrom('flights', 'rows'),
  key: fc.string(),
  row: fc.oneof(fc.constant(null), fc.jsonValue({ maxDepth: 2 })),
})

describe('changes', () => {
  test('come back in their order from however many records, each with the layout and the position', () => {
    const writer = new ChangeWriter(3, 100)
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), rows => {
        const records = written(rows, 100, writer).map(bytes => changesIn(bytes, 'a record'))
        expect(records.flatMap(record => record.rows)).toEqual(rows)
        for (const record of records) expect(record).toMatchObject({ layout: 3, position })
      }),
    )
  })

  test('are found where they lie, and read when they are wanted', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), rows => {
        const places = written(rows, 100).map(bytes => placesIn(bytes, 'a record'))
        const read = places.flatMap(record =>
          record.rows.map(({ table, key, row }) => ({ table, key, row: row && rowAt(row, 'a row') })),
        )
        expect(read).toEqual(rows)
        for (const record of places) expect(record).toMatchObject({ layout: 3, position })
      }),
    )
  })

  test('are one record, even of nothing', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => ({ table: 'rows', key: `${i}`, row: [i, 'x'.repeat(100)] }))
    expect(written(rows)).toHaveLength(1)
    expect(written([]).map(bytes => changesIn(bytes, 'a record').rows)).toEqual([[]])
  })

  test('are split at 256 KB, and a row that is larger has a record of its own', () => {
    const rows = [1, 100_000, 200_000, 300_000, 5, 6].map((size, i) => ({
      table: 'rows',
      key: `${i}`,
      row: 'x'.repeat(size),
    }))
    const records = written(rows)
    expect(records.map(bytes => changesIn(bytes, 'a record').rows.map(({ key }) => key))).toEqual([
      ['0', '1'],
      ['2'],
      ['3'],
      ['4', '5'],
    ])
    for (const bytes of records) expect(bytes.length).toBeLessThan(310_000)
  })

  test('cut short anywhere, or with something behind them, are STATE_CORRUPT', () => {
    const [bytes = new Uint8Array()] = written([
      { table: 'rows', key: 'a', row: { at: 1_359_954_000_000, text: 'é' } },
      { table: 'flights', key: 'b', row: null },
    ])
    const wrong = Array.from(bytes, (_, length) => bytes.slice(0, length))
    for (const each of [...wrong, new Uint8Array([...bytes, 0])]) expect(codeOf(each)).toBe('STATE_CORRUPT')
  })

  test('that were never written are STATE_CORRUPT', () => {
    const notWritten = [
      [],
      [1],
      [1, null, 0],
      [1, { a: 'b' }, 0],
      [1, {}, 'key', 'row', 1],
      [1, {}, null, 5, 'key', 1, 1],
    ]
    for (const values of notWritten) {
      const writer = new ValueWriter()
      for (const value of values) writer.write(value)
      expect(codeOf(writer.bytes())).toBe('STATE_CORRUPT')
    }
    expect(codeOf(Buffer.from('1 {"n":1}'))).toBe('STATE_CORRUPT')
  })
})

function codeOf(bytes: Uint8Array): string | undefined {
  try {
    changesIn(bytes, 'a record')
    return undefined
  } catch (error) {
    return failureIn(error)?.code
  }
}
