// A real browser, and what every page must pass in it.

import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { skipUnless } from '../skips.ts'

const executablePath = '/usr/bin/chromium'

export const { describe } = skipUnless(
  fs.existsSync(executablePath),
  'the page in a browser needs Chromium',
  'apt-get install chromium',
)

const axeSource = fs.readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** @param profile a folder that it makes */
export async function openBrowser(profile: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1440, height: 900 },
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
  context.setDefaultTimeout(60_000)
  return context
}

type Violation = { id: string; impact: string; nodes: { html: string }[] }

/** What axe-core finds that is serious or worse, each with the elements. */
export async function seriousViolations(page: Page): Promise<string[]> {
  // As the developer tools would: the page's own policy forbids scripts that it did not bring.
  const client = await page.context().newCDPSession(page)
  await client.send('Runtime.evaluate', { expression: axeSource })
  const { result } = await client.send('Runtime.evaluate', {
    expression: 'axe.run().then(result => result.violations)',
    awaitPromise: true,
    returnByValue: true,
  })
  await client.detach()
  return (result.value as Violation[])
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`)
}

/**
 * From now on what the page asks of these addresses fails, until one of its buttons is pressed: the page also asks by
 * itself whenever something is new, and that must not pass for an answer to the press.
 */
export async function failUntilPressed(page: Page, addresses: string): Promise<void> {
  await page.route(addresses, async route => {
    const wasPressed = await page.evaluate(() => 'pressed' in document.documentElement.dataset)
    await (wasPressed ? route.continue() : route.fulfill({ status: 503, json: { detail: 'not now' } }))
  })
}

/** The press that `failUntilPressed` waits for. */
export async function press(page: Page, button: Locator): Promise<void> {
  await page.evaluate(() => {
    const seen = ({ target }: Event) => {
      if (target instanceof HTMLButtonElement) document.documentElement.dataset.pressed = ''
    }
    document.addEventListener('click', seen, { capture: true })
  })
  await button.click()
}

/** Errors of the page, and of its console, from now on. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return complaints
}
