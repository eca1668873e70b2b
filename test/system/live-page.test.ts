// The Live page in a real browser, over the doors and a fake program that the tests move by hand.

import { expect, test } from 'vitest'
import { shownMax } from '../../src/web/rows.ts'
import { describe, seriousViolations } from './browser.ts'
import { built, complaints, end, hourMs, page, program, revive, serve, setUpPages, urlOf } from './page.ts'

/** Event hours from the fake program's start to 8 February, 11:00 UTC. */
const begun = 54

async function openPage(address = '/', { isReady = true } = {}): Promise<void> {
  await page.goto(urlOf(address))
  if (isReady) await page.locator('.top .state', { hasText: 'live' }).waitFor()
}

const rows = () => page.locator('#stream .rows > li')
const rowOf = (flight: string) => rows().filter({ hasText: flight })

/** A prediction newer than all others, of a flight that is invented here. */
function say(flightNumber: number, change: { origin?: string; probability?: number } = {}): string {
  const { origin = 'EWR', probability = 0.64 } = change
  const at = (program.status().eventTime ?? 0) + flightNumber
  const flightId = `ZZ-${flightNumber}`
  program.emit({
    flightId,
    carrier: 'ZZ',
    flightNumber,
    origin,
    destination: 'ORD',
    scheduledDepartureAt: at + 2 * hourMs,
    at,
    horizonMinutes: 120,
    probability,
    late: probability >= 0.35,
    low: 0.5,
    high: 0.8,
    skipped: null,
    model: 'seed-2013-01',
    grade: null,
  })
  return flightId
}

