import { writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStores } from '../../src/app.ts'
import { checks, type Finding } from '../../src/cli/doctor-checks.ts'
import { portOwner } from '../../src/cli/port-owner.ts'
import { type Config, configure } from '../../src/config.ts'
import { cli, documentOf, temporaryFolder } from './cli.ts'
import { dataFolder } from './data-folder.ts'

async function look(name: string, flags: Parameters<typeof configure>[0]) {
  return await checks[name]?.(configure(flags).config satisfies Config)
}

async function busyPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('a machine that has everything passes, and every check is told', async () => {
  const { code, out } = await cli(['doctor', '--json', '--port', '0', '--data-dir', join(temporaryFolder(), 'new')])
  const report = JSON.parse(out) as { healthy: boolean; checks: Finding[] }
  expect(report.checks.filter(({ state }) => state === 'FAIL')).toEqual([])
  expect(report.checks.map(({ name }) => name)).toEqual(Object.keys(checks))
  expect(code).toBe(0)
})

test('one failed check is exit code 4, with what to do', async () => {
  const port = await busyPort()
  const { code, out } = await cli(['doctor', '--port', String(port), '--data-dir', join(temporaryFolder(), 'new')])
  expect(code).toBe(4)
  expect(out).toContain(`FAIL  port       ${port} is in use by `)
  expect(out).toContain(`--port ${port + 1}`)
  expect(out).toContain('1 failed')
})

test('the process at a port is named', async () => {
  const port = await busyPort()
  expect(portOwner(port)).toMatchObject({ pid: process.pid })
})

test('a data folder in use is not a fault, and its owner is named', async () => {
  const folder = await dataFolder(() => [])
  expect(await look('log', { dataDir: folder })).toMatchObject({ state: 'ok', message: 'opens, and no process has it' })
  const owner = await openStores(configure({ dataDir: folder }).config, 'owner')
  try {
    const seen = await look('log', { dataDir: folder })
    expect(seen).toMatchObject({ state: 'ok', message: expect.stringContaining(`process ${process.pid}`) })
  } finally {
    await owner.close()
  }
})

test('looking for a log makes none', async () => {
  const folder = temporaryFolder()
  expect(await look('log', { dataDir: folder })).toMatchObject({ state: 'ok', message: 'none yet' })
  expect(documentOf(await cli(['doctor', '--json', '--port', '0', '--data-dir', folder]))).toMatchObject({ failed: 0 })
  expect(await look('log', { dataDir: folder })).toMatchObject({ message: 'none yet' })
})

test('a log that is none fails', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'slipstream.db'), 'not a database, though it has more than a few bytes in it')
  expect(await look('log', { dataDir: folder })).toMatchObject({ state: 'FAIL', fix: expect.any(String) })
})

test('a data folder that is a file fails', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  expect(await look('data dir', { dataDir: file })).toMatchObject({ state: 'FAIL' })
})

test('a source without flights fails and names what is missing', async () => {
  const folder = temporaryFolder()
  expect(await look('source', { source: folder })).toMatchObject({
    state: 'FAIL',
    message: expect.stringContaining('neither airports.csv nor airports.csv.gz'),
  })
  writeFileSync(join(folder, 'airports.csv'), 'faa,name,lat,lon,tzone\nEWR,Newark,40.7,-74.2,America/New_York\n')
  writeFileSync(join(folder, 'flights.csv'), 'year,month\n')
  expect(await look('source', { source: folder })).toMatchObject({
    state: 'FAIL',
    message: expect.stringContaining('day'),
  })
})

test('stores that do not answer are named, and what to do', async () => {
  const away = 'http://127.0.0.1:1'
  expect(await look('registry', { schemaRegistryUrl: away })).toMatchObject({
    state: 'FAIL',
    message: expect.stringContaining('127.0.0.1:1') as string,
    fix: expect.stringContaining('schemaRegistryUrl') as string,
  })
  const s3 = { s3Endpoint: away, s3Bucket: 'models', s3AccessKey: 'a', s3SecretKey: 'open-sesame' }
  const found = await look('s3', s3)
  expect(found).toMatchObject({ state: 'FAIL', message: expect.stringMatching(/models at .*ECONNREFUSED/) as string })
  expect(JSON.stringify(found)).not.toContain('open-sesame')
  expect(await look('s3', { s3Endpoint: away })).toMatchObject({ state: 'FAIL', fix: 'Set --s3-bucket NAME.' })
  expect(await look('warehouse', { clickhouseUrl: away })).toMatchObject({
    state: 'FAIL',
    message: expect.stringContaining('ECONNREFUSED') as string,
  })
})

test('a registry that lacks our schemas is a word, not a failure', async () => {
  const server = createHttpServer((_, response) => {
    response.statusCode = 404
    response.end('{"message": "not found", "error_code": 40401}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await look('registry', { schemaRegistryUrl: url })).toMatchObject({
    state: 'warn',
    fix: expect.stringContaining('topics create') as string,
  })
})

test('brokers that do not answer are a fault, named, with what to look at', async () => {
  const flags = { engine: 'kafka', kafkaBrokers: '127.0.0.1:1', dataDir: join(temporaryFolder(), 'new') }
  expect(await look('log', flags)).toMatchObject({
    state: 'FAIL',
    message: expect.stringContaining('127.0.0.1:1'),
    fix: expect.stringContaining('kafkaBrokers'),
  })
  expect(await look('log', { ...flags, kafkaBrokers: 'nonsense' })).toMatchObject({ state: 'FAIL' })
})
