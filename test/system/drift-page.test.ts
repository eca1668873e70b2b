// The Drift page in a real browser, over the doors and a fake program that the tests move by hand.

import { expect, test } from 'vitest'
import { describe, failUntilPressed, press, seriousViolations } from './browser.ts'
import { address, complaints, end, hourMs, page, program, revive, serve, setUpPages, urlOf } from './page.ts'

/** Event hours from the fake program's start to the blizzard, when most columns have drifted and an alert is open. */
const inTheStorm = 82

async function openPage(at = '/drift', { isReady = true } = {}): Promise<void> {
  await page.goto(urlOf(at))
  if (isReady) await cards().first().waitFor()
}

const cards = () => page.locator('.card')
const choose = (group: string, text: string) =>
  page.getByRole('group', { name: group }).getByText(text, { exact: true }).click()

describe('the Drift page', () => {
  setUpPages(inTheStorm)

  test('counts what drifted, as the doors say it', async () => {
    await openPage()
    const { report } = await (await fetch(urlOf('/v1/drift'))).json()
    const counters = await page.locator('.counters').innerText()
    expect(counters).toContain(`${report.columnsDrifted} of ${report.columnsCompared}`)
    expect(counters).toContain('data drift')
    expect(counters).toContain(report.model)
    expect(await cards().count()).toBe(report.columns.length)
    expect(await page.title()).toBe('(1!) Drift - slipstream')
    expect(complaints).toEqual([])
  })

  test('shows of a column its state in words, its score beside the threshold, and since when', async () => {
    await openPage()
    const first = cards().first()
    expect(await first.locator('.state').innerText()).toMatch(/^drift/)
    expect(await first.innerText()).toMatch(/[A-Z][a-z-]+ 0\.\d{3} ≥ 0\.1/)
    expect(await first.innerText()).toMatch(/since \d+ Feb \d\d:\d\d, \d+ windows/)
    await page.locator('.card', { hasText: 'not enough rows (n=120 < 200)' }).first().waitFor()
  })

  test('asks for histograms as they come into sight', async () => {
    const asked: string[] = []
    page.on('request', request => {
      const name = /\/v1\/drift\/columns\/(\w+)/.exec(request.url())?.[1]
      if (name !== undefined) asked.push(name)
    })
    await openPage()
    await cards().first().locator('.histogram').waitFor()
    const last = (await cards().last().locator('.card-name').getAttribute('id'))?.replace('card-', '') ?? ''
    expect(asked).not.toContain(last)
    await cards().last().scrollIntoViewIfNeeded()
    await cards().last().locator('.histogram').waitFor()
    expect(asked).toContain(last)
  })

  test('sorts, filters and finds, and its address says so', async () => {
    await openPage()
    await choose('sort columns by', 'by name')
    const names = await cards().locator('.card-name').allTextContents()
    expect(names).toEqual([...names].sort())
    await choose('window', 'last 7 days')
    await choose('columns shown', 'drifted only')
    await page.keyboard.press('/')
    await page.keyboard.type('wind')
    await expect.poll(() => cards().count()).toBeLessThan(8)
    expect(address()).toBe('/drift?span=WEEK&sort=name&show=drifted&find=wind')
    await page.reload()
    await cards().first().waitFor()
    for (const text of await cards().allTextContents()) expect(text.toLowerCase()).toContain('wind')
  })

  test('opens a column, with histogram, score over time, what moved, and tables of them', async () => {
    await openPage()
    await page.locator('#card-originWind').click()
    const detail = page.locator('#column')
    await detail.locator('.uplot').waitFor()
    expect(address()).toBe('/drift?feature=originWind')
    expect(await page.title()).toBe('(1!) originWind drift - slipstream')
    expect(await detail.locator('figure .histogram-reference').getAttribute('d')).toMatch(/^M0 /)
    expect(await detail.locator('.moves li').count()).toBeGreaterThan(2)
    expect(await detail.innerText()).toMatch(/\d[\d.]* % now, [\d.]+ % in training/)

    await choose('column as', 'Tables')
    const tables = detail.locator('table')
    expect(await tables.first().locator('tbody tr').count()).toBeGreaterThan(10)
    expect(await tables.last().locator('tbody tr').first().innerText()).toContain('drift')
    await page.goBack()
    await detail.waitFor({ state: 'detached' })
    await page.goForward()
    await detail.waitFor()
    expect(complaints).toEqual([])
  })

  test('names the categories that the training did not have', async () => {
    await openPage('/drift/origin')
    const unseen = page.locator('.unseen-categories')
    await unseen.waitFor()
    expect(await unseen.innerText()).toContain('LGB (3)')
  })

  test('lays alerts, trainings and models on one time axis, and in a table', async () => {
    await serve({ hours: 200 })
    await openPage()
    await page.locator('.stretch.is-open').waitFor()
    expect(await page.locator('.lane-name').allTextContents()).toEqual(
      expect.arrayContaining(['alerts', 'trainings', 'models']),
    )
    expect(await page.locator('.flag title').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining('training asked'), expect.stringContaining('promoted')]),
    )
    await choose('what happened as', 'Table')
    const rows = await page.locator('#lanes tbody tr').allInnerTexts()
    expect(rows.join('\n')).toContain('training asked')
    expect(address()).toBe('/drift?lanes=table')
  })

  test('lists alerts with what drifted, since when, and the way to the column', async () => {
    await openPage()
    const alert = page.locator('.alert-list > li').first()
    expect(await alert.innerText()).toMatch(/open\s+data drift\s+since 8 Feb \d\d:\d\d/)
    const name = await alert.locator('.evidence button').first().innerText()
    await alert.locator('.evidence button').first().click()
    await page.locator('#column .uplot').waitFor()
    expect(address()).toBe(`/drift?feature=${name}`)
  })

  test('asks for a training by hand, and says why when it is refused', async () => {
    await openPage()
    expect(await page.getByRole('button', { name: 'a training is open' }).isDisabled()).toBe(true)
    await serve({ hours: 60 })
    await openPage()
    await page.getByRole('button', { name: 'start a training' }).click()
    await page.locator('#alerts [role=status]', { hasText: /^o-2013-\S+ is asked for$/ }).waitFor()
    await page.route('**/v1/trainings', route => route.fulfill({ status: 409, json: { detail: 'm-1 is open' } }))
    await page.getByRole('button', { name: 'start a training' }).click()
    await page.locator('#alerts [role=status]', { hasText: 'not asked: m-1 is open' }).waitFor()
    expect(await seriousViolations(page)).toEqual([])
  })

  test('follows the stream: the window moves, and an alert opens and resolves', async () => {
    await serve({ hours: 60 })
    await openPage()
    expect(await page.title()).toBe('Drift - slipstream')
    program.advance(22 * hourMs)
    await page.locator('#alerts-title', { hasText: '1 open' }).waitFor()
    await page.locator('.counters', { hasText: 'data drift' }).getByText('to 9 Feb').waitFor()
    program.advance(260 * hourMs)
    await page.locator('#alerts-title', { hasText: 'none open' }).waitFor()
    expect(await page.locator('.alert-list .state').first().innerText()).toBe('resolved')
  })

  test('can be walked by keyboard alone, from page to page and into a column and back', async () => {
    await openPage('/', { isReady: false })
    await page.locator('#stream .rows > li').first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await cards().first().waitFor()
    expect(address()).toBe('/drift')
    expect(await page.locator('.rail [aria-current=page]').innerText()).toContain('Drift')

    await page.locator('#card-originWind').focus()
    await page.keyboard.press('Enter')
    await page.locator('#column').waitFor()
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain('close')
    await page.keyboard.press('Escape')
    await page.locator('#column').waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('card-originWind')

    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await page.locator('#stream').waitFor()
    expect(address()).toBe('/')
  })

  test('keeps what it has, greyed and dated, while the server is gone, and comes back by itself', async () => {
    await openPage()
    const shown = await cards().count()
    await end()
    await page.locator('.alert', { hasText: 'Connection lost' }).waitFor()
    expect(await page.locator('#columns .old').innerText()).toMatch(/as of \d\d:\d\d:\d\d/)
    expect(await cards().count()).toBe(shown)

    await revive(inTheStorm)
    await page.locator('.is-old').first().waitFor({ state: 'detached' })
    expect(await page.locator('.alert').count()).toBe(0)
  })

  test('says what failed and tries again when asked to', async () => {
    await failUntilPressed(page, '**/v1/drift?*')
    await openPage('/drift', { isReady: false })
    const lack = page.locator('#columns .lack')
    await lack.getByText('not now').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await press(page, lack.getByRole('button', { name: 'try now' }))
    await cards().first().waitFor()
  })

  test('says that its script did not come, and tries again', async () => {
    await page.route('**/assets/drift-*.js', route => route.abort())
    await openPage('/drift', { isReady: false })
    await page.getByText('This page did not load').waitFor()
    await page.unroute('**/assets/drift-*.js')
    await page.getByRole('button', { name: 'load everything anew' }).click()
    await cards().first().waitFor()
    expect(await page.getByText('This page did not load').count()).toBe(0)
  })

  test('says what would fill it while there is nothing', async () => {
    await serve({ hours: 0, hasReplay: false })
    await openPage('/drift', { isReady: false })
    expect(await page.locator('#columns .lack').innerText()).toContain('No events yet')
    expect(await seriousViolations(page)).toEqual([])
  })

  const schemes = ['light', 'dark'] as const
  const addresses = [
    '/drift',
    '/drift?feature=originWind',
    '/drift?feature=origin&detail=table&lanes=table&columns=table&span=WEEK',
  ]
  test.each(schemes.flatMap(scheme => addresses.map(at => [scheme, at] as const)))(
    'is accessible in %s at %s',
    async (scheme, at) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await openPage(at, { isReady: false })
      await page.locator('#columns .panel-body :is(.histogram, td)').first().waitFor()
      if (at.includes('feature')) await page.locator('#column .panel-body :is(.uplot, td)').first().waitFor()
      expect(await page.locator('html').getAttribute('data-theme')).toBe(scheme)
      expect(await seriousViolations(page)).toEqual([])
      expect(complaints).toEqual([])
    },
  )

  test.each([360, 768, 1080, 1600])('fits into %i pixels', async width => {
    await page.setViewportSize({ width, height: 900 })
    await openPage('/drift?feature=originWind')
    await page.locator('#column .uplot').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  })
})
