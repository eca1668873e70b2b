// The commands that ask the running Slipstream, against its real server over invented flights.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { openablePages } from '../../src/cli/open.ts'
import { Failure } from '../../src/lib/failure.ts'
import type { Answer, TrainingAsked } from '../../src/server/program.ts'
import { buildServer, listen } from '../../src/server/server.ts'
import { pages } from '../../src/web/address.ts'
import { createFakeProgram, fakeAirports } from '../server/fake-program.ts'
import { cli, documentOf, temporaryFolder } from './cli.ts'

const program = createFakeProgram()
const server = buildServer({
  program,
  airports: fakeAirports(),
  webFolder: null,
  logLevel: 'silent',
  rateLimitPerMinute: 0,
})
let url = ''

beforeAll(async () => {
  program.advance(3_600_000)
  url = `http://127.0.0.1:${await listen({ server, port: 0, host: '127.0.0.1' })}`
})
afterAll(() => server.close())

const flight = [
  '--flight',
  'ua 1545',
  '--origin',
  'ewr',
  '--destination',
  'IAH',
  '--departure',
  '2013-02-09T10:00-05:00',
]

test('predict by flags gives one answer', async () => {
  const answer = documentOf<Answer>(await cli(['predict', ...flight, '--horizon', '120', '--url', url, '--json']))
  expect(answer.flightId).toContain('UA-1545-EWR-IAH')
  expect(answer).toMatchObject({ horizonMinutes: 120 })
  const { out } = await cli(['predict', ...flight, '--url', url])
  expect(out).toMatch(/likely to arrive 15 minutes late or more: (late|on time)\n/)
})

test('the address follows from the settings host and port', async () => {
  const { port } = new URL(url)
  expect((await cli(['predict', ...flight, '--port', port])).code).toBe(0)
})

test('predict --batch answers every line in order', async () => {
  const file = join(temporaryFolder(), 'questions.ndjson')
  const ask = (flightNumber: number) => ({
    carrier: 'UA',
    flightNumber,
    origin: 'EWR',
    destination: 'IAH',
    scheduledDepartureAt: '2013-02-09T15:00:00Z',
  })
  const numbers = Array.from({ length: 501 }, (_, n) => n + 1)
  writeFileSync(file, numbers.map(n => JSON.stringify(ask(n))).join('\n'))
  const { answers } = documentOf<{ answers: Answer[] }>(await cli(['predict', '--batch', file, '--url', url, '--json']))
  expect(answers.map(({ flightId }) => flightId.split('-')[1])).toEqual(numbers.map(String))
})

test('predict --explain says why, in words', async () => {
  const { out } = await cli(['predict', ...flight, '--explain', '--url', url])
  expect(out).toContain("later   +0.41  the aircraft's last leg landed 38 minutes late")
  const answer = documentOf<Answer>(await cli(['predict', ...flight, '--explain', '--url', url, '--json']))
  expect(answer.explanation?.reasons).toHaveLength(1)
})

const wrong: [words: string[], code: string, exit: number, field: string][] = [
  [['--flight', '1545'], 'USAGE', 2, 'flight'],
  [['--flight', 'UA1545'], 'USAGE', 2, 'origin'],
  [[...flight, '--arrival', 'noon'], 'USAGE', 2, 'arrival'],
  [[...flight, '--horizon', 'long'], 'USAGE', 2, 'horizon'],
  [['--batch', 'questions.ndjson', '--explain'], 'USAGE', 2, 'explain'],
  [[...flight, '--origin', 'ZZZ'], 'AIRPORT_UNKNOWN', 1, 'origin'],
  [[...flight, '--url', 'localhost'], 'USAGE', 2, 'url'],
]
test.each(wrong)('predict %j fails with %s', async (words, code, exit, field) => {
  const { code: exitCode, out, err } = await cli(['predict', '--url', url, ...words, '--json'])
  expect(out).toBe('')
  expect(JSON.parse(err)).toMatchObject({ error: { code, field } })
  expect(exitCode).toBe(exit)
})

test('status shows stages and totals', async () => {
  const { stages } = documentOf<{ stages: { name: string }[] }>(await cli(['status', '--url', url, '--json']))
  const { out } = await cli(['status', '--url', url])
  for (const { name } of stages) expect(out).toContain(name)
  expect(out).toContain('balance')
})

test('while it is not ready predict ends with exit code 3 and says why', async () => {
  program.setReady(false)
  onTestFinished(() => program.setReady(true))
  const { code, err } = await cli(['predict', ...flight, '--url', url])
  expect(code).toBe(3)
  expect(err).toContain('error[NOT_READY]')
})

