import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openDoors, post } from './doors.ts'

const text = fs.readFileSync(path.join(import.meta.dirname, '../../docs/api.md'), 'utf8')

const shell = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code = '']) => code)

test('docs/api.md has examples', () => {
  expect(shell.length).toBeGreaterThanOrEqual(4)
})

test.each(shell)('example %# of docs/api.md is answered as it stands', async example => {
  const [, url = '', , body] =
    /^curl '?localhost:8080([^\s']+)'?(?: -H '([^']*)')?(?: -d '([\s\S]*)')?\n$/.exec(example) ?? []
  const { server } = openDoors()
  const answer = body === undefined ? await server.inject(url) : await post(server, url, JSON.parse(body))
  expect([answer.statusCode, answer.body]).toEqual([url === '/v1/events' ? 202 : 200, answer.body])
})

test('docs/api.md names every route', async () => {
  const { server } = openDoors()
  const { paths } = (await server.inject('/openapi.json')).json<{ paths: Record<string, Record<string, object>> }>()
  for (const [route, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) expect(text).toContain(`${method.toUpperCase()} ${route}`)
  }
})
