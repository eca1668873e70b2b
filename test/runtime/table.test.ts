import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Table } from '../../src/runtime/table.ts'

/** What a flush would write to the changelog. */
function flushed(table: Table<never> | Table<number> | Table<{ n: number }>): [string, unknown][] {
  const written: [string, unknown][] = []
  table.flush((key, row) => written.push([key, row]))
  return written
}

/** Applies what was flushed to what is stored. @returns what should not have happened */
function troublesOf(
  written: readonly [string, unknown][],
  { stored, rows }: { stored: Map<string, unknown>; rows: ReadonlyMap<string, unknown> },
): string[] {
  const troubles: string[] = []
  if (new Set(written.map(([key]) => key)).size < written.length) troubles.push('a key was written twice in a unit')
  for (const [key, row] of written) {
    if (row !== null) stored.set(key, row)
    else if (!stored.delete(key)) troubles.push(`a tombstone of ${key}, which was never stored`)
  }
  const text = (map: ReadonlyMap<string, unknown>) => JSON.stringify([...map].map(entry => entry.join(' ')).sort())
  if (text(stored) !== text(rows)) troubles.push(`${text(stored)} is stored, ${text(rows)} is true`)
  return troubles
}

describe('a table', () => {
  test('writes a row once a unit, as it is in the end', () => {
    const table = new Table<number>('counts')
    table.set('a', 1)
    table.set('b', 1)
    table.set('a', 2)
    expect(flushed(table)).toEqual([
      ['a', 2],
      ['b', 1],
    ])
    expect(flushed(table)).toEqual([])
  })

  test('writes a row that was changed in place only after it was set', () => {
    const table = new Table<{ n: number }>('counts')
    const row = { n: 1 }
    table.set('a', row)
    flushed(table)
    row.n = 2
    expect(flushed(table)).toEqual([])
    table.set('a', row)
    expect(flushed(table)).toEqual([['a', { n: 2 }]])
  })

  test('a row that came and went in a unit leaves no record', () => {
    const table = new Table<number>('counts')
    table.set('a', 1)
    table.delete('a')
    table.set('a', 2)
    table.delete('a')
    expect(flushed(table)).toEqual([])
    expect(table.size).toBe(0)
  })

  test('a stored row that goes leaves one tombstone', () => {
    const table = new Table<number>('counts')
    table.set('a', 1)
    flushed(table)
    table.set('a', 2)
    table.delete('a')
    table.set('a', 3)
    table.delete('a')
    expect(flushed(table)).toEqual([['a', null]])
    expect(flushed(table)).toEqual([])
  })

  test('a row that comes back after its tombstone and goes in the same unit leaves no second one', () => {
    const table = new Table<number>('counts')
    table.restore('a', 1)
    table.delete('a')
    expect(flushed(table)).toEqual([['a', null]])
    table.set('a', 2)
    table.delete('a')
    expect(flushed(table)).toEqual([])
  })

  test('a row that is set after it was deleted is written, without a tombstone', () => {
    const table = new Table<number>('counts')
    table.restore('a', 1)
    table.delete('a')
    expect(table.get('a')).toBeUndefined()
    table.set('a', 2)
    expect(table.get('a')).toBe(2)
    expect(flushed(table)).toEqual([['a', 2]])
    table.delete('a')
    expect(flushed(table)).toEqual([['a', null]])
  })

  test('a deleted row is gone from every view of the table', () => {
    const table = new Table<number>('counts')
    table.restore('a', 1)
    table.restore('b', 2)
    table.delete('a')
    table.delete('never there')
    expect([table.has('a'), table.has('b'), table.size]).toEqual([false, true, 1])
    expect([...table.entries()]).toEqual([['b', 2]])
    expect([...table.all()]).toEqual([['b', 2]])
  })

  test('a restored row is not written again before it is set', () => {
    const table = new Table<number>('counts')
    table.restore('a', 1)
    expect(flushed(table)).toEqual([])
    table.set('a', 1)
    expect(flushed(table)).toEqual([['a', 1]])
  })

  test('a packed row lies packed in the changelog and is whole for the stage', () => {
    const packing = { pack: ({ n }: { n: number }) => [n], unpack: ([n]: [number]) => ({ n }) }
    const table = new Table<{ n: number }>('counts', packing)
    table.restore('a', [1])
    table.set('b', { n: 2 })
    expect(table.get('a')).toEqual({ n: 1 })
    expect(flushed(table)).toEqual([['b', [2]]])
    expect([...table.all()]).toEqual([
      ['a', [1]],
      ['b', [2]],
    ])
    expect([...table.entries()].map(([, row]) => row)).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('what was flushed adds up to the rows, with one record a key and unit and no tombstone of nothing', () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const act = fc.oneof(
      fc.record({ do: fc.constant('set' as const), key, row: fc.nat(9) }),
      fc.record({ do: fc.constant('delete' as const), key }),
      fc.record({ do: fc.constant('flush' as const) }),
    )
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), acts => {
        const table = new Table<number>('counts')
        const rows = new Map<string, number>()
        const stored = new Map<string, unknown>()
        const troubles: string[] = []
        for (const each of [...acts, { do: 'flush' as const }]) {
          if (each.do === 'set') {
            table.set(each.key, each.row)
            rows.set(each.key, each.row)
          } else if (each.do === 'delete') {
            table.delete(each.key)
            rows.delete(each.key)
          } else for (const trouble of troublesOf(flushed(table), { stored, rows })) troubles.push(trouble)
        }
        expect(troubles).toEqual([])
      }),
    )
  })
})
