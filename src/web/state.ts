// The page's state, as signals: what came over the socket, what the address says, and the reader's own settings.
// Components read; only the functions here write.

import { computed, effect, signal } from '@preact/signals'
import { addressOf, type PageName, pageOf } from './address.ts'
import { postJson } from './answers.ts'
import { type DriftView, parseDriftView } from './drift-view.ts'
import { applyFrames, applyOlder, type Held, nothingHeld } from './feed.ts'
import { airportZone } from './format.ts'
import { Link, type LinkState } from './link.ts'
import { mergeLoop } from './loop.ts'
import { livenessOf } from './marks.ts'
import { type ModelsView, parseModelsView } from './models-view.ts'
import { awaitedMs, type Revival, revivalOf } from './revival.ts'
import { type Hold, heldRows, holdOf, rowsOf } from './rows.ts'
import { titleOf } from './title.ts'
import { defaultView, parseView, type View } from './view.ts'
import type { ControlCommand, LoopNews } from './wire.ts'

export const held = signal<Held>(nothingHeld)
export const link = signal<LinkState>({ phase: 'connecting', since: Date.now() })
/** Wall time of the last frame. */
export const frameAt = signal(0)
/** Wall time, once a second. */
export const now = signal(Date.now())
/** Records a second of each stage, one sample a second, newest last. */
export const rates = signal<ReadonlyMap<string, readonly number[]>>(new Map())

export const status = computed(() => held.value.status)
export const alertsOpen = computed(() => status.value?.loop.openAlerts.length ?? 0)
export const liveness = computed(() =>
  livenessOf({ link: link.value, status: status.value, frameAt: frameAt.value, now: now.value }),
)
/** What is on the page is old: the wall time it is of, or null. */
export const staleSince = computed(() => {
  const { is } = liveness.value
  return status.value !== null && (is === 'offline' || is === 'stale') ? frameAt.value : null
})

/** Adds what was asked for apart from the socket. */
export function learn(news: LoopNews): void {
  held.value = { ...held.value, loop: mergeLoop(held.value.loop, news) }
}

export const page = signal<PageName>(pageOf(location.pathname))
export const view = signal<View>(parseView(location.search))
export const driftView = signal<DriftView>(parseDriftView(location.pathname, location.search))
export const modelsView = signal<ModelsView>(parseModelsView(location.search))

const address = () =>
  addressOf({ page: page.value, live: view.value, drift: driftView.value, models: modelsView.value })

export function setView(patch: Partial<View>): void {
  view.value = { ...view.value, ...patch }
  history.replaceState(null, '', address())
}

/** Another column is a place to come back from; anything else changes the address only. */
export function setDriftView(patch: Partial<DriftView>): void {
  const isOther = patch.feature !== undefined && patch.feature !== driftView.value.feature
  driftView.value = { ...driftView.value, ...patch }
  if (isOther) history.pushState(null, '', address())
  else history.replaceState(null, '', address())
}

/** Another model or search is a place to come back from; anything else changes the address only. */
export function setModelsView(patch: Partial<ModelsView>): void {
  const before = modelsView.value
  modelsView.value = { ...before, ...patch }
  const { version, with: other, search } = modelsView.value
  const isOther = version !== before.version || other !== before.with || search !== before.search
  if (isOther) history.pushState(null, '', address())
  else history.replaceState(null, '', address())
}

/** Shows a page as it was left, but with no column open unless one is named. */
export function goTo(to: PageName, feature: string | null = null): void {
  page.value = to
  driftView.value = { ...driftView.value, feature }
  if (address() !== `${location.pathname}${location.search}`) history.pushState(null, '', address())
  scrollTo(0, 0)
}

/** The reader went back or forward. */
function readAddress(): void {
  page.value = pageOf(location.pathname)
  if (page.value === 'live') view.value = parseView(location.search)
  else {
    view.value = { ...view.value, time: parseView(location.search).time }
    if (page.value === 'drift') driftView.value = parseDriftView(location.pathname, location.search)
    else modelsView.value = parseModelsView(location.search)
  }
}

/** Zone in which times are shown: of the airport in the drawer, else of the origin in the filter, else of the busiest. */
export const zone = computed<{ zone: string; airport: string | null }>(() => {
  const { time, airport, origin } = view.value
  if (time === 'utc') return { zone: 'UTC', airport: null }
  const code = airport ?? origin ?? busiest.value
  const zoneOfCode = airportZone(code)
  return zoneOfCode ? { zone: zoneOfCode, airport: code } : { zone: 'UTC', airport: null }
})

const busiest = computed(() => {
  let best: { code: string; flights: number } | null = null
  for (const airport of held.value.airports.values()) if (airport.flights > (best?.flights ?? -1)) best = airport
  return best?.code ?? null
})

// The stream: held by the reader (P), or by having scrolled away from its top.
export const isPaused = signal(false)
const isScrolled = signal(false)
const hold = signal<Hold | null>(null)

const wanted = computed(() => rowsOf(held.value.rows, view.value))
export const stream = computed(() => {
  const standing = hold.value
  if (standing === null) return { rows: wanted.value, waiting: 0 }
  return heldRows(standing, wanted.value, held.value.rows)
})

