// The story, as somebody sees it who starts the program and watches: the blizzard of 8 and 9 February 2013 in a real
// browser over the real thing. The risk rises before the airlines cancel, predictions are graded, an alert opens and asks
// for a training, its model stands beside the champion, is judged, is promoted by hand all the same, and what is killed comes back.
//
// Trainings are asked for by alerts alone here (`--retrain-days 0`), so that the one that is seen is the storm's.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isInstalled } from '../../bin/bootstrap.mjs'
import type { Models } from '../../src/server/loop.ts'
import type { ControlCommand, Status } from '../../src/server/program.ts'
import { cli } from '../cli/cli.ts'
import { skipUnless } from '../skips.ts'
import { complaintsOf, describe, openBrowser, seriousViolations } from './browser.ts'

const root = path.join(import.meta.dirname, '../..')
// otherwise `npm start` would install below the feet of the other tests
const canStart = isInstalled({ dev: true })
skipUnless(canStart, 'npm start installs what package-lock.json asks for first', 'npm ci')

const days = ['--from', '2013-01-28', '--to', '2013-03-31', '--model-from', '2013-01-28T12:00:00Z']
const pace = ['--fast-until', '2013-02-08', '--paused', '--speed', '4']

let folder: string
let program: ChildProcess
let said = ''
let url: string
let context: BrowserContext
let page: Page
let complaints: string[]

/** Looked at by whoever names a folder for them. */
async function shoot(name: string): Promise<void> {
  const shots = process.env['STORY_SHOTS']
  const fullPage = !name.includes('drift')
  if (shots !== undefined) await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage })
}

const statusNow = async () => (await (await fetch(`${url}/v1/pipeline`)).json()) as Status
const control = async (command: ControlCommand) => {
  const body = JSON.stringify(command)
  const headers = { 'content-type': 'application/json' }
  expect((await fetch(`${url}/v1/pipeline/control`, { method: 'POST', headers, body })).status).toBe(200)
}
const step = (name: string) => page.locator('.story > li', { hasText: name })
const button = (name: string) => page.getByRole('button', { name })

/** The first status that is as wished. */
async function until(isWished: (status: Status) => boolean): Promise<Status> {
  for (; ; await sleep(100)) {
    if (program.exitCode !== null) throw new Error(`it ended: ${said}`)
    const status = await statusNow().catch(() => null)
    if (status && isWished(status)) return status
  }
}