test.each([['predict', ...flight], ['status'], ['open', 'drift']])(
  'with nothing there %s ends with exit code 3',
  async (...words) => {
    const { code, out, err } = await cli([...words, '--url', 'http://127.0.0.1:1'])
    expect(code).toBe(3)
    expect(out).toBe('')
    expect(err).toContain('error[NOT_RUNNING]: no Slipstream answers at http://127.0.0.1:1')
    expect(err).toContain('npm start')
  },
)

test('open hands the address of a page to the browser', async () => {
  const folder = temporaryFolder()
  const note = join(folder, 'opened')
  writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\necho "$1" > "${note}.new" && mv "${note}.new" "${note}"\n`, {
    mode: 0o755,
  })
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { code, out } = await cli(['open', 'drift', '--url', url])
  expect([code, out]).toEqual([0, `${new URL('drift', url).href}\n`])
  await expect.poll(() => existsSync(note) && readFileSync(note, 'utf8')).toBe(`${new URL('drift', url).href}\n`)
})

test('open knows the pages there are, and the columns of one', async () => {
  expect(openablePages).toEqual(pages.map(({ name }) => name))
  const { code, err } = await cli(['open', 'drfit', '--url', url])
  expect([code, err]).toEqual([2, expect.stringContaining('Did you mean "drift"?')])
  vi.stubEnv('PATH', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect((await cli(['open', 'live', '--url', url])).out).toBe(`${new URL('/', url).href}\n`)
  expect((await cli(['open', 'drift/originWind', '--url', url])).out).toContain('/drift/originWind')
})

test('another program at the port is not taken for Slipstream', async () => {
  const other = createServer((_, response) => response.end('hello'))
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { code, err } = await cli(['status', '--port', String((other.address() as AddressInfo).port)])
  expect(code).toBe(3)
  expect(err).toContain('not as Slipstream does')
})

const event = (n: number) => ({
  type: 'FlightDeparted',
  flightId: `flight-${n}`,
  at: '2013-02-06T06:00:00Z',
  departedAt: '2013-02-06T05:59:00Z',
})

test('produce publishes every event of a file', async () => {
  const file = join(temporaryFolder(), 'events.ndjson')
  writeFileSync(file, Array.from({ length: 1200 }, (_, n) => JSON.stringify(event(n))).join('\n'))
  const before = program.published.length
  const words = ['topics', 'produce', 'flights.events', file, '--url', url, '--json']
  expect(documentOf(await cli(words))).toMatchObject({ topic: 'flights.events', published: 1200 })
  expect(program.published.slice(before).map(({ value }) => (value as { flightId: string }).flightId)).toEqual(
    Array.from({ length: 1200 }, (_, n) => `flight-${n}`),
  )
})

test('produce tells how much was published before the batch with a fault', async () => {
  const file = join(temporaryFolder(), 'events.ndjson')
  const events = Array.from({ length: 1001 }, (_, n) => (n === 1000 ? { ...event(n), departedAt: 'noon' } : event(n)))
  writeFileSync(file, events.map(each => JSON.stringify(each)).join('\n'))
  const { code, err } = await cli(['topics', 'produce', 'flights.events', file, '--url', url])
  expect(code).toBe(1)
  expect(err).toContain('field: [0].departedAt')
  expect(err).toContain('1000 events before this batch (from line 1001 on) were published')
})

test.each(['flights.timeline', 'flights.nowhere'])('produce refuses %s', async topic => {
  const { code, err } = await cli(['topics', 'produce', topic, '--url', url])
  expect(code).toBe(2)
  expect(err).toContain('Producers publish to flights.events')
})

test('runs train asks for a training, once at a time', async () => {
  const asked = documentOf<TrainingAsked>(await cli(['runs', 'train', '--why', 'New routes.', '--url', url, '--json']))
  expect(asked).toMatchObject({ why: 'New routes.', at: Date.UTC(2013, 1, 6, 6) })
  const { out } = await cli(['runs', 'train', '--url', url])
  expect(out).toMatch(/^training o-2013-02-06T06:00 is asked for, on \d+ outcomes up to /)
  program.failWith(new Failure('TRAINING_OPEN', 'the training o-1 is open'))
  onTestFinished(() => program.failWith(undefined))
  const { code, err } = await cli(['runs', 'train', '--url', url])
  expect([code, err]).toEqual([1, expect.stringContaining('the training o-1 is open')])
})
