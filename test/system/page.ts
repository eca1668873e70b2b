// The program's page in a real browser, over the doors and a fake program that the tests move by hand. `setUpPages` makes a
// tab and opens doors before each test of a file; what is exported are those of the test that runs.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { buildWeb, type WebBuild } from '../../src/adapters/web-build.ts'
import { listen } from '../../src/server/server.ts'
import { openDoors } from '../server/doors.ts'
import type { FakeProgram } from '../server/fake-program.ts'
import { complaintsOf, openBrowser } from './browser.ts'

export const hourMs = 3_600_000

export let built: WebBuild
export let program: FakeProgram
export let page: Page
/** Errors of the page, and of its console. */
export let complaints: string[]
let server: FastifyInstance
let port: number

type Life = {
  /** Event hours that the program has behind it. */
  readonly hours: number
  readonly hasReplay?: boolean
}

/** @param hours event hours that the program has behind it when a test begins */
export function setUpPages(hours: number): void {
  let folder: string
  let context: BrowserContext

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slipstream-page-'))
    built = await buildWeb({ root: path.join(import.meta.dirname, '../..'), out: path.join(folder, 'web') })
    context = await openBrowser(path.join(folder, 'profile'))
  })

  afterAll(async () => {
    await context?.close()
    fs.rmSync(folder, { recursive: true, force: true })
  })

  beforeEach(async () => {
    await serve({ hours })
    page = await context.newPage()
    complaints = complaintsOf(page)
  })

  afterEach(async () => {
    await page.close()
    await end()
  })
}

/** Opens doors over a new program, in the place of those that are open. */
export async function serve({ hours, hasReplay = true }: Life): Promise<void> {
  await server?.close()
  ;({ program, server } = openDoors({ webFolder: built.folder, fake: { hasReplay } }))
  port = await listen({ server, port: 0, host: '127.0.0.1' })
  // once it listens: what was said before that is known as far as the program keeps it
  program.advance(hours * hourMs)
}

/** The program and its doors are gone. */
export function end(): Promise<void> {
  return server.close()
}

/** Another life of the program, at the same port, that has its hours behind it when the doors open. */
export async function revive(hours: number, { kills = 0 } = {}): Promise<void> {
  ;({ program, server } = openDoors({ webFolder: built.folder }))
  for (let killed = 0; killed < kills; killed++) program.kill()
  program.advance(hours * hourMs)
  await listen({ server, port, host: '127.0.0.1' })
}

export const urlOf = (address: string) => `http://127.0.0.1:${port}${address}`

/** What the browser's address line says behind the host. */
export const address = () => new URL(page.url()).pathname + new URL(page.url()).search
