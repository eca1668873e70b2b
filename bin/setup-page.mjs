// What the port answers while packages are installed: a page that ticks the steps off and reloads itself once the
// real server has taken the port over, and the health answers that a script waits for.

import { createHash } from 'node:crypto'
import http from 'node:http'

/** @typedef {{ name: string, expected: string, state: 'waiting' | 'running' | 'done' | 'failed', note: string }} SetupStep */

const style = `
:root { color-scheme: light dark; --ink: #1b2430; --dim: #5b6776; --paper: #f7f8fa; --accent: #b4530a }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --dim: #9aa7b6; --paper: #10161d; --accent: #f2a15f } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 36rem; margin: 12vh auto; padding: 0 1.5rem }
h1 { font-size: 1.6rem; margin: 0 } p { color: var(--dim) } ol { list-style: none; padding: 0 }
li { display: flex; gap: .75rem; padding: .4rem 0 } li span:nth-child(2) { flex: 1 } li small { color: var(--dim) }
.running { font-weight: 600; color: var(--accent) } .waiting { color: var(--dim) } pre { white-space: pre-wrap }
`

const script = `
const marks = { waiting: '\\u25cb', running: '\\u25d0', done: '\\u25cf', failed: '\\u25a0' }
const list = document.querySelector('ol'), error = document.querySelector('pre')
let left = false
async function look() {
  try {
    const answer = await fetch('/setup/steps', { cache: 'no-store' })
    if (!answer.headers.has('x-slipstream-setup')) return location.reload()
    const state = await answer.json()
    list.replaceChildren(...state.steps.map(step => {
      const item = document.createElement('li')
      item.className = step.state
      for (const [tag, text] of [['span', marks[step.state]], ['span', step.name], ['small', step.note || step.expected]]) {
        item.append(Object.assign(document.createElement(tag), { textContent: text }))
      }
      return item
    }))
    error.textContent = state.error
  } catch { left = true }
  setTimeout(look, left ? 250 : 500)
}
look()
`

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Setting up - slipstream</title><style>${style}</style>
<main><h1>Slipstream</h1><p>Predicts flight delays while the flights happen. It is being set up; this page becomes the
live map by itself.</p><ol aria-label="Steps"></ol><pre role="status"></pre>
<p>You will see the flights of 2013 leave New York, each with its risk of arriving late, graded as it lands.</p>
<noscript><p>Reload this page in about 20 seconds.</p></noscript></main><script>${script}</script>`

/** @param {string} text */
const hash = text => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policy = [
  "default-src 'none'",
  `style-src ${hash(style)}`,
  `script-src ${hash(script)}`,
  "connect-src 'self'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * @param {string} url the path asked for
 * @param {{ steps: SetupStep[], error: string }} state
 * @returns {[status: number, type: string, body: string]}
 */
function answerTo(url, state) {
  const where = url.split('?')[0]
  if (where === '/setup/steps') return [200, 'application/json', JSON.stringify(state)]
  if (where === '/health/live') return [200, 'application/json', JSON.stringify({ status: 'live', phase: 'setup' })]
  if (where === '/' || where === '/index.html') return [200, 'text/html; charset=utf-8', page]
  const problem = { type: 'about:blank', title: 'Not ready yet', status: 503, detail: 'Packages are being installed.' }
  return [503, 'application/problem+json', JSON.stringify(problem)]
}

/**
 * Opens the port. Rejects with the system's error (EADDRINUSE) when that fails.
 * @param {{ port: number, host: string, state: { steps: SetupStep[], error: string } }} options `state` is read at each request
 * @returns {Promise<{ port: number, close: () => Promise<void> }>} `port` as opened, for when 0 was asked for
 */
export async function openSetupPage({ port, host, state }) {
  const server = http.createServer((request, response) => {
    const [status, type, body] = answerTo(request.url ?? '/', state)
    response.writeHead(status, {
      'content-type': type,
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'x-slipstream-setup': 'yes',
      'cache-control': 'no-store',
      connection: 'close',
      ...(status === 503 ? { 'retry-after': '5' } : {}),
    })
    response.end(body)
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(undefined))
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