describe('the story', { skip: !canStart }, () => {
  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slipstream-story-'))
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const flags = ['--port', `${port}`, '--data-dir', path.join(folder, 'data'), '--no-open', '--rate-limit', '1000000']
    const own = ['--retrain-days', '0', '--warehouse', 'none']
    program = spawn(process.execPath, [path.join(root, 'bin', 'start.mjs'), ...flags, ...days, ...pace, ...own], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    program.stderr?.on('data', bytes => (said += String(bytes)))
    context = await openBrowser(path.join(folder, 'profile'))
    page = await context.newPage()
    complaints = complaintsOf(page)
    while (!(await page.goto(url).catch(() => null))?.ok()) await sleep(100)
  })

  afterAll(async () => {
    await context?.close()
    if (program?.exitCode === null && program.signalCode === null) {
      const closed = once(program, 'close')
      program.kill('SIGKILL')
      await closed
    }
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  test('the page comes by itself, live, and stops on the eve of the storm', async () => {
    await page.locator('.top .state', { hasText: 'paused' }).waitFor({ timeout: 120_000 })
    const { eventTime, balance, model, totals } = await until(({ replay }) => replay?.at === Date.UTC(2013, 1, 8, 5))
    expect(balance.even).toBe(true)
    expect(model?.version).toMatch(/^seed-/)
    expect(totals.predictions).toBeGreaterThan(8000)
    expect(eventTime).toBeLessThanOrEqual(Date.UTC(2013, 1, 8, 5))
    await step('Graded').getByText('right', { exact: false }).first().waitFor()
    await shoot('1-eve')
  })

  test('the risk rises before the airlines cancel', async () => {
    const hours: { word: string; ahead: number; cancelled: number }[] = []
    while (hours.length < 24) {
      const hour = await page.locator('.clock strong').innerText()
      await button('step 1 h').click()
      await expect.poll(() => page.locator('.clock strong').innerText()).not.toBe(hour)
      const word = await step('Risk').locator('.state').innerText()
      const text = await step('Risk').locator('.story-text').innerText()
      const [, ahead] = /^(\d+) % of [\d,]+ departures ahead are predicted late/.exec(text) ?? []
      const [, cancelled] = /(\d+) % cancelled so far/.exec(text) ?? []
      hours.push({ word, ahead: Number(ahead ?? 0), cancelled: Number(cancelled ?? 0) })
      if (word === 'rising' && hours.filter(each => each.word === 'rising').length === 3) await shoot('2-risk')
    }
    const rising = hours.findIndex(({ word }) => word === 'rising')
    const cancelling = hours.findIndex(({ cancelled }) => cancelled >= 15)
    // in the morning of the 8th, hours before the first wave of cancellations
    expect(rising, JSON.stringify(hours)).toBeGreaterThan(0)
    expect(cancelling - rising, JSON.stringify(hours)).toBeGreaterThanOrEqual(3)
    expect(hours[rising]?.cancelled).toBeLessThan(10)
    expect(Math.max(...hours.map(({ ahead }) => ahead))).toBeGreaterThanOrEqual(50)
  })

  test('an alert opens and asks for a training, which the Drift page shows on one axis', async () => {
    await button('resume replay').click()
    // what stays on the page: how long a training is seen at work depends on the machine
    await page.locator('.events li', { hasText: 'alert' }).getByText('performance').first().waitFor({ timeout: 60_000 })
    await step('Training').locator('.story-text', { hasText: 'm-2013-02-10T00' }).waitFor({ timeout: 60_000 })
    expect(await step('Alert').locator('.state').innerText()).toMatch(/performance|drift/)
    await shoot('3-alert')
    await page.getByRole('navigation', { name: 'pages' }).getByText('Drift').click()
    await page.locator('.stretch.is-open').first().waitFor()
    await page.locator('.flag title', { hasText: 'training asked m-2013-02-10T00' }).waitFor({ state: 'attached' })
    await page.locator('.card').first().waitFor()
    expect(await page.locator('.counters').innerText()).toMatch(/\d+ of \d+/)
    await shoot('4-drift')
  })

  test('its model stands beside the champion', async () => {
    await page.getByRole('navigation', { name: 'pages' }).getByText('Live').click()
    const challenger = page.locator('.models > div', { has: page.locator('dt', { hasText: 'challenger' }) })
    await challenger.locator('strong', { hasText: 'm-2013-02-10T00' }).waitFor({ timeout: 120_000 })
    expect(await step('Shadow').innerText()).toContain('m-2013-02-10T00')
    await shoot('5-shadow')
  })

  test('the judge decides when the days of shadow say enough, and the page says why', async () => {
    await control({ action: 'speed' })
    const decision = step('Decision')
    await decision
      .locator('.story-text', { hasText: /^m-2013-02-10T00: .* over \d+ days, bound -?[\d.]+/ })
      .waitFor({ timeout: 180_000 })
    await control({ action: 'speed', hoursPerSecond: 4 })
    const { decisions } = (await (await fetch(`${url}/v1/models`)).json()) as Models
    const verdict = decisions.find(({ by, version }) => by === 'JUDGE' && version === 'm-2013-02-10T00')
    expect(['PROMOTE', 'REJECT']).toContain(verdict?.verb)
    expect(verdict?.accepted).toBe(true)
    // a week of days at least, each with its sums of losses
    expect(verdict?.evidence).toMatchObject({ champion: expect.stringMatching(/^seed-/) as string })
    await page
      .locator('.events li', { hasText: 'm-2013-02-10T00' })
      .getByText(verdict?.because ?? '?')
      .first()
      .waitFor()
    await shoot('6-decision')
  })

  test('it is promoted with a reason, and is in force from the edge of a frame on', async () => {
    const ran = await cli(['models', 'promote', 'm-2013-02-10T00', '--reason', 'it has seen the storm', '--url', url])
    expect([ran.code, ran.err]).toEqual([0, expect.any(String) as string])
    await until(({ model }) => model?.version === 'm-2013-02-10T00')
    await page.locator('.events li', { hasText: 'promoted' }).getByText('it has seen the storm').waitFor()
    await page.locator('.models dd').first().getByText('m-2013-02-10T00').waitFor()
    const { decisions } = (await (await fetch(`${url}/v1/models`)).json()) as Models
    expect(decisions[0]).toMatchObject({ by: 'OPERATOR', verb: 'PROMOTE', because: 'it has seen the storm' })
    await shoot('7-promoted')
  })

  test('killed, it is back within seconds with the balance sheet even, and goes on', async () => {
    expect(complaints).toEqual([])
    const before = await statusNow()
    await button('kill me').click()
    await button('press again').click()
    const told = page.locator('.alerts', { hasText: 'Killed once' })
    await told.waitFor({ timeout: 60_000 })
    expect(await told.innerText()).toMatch(
      /back after \d+\.\d.s; the balance sheet is even: nothing lost, nothing doubled/,
    )
    await shoot('8-back')
    const after = await until(({ eventTime }) => (eventTime ?? 0) > (before.eventTime ?? 0))
    expect(after).toMatchObject({ lives: 2, balance: { even: true } })
    expect(after.totals.predictions).toBeGreaterThanOrEqual(before.totals.predictions)
    expect(after.model?.version).toBe('m-2013-02-10T00')
  })

  test.each(['light', 'dark'] as const)('and nothing on Live or Drift is inaccessible in %s', async colorScheme => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const at of ['/', '/drift']) {
      await page.goto(`${url}${at}`)
      await page
        .locator(at === '/' ? '#stream .rows > li' : '.card .histogram')
        .first()
        .waitFor()
      expect(await seriousViolations(page)).toEqual([])
      await shoot(`9-${colorScheme}${at === '/' ? '-live' : '-drift'}`)
    }
  })

  test('Ctrl-C ends it, with all that was seen on record', async () => {
    const closed = once(program, 'close')
    program.kill('SIGINT')
    expect(await closed).toEqual([0, null])
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
