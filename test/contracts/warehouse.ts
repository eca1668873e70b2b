// What every warehouse promises (src/runtime/warehouse.ts).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Failure } from '../../src/lib/failure.ts'
import { migrate } from '../../src/runtime/migrations.ts'
import type { Warehouse } from '../../src/runtime/warehouse.ts'

const table = (name: string, columns: string) =>
  `CREATE TABLE ${name} (${columns}) ENGINE = ReplacingMergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 1000`

/** @param open an empty warehouse; opened once, since opening takes a second */
export function describeWarehouse(name: string, open: () => Promise<Warehouse>): void {
  describe(name, () => {
    let warehouse: Warehouse
    beforeAll(async () => {
      warehouse = await open()
    })
    afterAll(async () => {
      // closing is done once, and may be asked for again
      await warehouse.close()
      await warehouse.close()
    })

    const count = async (of: string) => {
      const { rows } = await warehouse.query(`SELECT count() AS count FROM ${of}`, { rowsMax: 1 })
      return Number(rows[0]?.['count'])
    }
    const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => [from + at])

    test('gives back every kind of value that a column may hold', async () => {
      const columns = {
        id: 'UInt64',
        text: 'String',
        few: 'LowCardinality(String)',
        fewOrNone: 'LowCardinality(Nullable(String))',
        small: 'Int16',
        whole: 'Int32',
        unsigned: 'UInt32',
        long: 'Int64',
        real: 'Float64',
        yes: 'Bool',
        maybe: 'Nullable(Bool)',
        at: "DateTime64(3, 'UTC')",
        perhapsAt: "Nullable(DateTime64(3, 'UTC'))",
        numbers: 'Array(Nullable(Int32))',
        texts: 'Array(LowCardinality(String))',
      }
      const ddl = Object.entries(columns).map(([column, type]) => `${column} ${type}`)
      await warehouse.execute(table('kinds', ddl.join(', ')))
      const at = Date.UTC(2013, 1, 8, 23, 59, 59, 999)
      const full = [
        2 ** 40,
        "O'Häre\\\n\t\0 ✈",
        'UA',
        'B6',
        -32_768,
        -(2 ** 31),
        2 ** 32 - 1,
        -(2 ** 52),
        0.1,
        true,
        false,
        at,
        at,
        [1, null, -3],
        ['a', ''],
      ]
      const empty = [0, '', '', null, 32_767, 2 ** 31 - 1, 0, 2 ** 52, -1e300, false, null, -1, null, [], []]
      await warehouse.insert({ table: 'kinds', columns: Object.keys(columns), rows: [full, empty], token: 'a' })
      const answer = await warehouse.query('SELECT * FROM kinds ORDER BY id DESC', { rowsMax: 10 })
      expect(answer.columns).toEqual(Object.entries(columns).map(([column, type]) => ({ name: column, type })))
      expect(answer.truncated).toBe(false)
      const names = Object.keys(columns)
      const shown = (instant: string) => [instant, instant]
      const [first, second] = answer.rows.map(row => names.map(column => row[column]))
      expect(first).toEqual([...full.slice(0, 11), ...shown('2013-02-08 23:59:59.999'), ...full.slice(13)])
      expect(second).toEqual([...empty.slice(0, 11), '1969-12-31 23:59:59.999', ...empty.slice(12)])
    })

    test('columns that are left out get their default', async () => {
      await warehouse.execute(table('defaults', "id UInt64, said String DEFAULT 'nothing'"))
      await warehouse.insert({ table: 'defaults', columns: ['id'], rows: ids(0, 1), token: 'a' })
      expect((await warehouse.query('SELECT * FROM defaults', { rowsMax: 1 })).rows).toEqual([
        { id: 0, said: 'nothing' },
      ])
    })

    test('a repeated batch changes nothing; another one is added', async () => {
      await warehouse.execute(table('tokens', 'id UInt64'))
      const batch = { table: 'tokens', columns: ['id'], rows: ids(0, 5000), token: "t/0/'0-5000" }
      await warehouse.insert(batch)
      await warehouse.insert({ ...batch, rows: ids(5000, 5010), token: 't/0/5000-5010' })
      await warehouse.insert(batch)
      // without FINAL: nothing is there twice even for a moment
      expect(await count('tokens')).toBe(5010)
      await warehouse.insert({ ...batch, rows: ids(5010, 5011), token: 't/0/5010-5011' })
      expect(await count('tokens')).toBe(5011)
    })

    test('the same rows under another token replace themselves', async () => {
      await warehouse.execute(table('replaced', 'id UInt64'))
      for (const token of ['a', 'b'])
        await warehouse.insert({ table: 'replaced', columns: ['id'], rows: ids(0, 10), token })
      expect(await count('replaced FINAL')).toBe(10)
    })

    test('a batch is one block, however many rows it has', async () => {
      await warehouse.execute(table('large', 'id UInt64, text String'))
      const rows = Array.from({ length: 150_000 }, (_, id) => [id, `row ${id}`])
      await warehouse.insert({ table: 'large', columns: ['id', 'text'], rows, token: 'a' })
      await warehouse.insert({ table: 'large', columns: ['id', 'text'], rows, token: 'a' })
      expect(await count('large')).toBe(150_000)
    })

    test('no rows are no batch', async () => {
      const nothing = warehouse.insert({ table: 'nowhere', columns: ['id'], rows: [], token: 'a' })
      await expect(nothing).resolves.toBeUndefined()
    })

    test('a batch that does not fit is refused whole, and the next one is taken', async () => {
      await warehouse.execute(table('fits', 'id UInt64'))
      const failed = { code: 'WAREHOUSE_FAILED' }
      await expect(
        warehouse.insert({ table: 'nowhere', columns: ['id'], rows: [[1]], token: 'a' }),
      ).rejects.toMatchObject(failed)
      await expect(
        warehouse.insert({ table: 'fits', columns: ['other'], rows: [[1]], token: 'a' }),
      ).rejects.toMatchObject(failed)
      await expect(warehouse.execute('CREATE TABLE fits (')).rejects.toMatchObject(failed)
      await warehouse.insert({ table: 'fits', columns: ['id'], rows: [[1]], token: 'a' })
      expect(await count('fits')).toBe(1)
    })

    test('an answer ends at the limit and says so', async () => {
      const answer = await warehouse.query('SELECT number FROM numbers(1000000);', { rowsMax: 3 })
      expect(answer.rows).toEqual([{ number: 0 }, { number: 1 }, { number: 2 }])
      expect(answer.truncated).toBe(true)
      expect((await warehouse.query('SELECT 1 AS one WHERE 0', { rowsMax: 3 })).rows).toEqual([])
    })

    const refused: [what: string, sql: string, says: RegExp][] = [
      ['a syntax error', 'SELEC 1', /^Syntax error.*SYNTAX_ERROR/],
      ['an unknown table', 'SELECT * FROM nowhere', /nowhere.*UNKNOWN_TABLE/],
      ['an unknown column', 'SELECT colour FROM numbers(1)', /colour.*UNKNOWN_IDENTIFIER/],
      ['a write', 'CREATE TABLE mine (id UInt64) ENGINE = Memory', /readonly/i],
      ['a setting', 'SELECT 1 SETTINGS readonly = 0', /readonly/i],
    ]
    test.each(refused)('%s is refused in words of ClickHouse', async (_what, sql, says) => {
      const error = await warehouse.query(sql, { rowsMax: 10 }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Failure)
      expect(error).toMatchObject({ code: 'QUERY_REFUSED', message: expect.stringMatching(says) as string })
      expect((error as Failure).message).not.toContain('FORMAT')
    })

    test('migrations are applied once, and a changed one is refused by name', async () => {
      const first = { number: 1, name: 'tables', sql: `-- the first\n${table('steps', 'id UInt64')};\n` }
      const second = { number: 2, name: 'more', sql: 'ALTER TABLE steps ADD COLUMN IF NOT EXISTS text String;\n' }
      expect(await migrate(warehouse, [first])).toEqual([1])
      expect(await migrate(warehouse, [second, first])).toEqual([2])
      expect(await migrate(warehouse, [first, second])).toEqual([])
      await warehouse.insert({ table: 'steps', columns: ['id', 'text'], rows: [[1, 'there']], token: 'a' })
      expect((await warehouse.query('SELECT text FROM steps', { rowsMax: 1 })).rows).toEqual([{ text: 'there' }])
      const changed = migrate(warehouse, [{ ...first, sql: `${first.sql} ` }, second])
      await expect(changed).rejects.toMatchObject({
        code: 'WAREHOUSE_MIGRATION',
        message: expect.stringContaining('migration 1 (tables)') as string,
      })
      await expect(migrate(warehouse, [first])).rejects.toMatchObject({ code: 'WAREHOUSE_MIGRATION' })
    })
  })
}
