import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDoors } from './doors.ts'

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slipstream-page-'))
const html = { accept: 'text/html,*/*' }

beforeAll(() => {
  fs.mkdirSync(path.join(folder, 'assets'))
  fs.writeFileSync(path.join(folder, 'index.html'), '<title>slipstream</title>')
  fs.writeFileSync(path.join(folder, 'assets/main-A1B2C3D4.js'), 'start()')
  fs.writeFileSync(path.join(folder, '.secret'), 'sesame')
})

afterAll(() => fs.rmSync(folder, { recursive: true }))

const get = (url: string, headers: Record<string, string> = html) =>
  openDoors({ webFolder: folder }).server.inject({ url, headers })

test('the page is asked for again, its hashed files are kept for a year', async () => {
  const page = await get('/')
  expect(page.body).toContain('slipstream')
  expect(page.headers['cache-control']).toBe('no-cache')
  const script = await get('/assets/main-A1B2C3D4.js')
  expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(script.headers['content-type']).toContain('javascript')
})

test.each(['/drift?feature=hour', '/drift/originWind', '/models?version=x'])('%s gets the page', async url => {
  const page = await get(url)
  expect(page.statusCode).toBe(200)
  expect(page.headers['content-type']).toContain('text/html')
  expect(page.headers['cache-control']).toBe('no-cache')
  expect(page.headers['content-security-policy']).toContain("script-src 'self'")
})

test.each([
  '/nothing',
  '/models/nothing',
  '/driftwood',
  '/v1/nothing',
  '/assets/gone.js',
  '/health/nothing',
  '/.secret',
  '/../package.json',
  '/%2e%2e/package.json',
])('%s is no page', async url => {
  const answer = await get(url)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.statusCode).toBeGreaterThanOrEqual(400)
})

test('a file that is known is not sent again, parts of one are sent, and its head alone', async () => {
  const { headers } = await get('/assets/main-A1B2C3D4.js')
  const known = await get('/assets/main-A1B2C3D4.js', { 'if-none-match': String(headers['etag']) })
  expect([known.statusCode, known.body]).toEqual([304, ''])
  expect(known.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const part = await get('/assets/main-A1B2C3D4.js', { range: 'bytes=1-3' })
  expect([part.statusCode, part.body, part.headers['content-range']]).toEqual([206, 'tar', 'bytes 1-3/7'])
  const none = await get('/assets/main-A1B2C3D4.js', { range: 'bytes=7-' })
  expect([none.statusCode, none.headers['content-range']]).toEqual([416, 'bytes */7'])
  const head = await openDoors({ webFolder: folder }).server.inject({ method: 'HEAD', url: '/' })
  expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([200, '', '25'])
})

test.each(['/.secret', '/assets', '/../package.json'])('%s is not found', async url => {
  expect((await get(url)).statusCode).toBe(404)
})

test('programs that ask for JSON get a problem, not the page', async () => {
  const answer = await get('/drift', { accept: 'application/json' })
  expect(answer.json()).toMatchObject({ status: 404, code: 'ROUTE_UNKNOWN' })
})

test('methods that a route does not take are refused with a page as without', async () => {
  expect((await get('/v1/events')).statusCode).toBe(405)
})
