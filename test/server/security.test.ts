import { request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listen } from '../../src/server/server.ts'
import { openDoors } from './doors.ts'

/** Status of a request over loopback that claims to be for `host`. */
async function statusFor(host: string, hostNames?: string[]): Promise<number | undefined> {
  const { server } = openDoors(hostNames === undefined ? {} : { hostNames })
  onTestFinished(() => server.close())
  const port = await listen({ server, port: 0, host: '127.0.0.1' })
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path: '/v1/pipeline', headers: { host } }, answer => {
      answer.resume()
      resolve(answer.statusCode)
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('over loopback', () => {
  test.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'LOCALHOST'])(
    '%s is answered',
    async host => {
      expect(await statusFor(host)).toBe(200)
    },
  )

  test.each(['evil.example', 'evil.example:8080', 'localhost.evil.example', '127.0.0.1.evil.example'])(
    '%s is refused: it may be a web page that renamed itself',
    async host => {
      expect(await statusFor(host)).toBe(403)
    },
  )

  test('a name from the settings is answered', async () => {
    expect(await statusFor('slipstream.test', ['slipstream.test'])).toBe(200)
  })
})

test('answers forbid scripts, frames and connections of others, and no page elsewhere may read them', async () => {
  const { server } = openDoors()
  const { headers } = await server.inject({ url: '/v1/pipeline', headers: { origin: 'http://evil.example' } })
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("connect-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['access-control-allow-origin']).toBeUndefined()
  // On plain HTTP it would lock readers out.
  expect(headers['strict-transport-security']).toBeUndefined()
  expect(policy).not.toContain('upgrade-insecure-requests')
})