function holdOrGo(): void {
  const isHolding = isPaused.value || isScrolled.value
  if (!isHolding) hold.value = null
  else hold.value ??= holdOf(wanted.peek(), view.peek().list, held.peek().arrivals)
}

export function setPaused(paused: boolean): void {
  isPaused.value = paused
  holdOrGo()
}

export function setScrolled(scrolled: boolean): void {
  isScrolled.value = scrolled
  holdOrGo()
}

/** Another filter or order: what stood still was of the old one. */
export function setFilter(patch: Partial<Pick<View, 'origin' | 'min' | 'list'>>): void {
  setView(patch)
  hold.value = null
  holdOrGo()
}

export const isHelpOpen = signal(false)

// Settings that outlive the page.
type Theme = 'system' | 'light' | 'dark'

function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`slipstream.${name}`)
  } catch {
    return null
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`slipstream.${name}`, value)
  } catch {
    // A browser that keeps nothing: the setting lasts as long as the page.
  }
}

const themes = ['system', 'light', 'dark'] as const
export const theme = signal<Theme>(themes.find(name => name === remembered('theme')) ?? 'system')
export const hasShortcuts = signal(remembered('shortcuts') !== 'off')

const darkScheme = matchMedia('(prefers-color-scheme: dark)')
const prefersDark = signal(darkScheme.matches)
darkScheme.addEventListener('change', event => {
  prefersDark.value = event.matches
})
export const isDark = computed(() => (theme.value === 'system' ? prefersDark.value : theme.value === 'dark'))

export const isNarrow = signal(false)
const narrow = matchMedia('(max-width: 700px)')
isNarrow.value = narrow.matches
narrow.addEventListener('change', event => {
  isNarrow.value = event.matches
})

export function setTheme(next: Theme): void {
  theme.value = next
  remember('theme', next)
}

export function setShortcuts(on: boolean): void {
  hasShortcuts.value = on
  remember('shortcuts', on ? 'on' : 'off')
}

/** Why the last command to the replay failed; null when it did not. */
export const controlFailure = signal<string | null>(null)

export async function control(command: ControlCommand): Promise<void> {
  const got = await postJson('/v1/pipeline/control', command)
  controlFailure.value = got.ok ? null : got.what
}

/** The last time that the pipeline was killed and lived again while this page was open. */
export const revival = signal<Revival | null>(null)
let downAt = 0

/** kill -9 to the pipeline. */
export async function kill(): Promise<void> {
  try {
    const response = await fetch('/v1/pipeline/kill', { method: 'POST' })
    if (response.ok) return
    const { detail = `HTTP ${response.status}` } = await response.json().catch(() => ({}))
    controlFailure.value = detail
  } catch {
    // It was dead before its answer came.
  }
}

let openLink: Link | null = null

export const retry = () => openLink?.retry()

/** Connects, and keeps clock, title, address and theme in step. Called once. */
export function start(): void {
  openLink = new Link({
    open: resume => {
      const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
      return new WebSocket(`${scheme}://${location.host}/v1/live${resume === null ? '' : `?resume=${resume}`}`)
    },
    onFrames(frames) {
      const before = status.peek()
      held.value = applyFrames(held.value, frames)
      revival.value = revivalOf({ before, after: status.peek(), downAt, upAt: link.peek().since }) ?? revival.peek()
      frameAt.value = Date.now()
      if (frames.some(frame => frame.type === 'snapshot')) void fetchOlder()
    },
    isAwaited: downMs => status.peek()?.supervised === true && downMs < awaitedMs,
    onState(state) {
      if (state.phase === 'down') downAt = state.since
      link.value = state
    },
    random: Math.random,
    now: Date.now,
  })
  setInterval(() => {
    now.value = Date.now()
    if (link.peek().phase === 'open') sampleRates()
  }, 1_000)
  document.addEventListener('visibilitychange', () => {
    openLink?.setHidden(document.hidden)
    // Nothing came because nothing was asked for.
    if (!document.hidden && link.peek().phase === 'open') frameAt.value = now.value = Date.now()
  })
  addEventListener('popstate', readAddress)
  effect(() => {
    document.title = title.value
  })
  effect(() => {
    document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light'
  })
}

/** A snapshot brings the newest only; those before them have grades already. Without them the page still works. */
async function fetchOlder(): Promise<void> {
  try {
    const response = await fetch('/v1/predictions?limit=600')
    if (!response.ok) return
    const { predictions } = await response.json()
    held.value = applyOlder(held.value, predictions)
  } catch {
    // The socket's own banner says that the server is gone.
  }
}

function sampleRates(): void {
  const next = new Map<string, readonly number[]>()
  for (const { name, recordsPerSecond } of status.peek()?.stages ?? []) {
    next.set(name, [...(rates.peek().get(name) ?? []).slice(-59), recordsPerSecond])
  }
  rates.value = next
}

const title = computed(() =>
  titleOf({
    page: page.value,
    liveness: liveness.value,
    alertsOpen: alertsOpen.value,
    at: status.value?.eventTime ?? null,
    airport: view.value.airport,
    feature: driftView.value.feature,
    version: modelsView.value.version,
  }),
)

export const resetFilter = () => setFilter({ origin: defaultView.origin, min: defaultView.min })
