// The warehouse as somebody uses it: filled and asked from the command line, beside a pipeline that runs and beside a
// replay; its process killed; its folder in use; its library missing.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Command, documentOf as documentOfProcess, start } from '../../scripts/proof/children.ts'
import { hasChdb } from '../../src/adapters/warehouse-chdb.ts'
import { openWarehouse, WarehouseProcess } from '../../src/app/warehouse.ts'
import { openStores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { failureIn } from '../../src/lib/failure.ts'
import type { QueryAnswer } from '../../src/runtime/warehouse.ts'
import type { Status } from '../../src/server/program.ts'
import { cli, documentOf } from '../cli/cli.ts'
import { skipUnless } from '../skips.ts'
import { compare, fill, rowsMax, tablesOf, warehousesOf } from './warehouse-world.ts'

const here = skipUnless(
  hasChdb(),
  'The warehouse of a running pipeline needs the embedded ClickHouse',
  'node bin/slipstream.mjs warehouse install',
)
const project = join(import.meta.dirname, '..', '..')
const twoDays = ['--from', '2013-02-07', '--to', '2013-02-08', '--model-from', '2013-02-07T05:00:00Z']

type Lag = { topic: string; partition: number; position: number; end: number }

let root: string
let folders = 0

const newFolder = () => join(root, `${folders++}`)

async function filledFolder(): Promise<string> {
  const dataDir = newFolder()
  const stores = await openStores(configure({ dataDir }).config, 'owner')
  await fill(stores)
  await stores.close()
  return dataDir
}

/** Table by table, row by row: once each. */
async function expectTopicsIn(dataDir: string): Promise<void> {
  const stores = await openStores(configure({ dataDir }).config, 'reader')
  const tables = await tablesOf(stores)
  await stores.close()
  const troubles: unknown[] = []
  const warehouse = await WarehouseProcess.open({ dataDir, fills: false, onTrouble: error => troubles.push(error) })
  await compare(sql => warehouse.query(sql, rowsMax), tables)
  await warehouse.close()
  expect(troubles).toEqual([])
}

async function until<T>(ask: () => Promise<T> | T, isWished: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (isWished(answer)) return answer
    await sleep(50)
  }
}

const errorOf = (err: string) => (JSON.parse(err.trim().split('\n').at(-1) ?? '') as { error: unknown }).error

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'slipstream-warehouse-program-'))
})

afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }))