describe('the Live page', () => {
  setUpPages(begun)

  test('kill me: two presses kill the pipeline, and the page tells of it once it lives again', async () => {
    await openPage()
    await page.getByRole('button', { name: 'kill me' }).click()
    expect(program.kills).toBe(0)
    await page.getByRole('button', { name: 'press again' }).click()
    await expect.poll(() => program.kills).toBe(1)
    await end()
    await page.locator('.alerts', { hasText: 'supervised and being started again' }).waitFor()
    // another life of it, on the same port
    await revive(begun, { kills: 1 })
    const told = page.locator('.alerts', { hasText: 'Killed once' })
    await told.waitFor()
    expect(await told.textContent()).toMatch(/back after \d+\.\d.s; the balance sheet is even/)
    expect(await seriousViolations(page)).toEqual([])
    complaints.length = 0
  })

  test('shows predictions as they are made, and grades them as their flights land', async () => {
    await openPage()
    const flightId = say(9001)
    await rowOf('ZZ 9001').waitFor()
    expect(await rows().first().innerText()).toContain('64 %')
    expect(await rowOf('ZZ 9001').locator('.state').innerText()).toBe('open')

    const at = program.status().eventTime ?? 0
    program.emitGrade({ flightId, at, kind: 'LANDED', arrivalDelayMinutes: 32, label: true })
    await rowOf('ZZ 9001').locator('.state', { hasText: 'hit' }).waitFor()
    expect(await rowOf('ZZ 9001').locator('.minutes').innerText()).toBe('+32 min')
    expect(complaints).toEqual([])
  })

  test('follows event time, the pipeline and the balance of the program', async () => {
    await openPage()
    await page.locator('.clock strong', { hasText: '11:00' }).waitFor()
    program.advance(2 * hourMs)
    await page.locator('.clock strong', { hasText: '13:00' }).waitFor()
    expect(await page.title()).toBe('Live 2013-02-08 13h - slipstream')
    expect(await page.locator('.stage-name strong').allInnerTexts()).toEqual([
      'ingest',
      'observe',
      'seal',
      'score',
      'register',
    ])
    expect(await page.locator('#balance .state').first().innerText()).toBe('even')
    expect(await page.locator('.dot').count()).toBeGreaterThan(20)
  })

  test('stands still while paused, counts what is new, and goes on', async () => {
    await openPage()
    say(9001)
    await rowOf('ZZ 9001').waitFor()
    await page.keyboard.press('p')
    say(9002)
    say(9003)
    await page.getByRole('button', { name: '2 new while paused' }).waitFor()
    expect(await rows().first().innerText()).toContain('ZZ 9001')
    await page.keyboard.press('p')
    await rowOf('ZZ 9003').waitFor()
  })

  test('stands still while the reader has scrolled away from the newest', async () => {
    await openPage()
    await rows().nth(40).waitFor()
    await rows().nth(40).scrollIntoViewIfNeeded()
    const before = await rows().allInnerTexts()
    say(9001)
    await page.getByRole('button', { name: '1 new while you read' }).click()
    await rowOf('ZZ 9001').waitFor()
    expect(before.join()).not.toContain('ZZ 9001')
  })

  test('filters by origin and probability, from its address and into it', async () => {
    await openPage('/?origin=LGA&min=0.5')
    say(9001, { origin: 'LGA', probability: 0.7 })
    say(9002, { origin: 'LGA', probability: 0.4 })
    say(9003, { origin: 'JFK', probability: 0.9 })
    await rowOf('ZZ 9001').waitFor()
    expect((await rows().allInnerTexts()).filter(text => /ZZ 900[23]/.test(text))).toEqual([])

    await page.keyboard.press('/')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('jfk')
    await rowOf('ZZ 9003').waitFor()
    expect(new URL(page.url()).search).toBe('?origin=JFK&min=0.5')
  })

  test('can be read and walked by keyboard alone', async () => {
    await openPage()
    await page.locator('.dots').focus()
    await page.keyboard.press('ArrowRight')
    const first = await page.locator('.dots').getAttribute('aria-activedescendant')
    await page.keyboard.press('ArrowLeft')
    const second = await page.locator('.dots').getAttribute('aria-activedescendant')
    expect(first).toMatch(/^airport-[A-Z]{3}$/)
    expect(second).not.toBe(first)
    await page.keyboard.press('Enter')
    const code = second?.replace('airport-', '') ?? ''
    await page.getByRole('complementary', { name: `airport ${code}` }).waitFor()
    expect(new URL(page.url()).search).toBe(`?airport=${code}`)
    await page.keyboard.press('Escape')
    expect(await page.getByRole('complementary').count()).toBe(0)
    expect(new URL(page.url()).search).toBe('')
  })

  test('has a table for the map and one for the chart, with the same airports and hours', async () => {
    await openPage('/?view=table&chart=table')
    const airportsShown = await page.locator('#airports tbody tr').count()
    await page.getByRole('group', { name: 'airports as' }).getByText('Map').click()
    await page.locator('.dot').first().waitFor()
    expect(await page.locator('.dot').count()).toBe(airportsShown)
    expect(await page.locator('#risk tbody tr').count()).toBeGreaterThan(24)
  })

  test('steers the replay', async () => {
    await openPage()
    await page.getByRole('button', { name: 'pause replay' }).click()
    await page.locator('.top .state', { hasText: 'paused' }).waitFor()
    expect(program.status().replay?.paused).toBe(true)
    await page.getByRole('button', { name: 'step 1 h' }).click()
    await page.locator('.clock strong', { hasText: '12:00' }).waitFor()
    const speed = page.getByRole('group', { name: /^speed/ })
    await speed.getByText('24').click()
    await page.locator('.chip', { hasText: '\u00d786,400 of 2013-02-08' }).waitFor()
    await speed.getByText('full').click()
    await page.locator('.chip', { hasText: 'at full speed' }).waitFor()
    expect(program.status().replay?.hoursPerSecond).toBeNull()
  })

  test('keeps what it has, greyed and dated, while the server is gone, and comes back by itself', async () => {
    await openPage()
    // they come piece by piece
    await rows()
      .nth(shownMax - 1)
      .waitFor()
    await end()
    await page.locator('.alert', { hasText: 'Connection lost' }).waitFor()
    expect(await page.locator('#stream .old').innerText()).toMatch(/as of \d\d:\d\d:\d\d/)
    expect(await rows().count()).toBe(shownMax)
    expect(await page.title()).toContain('(offline)')
    expect(await seriousViolations(page)).toEqual([])

    await revive(begun)
    await page.locator('.top .state', { hasText: 'live' }).waitFor()
    expect(await page.locator('.alert').count()).toBe(0)
    expect(await page.locator('.is-old').count()).toBe(0)
  })

  test('says what would fill it while there is nothing', async () => {
    await serve({ hours: 0, hasReplay: false })
    await openPage()
    for (const panel of ['airports', 'stream', 'risk', 'balance', 'quality']) {
      expect(await page.locator(`#${panel} .lack`).innerText()).toContain('No events yet')
    }
    expect(await page.locator('#stream code').innerText()).toContain(`curl ${urlOf('/v1/events')}`)
    expect(await page.locator('.transport').count()).toBe(0)
    expect(await seriousViolations(page)).toEqual([])
  })

  test('tells what is seen, in the order in which the loop turns', async () => {
    await openPage()
    const steps = page.locator('.story > li')
    expect(await steps.locator('strong').allInnerTexts()).toEqual([
      'Risk',
      'Graded',
      'Alert',
      'Training',
      'Shadow',
      'Decision',
    ])
    expect(await steps.first().innerText()).toMatch(/departures ahead are predicted late/)

    program.advance(24 * hourMs)
    await steps.nth(2).getByText('data drift').waitFor()
    expect(await page.title()).toMatch(/^\(1!\) Live/)
    await page.locator('.events li', { hasText: 'training asked' }).waitFor()

    program.advance(96 * hourMs)
    await steps
      .nth(4)
      .getByText(/day \d of 7/)
      .waitFor()
    expect(await page.locator('.models').innerText()).toContain('m-2013-02-09T03')
    expect(await page.locator('.shadow').innerText()).toMatch(/\+0\.0121 \u00b1 0\.\d{4} nats a row/)

    program.advance(200 * hourMs)
    await steps.nth(5).getByText('m-2013-02-09T03: better').waitFor()
    const events = await page.locator('.events li .state').allInnerTexts()
    expect(events.indexOf('promoted')).toBeLessThan(events.indexOf('alert'))
    expect(complaints).toEqual([])
  })

  const schemes = ['light', 'dark'] as const
  const addresses = ['/', '/?view=table&chart=table&stage=ingest&list=landed', '/?airport=ORD&time=local&colour=late']
  test.each(schemes.flatMap(scheme => addresses.map(address => [scheme, address] as const)))(
    'is accessible in %s at %s',
    async (scheme, address) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await openPage(address)
      await rows().first().waitFor()
      expect(await page.locator('html').getAttribute('data-theme')).toBe(scheme)
      expect(await seriousViolations(page)).toEqual([])
      expect(complaints).toEqual([])
    },
  )

  test.each([360, 768, 1080, 1600])('fits into %i pixels', async width => {
    await page.setViewportSize({ width, height: 900 })
    await openPage()
    await rows().first().waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  })

  test('loads the scripts of its first load and no other', async () => {
    const scripts = new Set<string>()
    page.on('response', response => {
      if (response.request().resourceType() === 'script') scripts.add(response.url())
    })
    await openPage()
    const sizes = await Promise.all(
      [...scripts].map(async script => (await (await fetch(script)).arrayBuffer()).byteLength),
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(built.bytes)
    expect(built.gzipBytes).toBeLessThanOrEqual(90_000)
  })
})
