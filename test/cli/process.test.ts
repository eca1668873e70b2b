// What only a process of its own can show: exit codes, pipes, signals.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryFolder } from './cli.ts'
import { append, dataFolder, departed } from './data-folder.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

function start(...words: string[]) {
  return spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
}

const filled = () =>
  dataFolder(stores =>
    Array.from({ length: 3000 }, (_, n) => append(stores, 'flights.events', ['FlightDeparted', `f${n}`, departed])),
  )

test('a usage error is exit code 2 with nothing on stdout', async () => {
  const child = start('topcis', '--json')
  const [out, err] = [child.stdout.toArray(), child.stderr.toArray()]
  const [code] = await once(child, 'close')
  expect(code).toBe(2)
  expect(await out).toEqual([])
  expect(JSON.parse(Buffer.concat(await err).toString())).toMatchObject({ error: { code: 'USAGE' } })
})

test('a reader that has had enough is no error', async () => {
  const child = start('topics', 'tail', 'flights.events', '--from-beginning', '--json', '--data-dir', await filled())
  const err = child.stderr.toArray()
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [code] = await once(child, 'close')
  expect(Buffer.concat(await err).toString()).toBe('')
  expect(code).toBe(0)
})

test('tail --follow ends with exit code 130 when it is interrupted', async () => {
  const child = start('topics', 'tail', 'flights.events', '--follow', '--limit', '1', '--data-dir', await filled())
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  expect(code).toBe(130)
})

test('a replay keeps what it says, from its start to its end, and logs --follow tells it on until it is interrupted', async () => {
  const folder = temporaryFolder()
  const follower = start('logs', '--follow', '--json', '--data-dir', folder)
  let told = ''
  const hasEnded = new Promise<void>(resolve => {
    follower.stdout.on('data', bytes => {
      told += String(bytes)
      if (told.includes('replay ends')) resolve()
    })
  })
  const replay = start('replay', '--from', '2013-01-01', '--to', '2013-01-01', '--no-digests', '--data-dir', folder)
  replay.stdout.resume()
  replay.stderr.resume()
  await once(replay, 'close')
  await hasEnded
  follower.kill('SIGINT')
  const [code] = await once(follower, 'close')
  expect(code).toBe(130)
  const messages = told
    .trimEnd()
    .split('\n')
    .map(line => (JSON.parse(line) as { message: string }).message)
  const pid = String(replay.pid)
  expect(messages[0]).toMatch(new RegExp(`^replay begins: .*process ${pid}$`))
  expect(messages.at(-1)).toBe(`replay ends: process ${pid}, exit code 0`)
})