here.describe('sync, status and sql over a data folder', () => {
  let dataDir: string
  const sql = (question: string, ...flags: string[]) => cli(['sql', question, '--data-dir', dataDir, ...flags])

  beforeAll(async () => {
    dataDir = await filledFolder()
  })

  test('without a warehouse they say how to fill one', async () => {
    const { code, err } = await sql('SELECT 1', '--json')
    expect([code, errorOf(err)]).toMatchObject([1, { code: 'SOURCE_UNREADABLE', field: 'data-dir' }])
    expect(err).toContain('slipstream warehouse sync')
  })

  test('where there are no topics sync says so, and makes no warehouse', async () => {
    const empty = newFolder()
    const { code, err } = await cli(['warehouse', 'sync', '--data-dir', empty, '--json'])
    expect([code, errorOf(err)]).toMatchObject([1, { code: 'SOURCE_UNREADABLE' }])
    expect(existsSync(empty)).toBe(false)
  })

  test('sync copies all there is, and a second time changes nothing', async () => {
    const first = await cli(['warehouse', 'sync', '--data-dir', dataDir, '--json'])
    expect([first.code, first.err]).toEqual([0, expect.any(String) as string])
    const { lag } = documentOf<{ lag: Lag[] }>(first)
    expect(lag.length).toBeGreaterThan(4)
    expect(lag.filter(({ position, end }) => position !== end)).toEqual([])
    await expectTopicsIn(dataDir)
    const before = await cli(['warehouse', 'status', '--data-dir', dataDir, '--json'])
    expect((await cli(['warehouse', 'sync', '--data-dir', dataDir])).out).toContain('STORED TO')
    await expectTopicsIn(dataDir)
    const rows = (ran: typeof before) =>
      documentOf<{ tables: { table: string; rows: number }[] }>(ran).tables.map(table => [
        table.table,
        Number(table.rows),
      ])
    expect(rows(await cli(['warehouse', 'status', '--data-dir', dataDir, '--json']))).toEqual(rows(before))
    expect(Object.fromEntries(rows(before))).toMatchObject({ predictions: 1500 })
  })

  test('sql answers in columns or as a document, and says when there was more', async () => {
    const question = 'SELECT origin, count() AS flights FROM predictions FINAL GROUP BY origin'
    expect((await sql(question)).out).toMatch(/ORIGIN +FLIGHTS|origin +flights/)
    const answer = documentOf<QueryAnswer>(await sql(question, '--json'))
    expect(answer).toMatchObject({ columns: [{ name: 'origin' }, { name: 'flights' }], truncated: false })
    expect(answer.rows.map(({ flights }) => Number(flights))).toEqual([1500])
    const few = await sql('SELECT flight_id FROM predictions ORDER BY flight_id', '--limit', '7')
    expect(few.out.trim().split('\n').length).toBe(8)
    expect(few.err).toContain('7 rows, and there are more (--limit)')
  })

  test.each([
    ['a table that is not there', 'SELECT * FROM nowhere', /nowhere/],
    ['what is no SQL', 'SELEC 1', /./],
    ['a change', 'DROP TABLE predictions', /./],
    ['a file of this machine', "SELECT * FROM file('/etc/passwd', 'LineAsString')", /file/],
  ])('%s is refused by name', async (_, question, said) => {
    const { code, err, out } = await sql(question, '--json')
    expect([code, out, errorOf(err)]).toMatchObject([1, '', { code: 'QUERY_REFUSED' }])
    expect((errorOf(err) as { message: string }).message).toMatch(said)
    expect(documentOf<QueryAnswer>(await sql('SELECT count() AS n FROM predictions', '--json')).rows).toEqual([
      { n: 1500 },
    ])
  })

  test('a warehouse of another log is refused by name, and left as it is', async () => {
    const other = newFolder()
    const stores = await openStores(configure({ dataDir: other }).config, 'owner')
    await stores.log.createTopics([{ name: 'flights.predictions', partitions: 2, cleanup: 'delete' }])
    await stores.close()
    cpSync(join(dataDir, 'warehouse'), join(other, 'warehouse'), { recursive: true })
    const { code, err } = await cli(['warehouse', 'sync', '--data-dir', other, '--json'])
    expect([code, errorOf(err)]).toMatchObject([1, { code: 'WAREHOUSE_MISFIT' }])
    const { out } = await cli(['sql', 'SELECT count() AS n FROM predictions', '--data-dir', other, '--json'])
    expect((JSON.parse(out) as QueryAnswer).rows).toEqual([{ n: 1500 }])
  })

  test('while another process has it open, a command says who, and a pipeline waits for its turn', async () => {
    const owner = await WarehouseProcess.open({ dataDir, fills: false, onTrouble: () => undefined })
    // nothing answers at this address, so that the folder alone can be asked
    const port = ['--port', '1']
    for (const args of [
      ['warehouse', 'sync'],
      ['warehouse', 'status', ...port],
      ['sql', 'SELECT 1', ...port],
    ]) {
      const { code, err } = await cli([...args, '--data-dir', dataDir, '--json'])
      expect([code, errorOf(err)]).toMatchObject([1, { code: 'WAREHOUSE_LOCKED' }])
    }
    const troubles: unknown[] = []
    const onTrouble = (error: unknown) => void troubles.push(failureIn(error)?.code)
    await expect(
      openWarehouse(configure({ warehouse: 'chdb', dataDir }).config, { auto: false, onTrouble }),
    ).rejects.toMatchObject({
      code: 'WAREHOUSE_LOCKED',
    })
    const waiting = await openWarehouse(configure({ warehouse: 'auto', dataDir }).config, { auto: true, onTrouble })
    await until(
      () => waiting?.state,
      state => state === 'waiting',
    )
    expect(waiting?.why).toMatch(/belongs to process \d+/)
    await expect(waiting?.query('SELECT 1', 1)).rejects.toMatchObject({ code: 'WAREHOUSE_FAILED' })
    await owner.close()
    await until(
      () => waiting?.state,
      state => state === 'running',
    )
    await waiting?.caughtUp()
    await waiting?.close()
    expect(new Set(troubles)).toEqual(new Set(['WAREHOUSE_LOCKED']))
  })
})

