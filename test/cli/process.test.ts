// What only a process of its own can show: exit codes, pipes, signals.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
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
