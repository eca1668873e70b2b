import { expect, test } from 'vitest'
import { Journal, journalReader } from '../../src/app/journal.ts'
import { configure, type SettingName, settings } from '../../src/config.ts'
import { Failure } from '../../src/lib/failure.ts'
import { temporaryFolder } from '../cli/cli.ts'

async function kept(say: (journal: Journal) => void, flags: Partial<Record<SettingName, string>> = {}) {
  const { config } = configure({ dataDir: temporaryFolder(), ...flags })
  const journal = new Journal(config, () => expect.unreachable())
  say(journal)
  await journal.close()
  return journalReader(config).last(100, () => true)
}

test('a line has its instant, how bad it is, the stage or task and the code', async () => {
  const lines = await kept(journal => {
    journal.open()
    journal.info('it begins')
    journal.trouble('score-3', new Failure('LOG_UNREACHABLE', 'no broker answers'))
    journal.trouble('warehouse', new Failure('WAREHOUSE_MISFIT', 'the table has another shape'))
    journal.trouble('view of flights.models', new Error('it broke'))
  })
  const rest = { at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string, pid: process.pid }
  expect(lines).toEqual([
    { ...rest, level: 'info', stage: null, task: null, code: null, message: 'it begins' },
    { ...rest, level: 'warn', stage: 'score', task: 'score-3', code: 'LOG_UNREACHABLE', message: 'no broker answers' },
    {
      ...rest,
      level: 'error',
      stage: 'warehouse',
      task: null,
      code: 'WAREHOUSE_MISFIT',
      message: 'the table has another shape',
    },
    { ...rest, level: 'error', stage: null, task: null, code: null, message: 'view of flights.models: it broke' },
  ])
})

test("the server's own lines are among them", async () => {
  const [line] = await kept(journal => {
    journal.open()
    journal.server('{"level":50,"time":1,"err":{"type":"Error","message":"reset","stack":"..."},"msg":"live socket"}\n')
  })
  expect(line).toMatchObject({ level: 'error', stage: 'api', message: 'live socket: reset' })
})

test('nothing is written into a folder that did not become ours, and what was said before it did is kept', async () => {
  expect(await kept(journal => journal.info('it begins'))).toEqual([])
  const lines = await kept(journal => {
    journal.info('it begins')
    journal.open()
    journal.info('it is ours')
  })
  expect(lines.map(({ message }) => message)).toEqual(['it begins', 'it is ours'])
})

test('no secret of the settings is in it, whichever setting it is, and no password of an address', async () => {
  const secret = (Object.keys(settings) as SettingName[]).filter(name => 'isSecret' in settings[name])
  expect(secret.length).toBeGreaterThan(3)
  const flags = Object.fromEntries(secret.map(name => [name, `hidden-${name}`]))
  const lines = await kept(journal => {
    journal.open()
    for (const name of secret) {
      journal.info(`it was asked with hidden-${name}`)
      journal.trouble(`view of hidden-${name}`, new Error(`hidden-${name} is not welcome`))
      journal.server(JSON.stringify({ level: 40, msg: `hidden-${name}` }))
    }
    journal.trouble('api', new Error('http://someone:something@proxy:80/ refused it'))
  }, flags)
  const text = JSON.stringify(lines)
  expect(text).not.toContain('hidden-')
  expect(text).not.toContain('something')
  expect(text).toContain('it was asked with ***')
  expect(text).toContain('http://***@proxy:80/ refused it')
})
