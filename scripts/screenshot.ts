// Takes the pictures of the Live and the Drift page that README.md shows, light and dark, from the replay that `npm start`
// shows: the recorded events up to an hour of the blizzard of 8 February 2013, and then paused, so that nothing moves.
//
//   node scripts/screenshot.ts [--out docs/images] [--hour 18]
//
// `--hour` is how many event hours after midnight in New York of 8 February the pictures are taken. Needs Node 24 and Chromium
// (/usr/bin/chromium, or the path in CHROMIUM). Takes about a minute.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright-core'
import type { Status } from '../src/server/program.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const fastUntil = '2013-02-08'
const midnight = Date.parse(`${fastUntil}T05:00Z`)
const hourMs = 3_600_000
/** Of one picture. */
const bytesMax = 300_000

type Picture = { name: string; path: string; ready: (page: Page) => Promise<void> }

const pictures: Picture[] = [
  {
    name: 'live',
    path: '/',
    async ready(page) {
      await page.locator('#stream .rows > li').nth(10).waitFor()
      await page.locator('.dot').first().waitFor()
    },
  },
  {
    name: 'drift',
    path: '/drift',
    async ready(page) {
      await page.locator('.lanes svg').first().waitFor()
      await page.locator('.card .histogram').nth(7).waitFor()
    },
  },
]

const { values: options } = parseArgs({
  options: { out: { type: 'string', default: 'docs/images' }, hour: { type: 'string', default: '18' } },
})

const folder = mkdtempSync(join(tmpdir(), 'slipstream-pictures-'))
const { child, url } = await startReplay(join(folder, 'data'))
try {
  await reach(url, midnight)
  for (let hour = 1; hour <= Number(options.hour); hour++) {
    await post(url, { action: 'step' })
    await reach(url, midnight + hour * hourMs)
  }
  await takePictures(url)
} finally {
  child.kill('SIGINT')
  await once(child, 'exit')
  rmSync(folder, { recursive: true, force: true })
}

async function startReplay(dataDir: string): Promise<{ child: ChildProcess; url: string }> {
  const main = join(root, 'bin/slipstream.mjs')
  const flags = ['--json', '--port', '0', '--fast-until', fastUntil, '--paused', '--data-dir', dataDir]
  const up = spawn(process.execPath, [main, 'up', '--no-open', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(up.stdout)) {
    const said = JSON.parse(line) as { event: string; url: string }
    if (said.event !== 'ready') continue
    up.stdout.resume()
    return { child: up, url: said.url }
  }
  throw new Error('the replay ended before it was ready')
}

/** Waits until event time is there and every stage has caught up. */
async function reach(url: string, at: number): Promise<void> {
  for (;;) {
    const { replay, eventTime, stages } = (await (await fetch(`${url}/v1/pipeline`)).json()) as Status
    const isThere = (replay?.at ?? 0) >= at && eventTime !== null && stages.every(({ lag }) => lag === 0)
    if (isThere) return
    await sleep(200)
  }
}

async function post(url: string, command: object): Promise<void> {
  const answer = await fetch(`${url}/v1/pipeline/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(command),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

async function takePictures(url: string): Promise<void> {
  const out = join(root, options.out)
  mkdirSync(out, { recursive: true })
  const browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    viewport: { width: 1200, height: 1150 },
    reducedMotion: 'reduce',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  try {
    const page = await browser.newPage()
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      for (const { name, path, ready } of pictures) {
        await page.goto(`${url}${path}`)
        await ready(page)
        await sleep(1500)
        const file = join(out, `${name}-${scheme}.png`)
        await page.screenshot({ path: file })
        const { size } = statSync(file)
        if (size > bytesMax) throw new Error(`${file} has ${size} bytes, more than ${bytesMax}`)
        console.log(`${file}  ${size} bytes`)
      }
    }
  } finally {
    await browser.close()
  }
}
