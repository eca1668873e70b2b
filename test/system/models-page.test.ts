// The Models page in a real browser, over the doors and a fake program that the tests move by hand.

import { expect, test } from 'vitest'
import { describe, failUntilPressed, press, seriousViolations } from './browser.ts'
import { address, complaints, hourMs, page, program, setUpPages, urlOf } from './page.ts'

const seed = 'seed-2013-01'
const challenger = 'm-2013-02-09T03'
const searched = 's-2013-02-07T0000'

/** Event hours from the fake program's start until the challenger is there, and until it has been promoted. */
const inShadow = 60
const promoted = 300

async function openPage(at = '/models', { isReady = true } = {}): Promise<void> {
  await page.goto(urlOf(at))
  if (isReady) await page.locator('#model .report').waitFor()
}

const rowOf = (panel: string, text: string) => page.locator(`${panel} tbody tr`, { hasText: text })

describe('the Models page', () => {
  setUpPages(inShadow + 40)

  test('lists versions with their roles and figures, and shows the card of the champion', async () => {
    await openPage()
    expect(await rowOf('#versions', seed).innerText()).toMatch(/champion[\s\S]*0\.7430 \(0\.731 to 0\.755\)/)
    expect(await rowOf('#versions', challenger).innerText()).toContain('challenger')
    expect(await page.locator('#model-title').innerText()).toBe(seed)
    expect(await page.locator('#model .calibration circle').count()).toBe(8)
    expect(await page.locator('#model .importance li').first().innerText()).toMatch(/legArrivalDelay\s+0\.3100\s+30 %/)
    expect(await page.locator('#model .weakest').innerText()).toContain('carrier 9E: of 400 flights')
    expect(await page.title()).toMatch(/Models - slipstream$/)
    expect(complaints).toEqual([])
  })

  test('opens another version, groups and tables, and its address says so', async () => {
    await openPage()
    await page.locator('#versions').getByRole('button', { name: challenger, exact: true }).click()
    await expect.poll(() => page.locator('#model-title').innerText()).toBe(challenger)
    await page.getByRole('group', { name: 'groups by' }).getByText('origin', { exact: true }).click()
    expect(await page.locator('#model .groups tbody th').allTextContents()).toEqual(['EWR', 'JFK', 'LGA'])
    await page.getByRole('group', { name: 'report as' }).getByText('Tables', { exact: true }).click()
    expect(await page.locator('#model .report table tbody tr').count()).toBe(8)
    expect(address()).toBe(`/models?version=${challenger}&by=origin&as=table`)
    await page.reload()
    await page.locator('#model .report table').waitFor()
    expect(await page.locator('#model-title').innerText()).toBe(challenger)
    await page.goBack()
    await expect.poll(() => page.locator('#model-title').innerText()).toBe(seed)
  })

  test('puts two versions side by side, and says in words which is better', async () => {
    await openPage()
    await page.locator('#compare-with').selectOption(challenger)
    await page.locator('#compare table').waitFor()
    const auc = await rowOf('#compare', 'auc').first().innerText()
    expect(auc.replace(/\s+/g, ' ')).toBe('auc 0.7430 better 0.7520 0.0090')
    expect(await rowOf('#compare', 'trees').count()).toBe(1)
    expect(await rowOf('#compare', 'learningRate').count()).toBe(0)
    await page.getByRole('group', { name: 'parameters shown' }).getByText('All', { exact: true }).click()
    expect(await rowOf('#compare', 'learningRate').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.locator('#compare').waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })

  test('shows the trials of a search, the best by a word, and the parameters that differ', async () => {
    await openPage()
    await page.locator('#searches').getByRole('button', { name: searched }).click()
    await page.locator('#searches table').waitFor()
    expect(await page.locator('#searches tbody tr').count()).toBe(12)
    expect(await page.locator('#searches tbody tr.is-current').innerText()).toMatch(/^1\s+boosting best\s+complete/)
    expect(await page.locator('#searches thead').innerText()).not.toContain('maxDepth')
    await page.getByRole('group', { name: 'trials show' }).getByText('All', { exact: true }).click()
    expect(await page.locator('#searches thead').innerText()).toContain('maxDepth')
    expect(address()).toBe(`/models?search=${searched}&params=all`)
  })

  test('follows the stream: a challenger that is promoted is the champion', async () => {
    await openPage()
    program.advance((promoted - inShadow) * hourMs)
    await rowOf('#versions', challenger).getByText('champion').waitFor()
    await expect.poll(() => rowOf('#versions', seed).innerText()).toContain('former')
  })

  test('promotes a challenger for a reason, with both figures before the eyes, and rolls back from its row', async () => {
    await openPage()
    await page.getByRole('button', { name: `promote ${challenger}` }).click()
    const dialog = page.getByRole('dialog', { name: `promote ${challenger}` })
    const auc = await dialog.getByRole('row', { name: /^auc/ }).first().innerText()
    expect(auc.replace(/\s+/g, ' ')).toBe('auc 0.7430 better 0.7520 0.0090')
    const order = dialog.getByRole('button', { name: `promote ${challenger}` })
    await dialog.getByLabel('Reason').fill('   ')
    await order.click()
    await dialog.getByRole('alert').getByText('say why').waitFor()
    expect(program.loop.models().champion).toBe(seed)
    await dialog.getByLabel('Reason').fill(' better on seven days ')
    await order.click()
    await dialog.waitFor({ state: 'hidden' })
    expect(program.loop.models().decisions[0]).toMatchObject({
      verb: 'PROMOTE',
      version: challenger,
      by: 'OPERATOR',
      because: 'better on seven days',
    })
    await page.getByRole('status').getByText(`${challenger} is in force now.`).waitFor()
    await rowOf('#versions', challenger).getByText('champion').waitFor()

    await page.getByRole('button', { name: `roll back to ${seed}` }).click()
    await page.getByLabel('Reason').fill('it was better before')
    await page.getByLabel('Reason').press('Tab')
    await page.keyboard.press('Enter')
    await rowOf('#versions', seed).getByText('champion').waitFor()
    expect(program.loop.models().decisions[0]).toMatchObject({
      verb: 'ROLL_BACK',
      version: seed,
      because: 'it was better before',
    })
    expect(complaints).toEqual([])
  })

  test('an order that is refused says why and can be given again, one that is held says so, one that is left is none', async () => {
    await openPage()
    const before = program.loop.models().decisions.length
    const press = page.getByRole('button', { name: `promote ${challenger}` })
    await press.click()
    // only one that is open can be left
    await page.getByRole('dialog').getByLabel('Reason').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(program.loop.models().decisions).toHaveLength(before)

    await press.click()
    const detail = 'the champion is m-2, not seed-2013-01'
    await page.route('**/promote', route => route.fulfill({ status: 409, json: { title: 'It contradicts', detail } }))
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('better')
    await dialog.getByRole('button', { name: 'promote' }).click()
    await dialog.getByRole('alert').getByText(`not done: ${detail}`).waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await page.unroute('**/promote')
    program.loop.hold(true)
    await dialog.getByRole('button', { name: 'promote' }).click()
    await page.getByRole('status').getByText('when the step of the replay ends').waitFor()
    expect(program.loop.models().champion).toBe(seed)
  })

  test.each(['light', 'dark'] as const)('an order is accessible in %s', async colorScheme => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await openPage()
    await page.getByRole('button', { name: `promote ${challenger}` }).click()
    await page.getByRole('dialog').getByRole('row', { name: /^auc/ }).first().waitFor()
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA')
    expect(await seriousViolations(page)).toEqual([])
    await page.setViewportSize({ width: 360, height: 700 })
    const { x = -1, width = 0 } = (await page.getByRole('dialog').boundingBox()) ?? {}
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x + width).toBeLessThanOrEqual(360)
  })

  test('can be reached and walked by keyboard alone', async () => {
    await openPage('/', { isReady: false })
    await page.locator('#stream .rows > li').first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await page.locator('#model .report').waitFor()
    expect(address()).toBe('/models')
    await page.keyboard.press('/')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('compare-with')
  })

  test('says what failed and tries again when asked to, and that a version is not there', async () => {
    await failUntilPressed(page, '**/v1/models')
    await openPage('/models', { isReady: false })
    const lack = page.locator('#versions .lack')
    await lack.getByText('not now').waitFor()
    expect(await seriousViolations(page)).toEqual([])
    await press(page, lack.getByRole('button', { name: 'try now' }))
    await page.locator('#model .report').waitFor()
    await page.unroute('**/v1/models')
    await openPage('/models?version=nope', { isReady: false })
    await page.locator('#model .lack', { hasText: 'There is no version nope.' }).waitFor()
  })

  test('says what would make a model or a search while there is none', async () => {
    const none = { champion: null, challengers: [], versions: [], decisions: [], shadowTests: [] }
    await page.route('**/v1/models', route => route.fulfill({ json: none }))
    await page.route('**/v1/searches', route => route.fulfill({ json: { searches: [] } }))
    await openPage('/models', { isReady: false })
    await page.locator('#versions .lack', { hasText: 'No model is registered yet' }).waitFor()
    await page.locator('#searches .command', { hasText: 'slipstream runs search' }).waitFor()
    expect(await seriousViolations(page)).toEqual([])
  })

  const schemes = ['light', 'dark'] as const
  const addresses = ['/models', `/models?version=${challenger}&with=${seed}&as=table&search=${searched}`]
  test.each(schemes.flatMap(scheme => addresses.map(at => [scheme, at] as const)))(
    'is accessible in %s at %s',
    async (scheme, at) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await openPage(at)
      if (at.includes('search')) await page.locator('#searches table').waitFor()
      expect(await page.locator('html').getAttribute('data-theme')).toBe(scheme)
      expect(await seriousViolations(page)).toEqual([])
      expect(complaints).toEqual([])
    },
  )

  test.each([360, 768, 1080, 1600])('fits into %i pixels', async width => {
    await page.setViewportSize({ width, height: 900 })
    await openPage(`/models?version=${challenger}&with=${seed}&search=${searched}`)
    await page.locator('#searches table').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  })
})
