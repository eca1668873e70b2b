import { expect, test } from 'vitest'
import { migrate, migrationHash, statementsOf } from '../../src/runtime/migrations.ts'
import { FakeWarehouse } from '../jobs/fake-warehouse.ts'

const first = { number: 1, name: 'tables', sql: 'CREATE TABLE a (id Int8);\nCREATE TABLE b (id Int8);\n' }
const second = { number: 2, name: 'more', sql: 'CREATE TABLE c (id Int8);\n' }

test('statements end at a semicolon at the end of a line, comments are left out', () => {
  expect(statementsOf("-- a; b\nCREATE a\n(\n  -- why\n  x 'a;b'\n);\n\n CREATE b ; \nCREATE c")).toEqual([
    "CREATE a\n(\n\n  x 'a;b'\n)",
    'CREATE b',
    'CREATE c',
  ])
  expect(statementsOf('-- nothing;\n')).toEqual([])
})

test('statements run in the order of the migrations, once', async () => {
  const warehouse = new FakeWarehouse()
  expect(await migrate(warehouse, [second, first])).toEqual([1, 2])
  expect(warehouse.statements.slice(1)).toEqual([
    'CREATE TABLE a (id Int8)',
    'CREATE TABLE b (id Int8)',
    'CREATE TABLE c (id Int8)',
  ])
  expect(warehouse.rows('migrations')).toEqual([
    { number: 1, name: 'tables', hash: migrationHash(first) },
    { number: 2, name: 'more', hash: migrationHash(second) },
  ])
  expect(await migrate(warehouse, [first, second])).toEqual([])
  expect(warehouse.statements.filter(statement => statement.startsWith('CREATE TABLE a'))).toHaveLength(1)
})

test('a migration that was killed half way is begun again', async () => {
  for (let dies = 1; dies < 20; dies++) {
    const warehouse = new FakeWarehouse()
    warehouse.fault = call => {
      if (call === dies) throw new Error('killed')
    }
    const finished = await migrate(warehouse, [first, second])
      .then(() => true)
      .catch(() => false)
    warehouse.fault = () => undefined
    await migrate(warehouse, [first, second])
    expect(warehouse.rows('migrations').map(row => row['number'])).toEqual([1, 2])
    if (finished) return
  }
  expect.unreachable('some number of calls is enough')
})

test('an old migration that reads differently now is refused by its name, and nothing runs', async () => {
  const warehouse = new FakeWarehouse()
  await migrate(warehouse, [first])
  const before = warehouse.statements.length
  const edited = migrate(warehouse, [{ ...first, sql: first.sql.replace('Int8', 'Int16') }, second])
  await expect(edited).rejects.toMatchObject({
    code: 'WAREHOUSE_MIGRATION',
    message: expect.stringContaining('1 (tables)') as string,
  })
  expect(warehouse.statements.slice(before)).toEqual([warehouse.statements[0]])
})

test('the tables of a newer program are left alone', async () => {
  const warehouse = new FakeWarehouse()
  await migrate(warehouse, [first, second])
  await expect(migrate(warehouse, [first])).rejects.toMatchObject({
    code: 'WAREHOUSE_MIGRATION',
    message: expect.stringContaining('2 (more)') as string,
  })
})
