import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openStores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { cli, temporaryFolder } from './cli.ts'
import { append, dataFolder } from './data-folder.ts'

const days = ['--from', '2013-02-01', '--to', '2013-02-02']

describe('what cannot be replayed is refused before there is a data folder', () => {
  test.each([
    ['no days', [], 'from'],
    ['a last day alone', ['--to', '2013-02-02'], 'from'],
    ['a day that is none', ['--from', '2013-02-30', '--to', '2013-03-01'], 'from'],
    ['a word for a day', ['--from', '2013-02-01', '--to', 'march'], 'to'],
    ['days that end before they start', ['--from', '2013-02-02', '--to', '2013-02-01'], 'to'],
    ['a dose beyond 1', [...days, '--inject', 'late=2'], 'inject'],
    ['a fault that is none', [...days, '--inject', 'lost=0.1'], 'inject'],
    ['half a seed', [...days, '--seed', '0.5'], 'seed'],
    ['no instant', [...days, '--model-from', 'tomorrow'], 'model-from'],
    ['a word too many', [...days, 'february'], undefined],
  ])('%s', async (_what, flags, field) => {
    const folder = join(temporaryFolder(), 'data')
    const { code, out, err } = await cli(['replay', '--data-dir', folder, '--json', ...flags])
    expect([code, out]).toEqual([2, ''])
    const { error } = JSON.parse(err) as { error: { code: string; field?: string } }
    expect(error.code).toBe('USAGE')
    expect(error.field).toBe(field)
    expect(existsSync(folder)).toBe(false)
  })
})

test.each(['up', 'replay'])('%s says so when a file is where the data folder should be', async name => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const { code, err } = await cli(
    [name, '--data-dir', file, '--no-open', ...days].filter(word => name === 'up' || word !== '--no-open'),
  )
  expect(code).toBe(2)
  expect(err).toContain(`${file} cannot be a data folder`)
  expect(err).toContain('--data-dir')
})

test('a data folder where no folder can be made is an error, not a wait', async () => {
  const { code, err } = await cli(['replay', '--data-dir', '/proc/slipstream/data', ...days])
  expect(code).toBe(2)
  expect(err).toContain('/proc/slipstream/data cannot be a data folder')
})

test('a data folder is made with those above it', async () => {
  const folder = join(temporaryFolder(), 'a', 'b', 'data')
  const stores = await openStores(configure({ dataDir: folder }).config, 'owner')
  await stores.close()
  expect(existsSync(folder)).toBe(true)
})

test.each(['up', 'worker', 'verify', 'version'])('%s takes no word behind its name', async name => {
  const { code, err } = await cli([name, 'extra'])
  expect(code).toBe(2)
  expect(err).toContain('"extra" is one argument too many')
})

test.each([
  ['up', '--no-open', '--port', '0'],
  ['replay', ...days],
  ['replay', '--resume', ...days],
])('%s %s: no recorded flights go into a folder whose event time is the wall clock', async (...words) => {
  const mark = { at: Date.UTC(2026, 10, 30) }
  const folder = await dataFolder(stores =>
    [append(stores, 'flights.events', ['Mark', 'mark', mark])].flatMap(each =>
      [0, 1].map(partition => ({ ...each, partition })),
    ),
  )
  const { code, err } = await cli([...words, '--data-dir', folder])
  expect(code).toBe(2)
  expect(err).toContain('holds events of the wall clock')
})