here.describe('the process of the warehouse', () => {
  test('killed again and again is started again, and every row is there once', async () => {
    const dataDir = await filledFolder()
    const troubles: unknown[] = []
    const onTrouble = (error: unknown) => void troubles.push(failureIn(error)?.code)
    const warehouse = await WarehouseProcess.open({ dataDir, fills: true, onTrouble })
    const kills = 3
    for (let kill = 1; kill <= kills; kill++) {
      const [pid, ...more] = warehousesOf(process.pid)
      expect(more).toEqual([])
      const asked = warehouse.query('SELECT sleep(3)', 1).catch(failureIn)
      process.kill(pid as number, 'SIGKILL')
      expect(await asked).toMatchObject({ code: 'WAREHOUSE_FAILED', message: expect.stringContaining('now') as string })
      // not at once: the end of a process is heard a little later
      await until(
        () => troubles.length,
        count => count === kill,
      )
      await until(
        () => warehouse.state,
        state => state === 'running',
      )
    }
    await warehouse.caughtUp()
    await warehouse.close()
    expect(troubles).toEqual(Array.from({ length: kills }, () => 'WAREHOUSE_FAILED'))
    await expectTopicsIn(dataDir)
  })

  test('beside a pipeline: killed, the stream does not notice, and the tables are whole in the end', async () => {
    const dataDir = newFolder()
    const days = ['--from', '2013-02-07', '--to', '2013-02-08', '--fast-until', '2013-02-09', '--speed', 'max']
    const flags = ['--port', '0', '--data-dir', dataDir, '--no-open', '--rate-limit', '1000000', '--warehouse', 'chdb']
    const up = start(['up', '--json', ...days, '--model-from', '2013-02-07T05:00:00Z', ...flags])
    try {
      const url = await urlOf(up)
      const get = async <T>(path: string) => (await (await fetch(`${url}${path}`)).json()) as T
      const warehouse = () => get<{ state: string; why: string | null; lag: Lag[] }>('/v1/warehouse')
      await until(warehouse, ({ state }) => state === 'running')
      process.kill(warehousesOf(up.child.pid as number)[0] as number, 'SIGKILL')
      expect((await until(warehouse, ({ state }) => state !== 'running')).lag).toEqual([])
      const { totals, balance } = await until(
        () => get<Status>('/v1/pipeline'),
        ({ replay }) => replay?.done === true,
      )
      expect([totals.predictions > 1500, balance.even]).toEqual([true, true])
      await until(warehouse, ({ state }) => state === 'running')
      await until(
        () => cli(['sql', 'SELECT count() AS n FROM predictions FINAL', '--url', url, '--json']),
        ({ code, out }) => code === 0 && Number((JSON.parse(out) as QueryAnswer).rows[0]?.['n']) === totals.predictions,
      )
      // the folder is the pipeline's, so the pipeline is asked
      const port = new URL(url).port
      const asked = await cli(['warehouse', 'status', '--data-dir', dataDir, '--port', port, '--json'])
      expect([asked.code, documentOf<{ tables: unknown[] }>(asked).tables.length > 10]).toEqual([0, true])
      up.child.kill('SIGINT')
      expect(await up.ended).toMatchObject({ code: 0 })
    } finally {
      up.child.kill('SIGKILL')
    }
    expect((await cli(['warehouse', 'sync', '--data-dir', dataDir])).code).toBe(0)
    await expectTopicsIn(dataDir)
  })

  test('beside a replay: its document says when the last row was stored, and the tables are the topics', async () => {
    const dataDir = newFolder()
    const args = ['replay', ...twoDays, '--data-dir', dataDir, '--warehouse', 'chdb', '--no-digests']
    const { balanced, predictions, warehouse } = await documentOfProcess<{
      balanced: boolean
      predictions: number
      warehouse: { secondsAfter: number }
    }>(args)
    expect(balanced).toBe(true)
    expect(warehouse.secondsAfter).toBeGreaterThanOrEqual(0)
    const asked = await cli(['sql', 'SELECT count() AS n FROM predictions', '--data-dir', dataDir, '--json'])
    expect(documentOf<QueryAnswer>(asked).rows).toEqual([{ n: predictions }])
    await expectTopicsIn(dataDir)
  })
})

describe('without the embedded ClickHouse', () => {
  /** The program where it was never installed. */
  let bare: string

  beforeAll(() => {
    bare = newFolder()
    mkdirSync(join(bare, 'warehouse'), { recursive: true })
    for (const each of [
      'bin',
      'src',
      'schemas',
      'topics',
      'warehouse/migrations',
      'warehouse/package.json',
      'package.json',
    ]) {
      cpSync(join(project, each), join(bare, each), { recursive: true })
    }
    for (const each of ['node_modules', 'data']) symlinkSync(join(project, each), join(bare, each))
  })

  const bareStart = (...args: string[]) => start(args, join(bare, 'src', 'cli', 'main.ts'))

  test.each([
    ['warehouse sync', (dataDir: string) => ['warehouse', 'sync', '--data-dir', dataDir]],
    ['replay --warehouse chdb', () => ['replay', ...twoDays, '--warehouse', 'chdb', '--data-dir', newFolder()]],
    ['up --warehouse chdb', () => ['up', '--warehouse', 'chdb', '--port', '0', '--data-dir', newFolder()]],
  ])('%s says how to get it', async (_, args) => {
    const { code, out, err } = await bareStart(...args(await filledFolder()), '--json').ended
    expect([code, out, errorOf(err)]).toMatchObject([
      1,
      '',
      { code: 'WAREHOUSE_MISSING', help: expect.stringContaining('slipstream warehouse install') as string },
    ])
  })

  test('a replay that did not ask for it does without', async () => {
    const { code, out } = await bareStart('replay', ...twoDays, '--no-digests', '--data-dir', newFolder(), '--json')
      .ended
    expect([code, (JSON.parse(out) as { balanced: boolean }).balanced]).toEqual([0, true])
    expect(out).not.toContain('warehouse')
  })
})

function urlOf({ child, ended }: Command): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = ''
    child.stdout?.on('data', bytes => {
      out += String(bytes)
      const [, url] = /"event":"ready","url":"([^"]+)"/.exec(out) ?? []
      if (url !== undefined) resolve(url.replace('localhost', '127.0.0.1'))
    })
    void ended.then(({ err }) => reject(new Error(`it ended before it listened: ${err}`)))
  })
}
