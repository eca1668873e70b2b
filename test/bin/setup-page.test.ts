import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSetupPage } from '../../bin/setup-page.mjs'

const state = {
  steps: [{ name: 'Install', expected: '10 s', state: 'running' as const, note: '' }],
  error: '',
}
let setup: Awaited<ReturnType<typeof openSetupPage>>
const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${setup.port}${path}`)

beforeEach(async () => {
  setup = await openSetupPage({ port: 0, host: '127.0.0.1', state })
})
afterEach(() => setup.close())

test('it is alive, but not ready', async () => {
  expect((await get('/health/live')).status).toBe(200)
  const ready = await get('/health/ready')
  expect(ready.status).toBe(503)
  expect(ready.headers.get('content-type')).toBe('application/problem+json')
})

test('the API answers that it is not there yet', async () => {
  const answer = await get('/v1/predictions?flight=UA1423')
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('5')
})

test('the page shows the steps as they are now', async () => {
  state.steps[0] = { name: 'Install', expected: '10 s', state: 'running', note: '7 of 9 packages' }
  expect(await (await get('/setup/steps')).json()).toMatchObject({ steps: [{ note: '7 of 9 packages' }] })
})

test('its own script is the only one that the page may run', async () => {
  const answer = await get('/')
  expect(await answer.text()).toContain('<title>Setting up - slipstream</title>')
  expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'sha256-[^ ]+';/)
})

test('a port that is taken is refused with the system’s reason', async () => {
  await expect(openSetupPage({ port: setup.port, host: '127.0.0.1', state })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})
