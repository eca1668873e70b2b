// What the Models page has asked for. Versions come when the stream says that something was decided; searches are looked
// at every few seconds while the page is shown, for whoever searches is another process. What came stays when the next
// question fails; the failure is shown beside it.

import { computed, effect, signal } from '@preact/signals'
import { getJson, type Trouble } from '../answers.ts'
import { Pacer } from '../pacer.ts'
import { held, modelsView } from '../state.ts'
import type { ModelComparison, ModelDetail, Models, SearchDetail, SearchInfo } from '../wire.ts'

export const models = signal<Models | null>(null)
export const searches = signal<SearchInfo[] | null>(null)
export const trouble = signal<Trouble | null>(null)
/** By version; null: there is no such version, or it could not be read. */
const details = signal<ReadonlyMap<string, ModelDetail | null>>(new Map())
export const comparison = signal<ModelComparison | null>(null)
/** The order that is being given, in its dialog. */
export const ordering = signal<{ readonly version: string; readonly verb: 'promote' | 'rollback' } | null>(null)
/** What became of the last one. */
export const ordered = signal('')
export const search = signal<SearchDetail | null>(null)

const searchesEveryMs = 5_000
/** Decisions of a replay at full speed come faster than anybody reads. */
const decisionsEveryMs = 250

/** The version whose card is shown: by default the champion's, or the newest. */
export const shownVersion = computed(
  () => modelsView.value.version ?? models.value?.champion ?? models.value?.versions[0]?.version ?? null,
)
export const shown = computed(() => (shownVersion.value === null ? undefined : details.value.get(shownVersion.value)))

async function take<T>(address: string, use: (value: T | null) => void): Promise<void> {
  const got = await getJson<T>(address)
  use(got.ok ? got.value : null)
  trouble.value = got.ok ? null : (trouble.peek() ?? { what: got.what, since: Date.now() })
}

async function askModels(): Promise<void> {
  await take<Models>('/v1/models', value => (models.value = value ?? models.peek()))
  await askShown()
}

async function askShown(): Promise<void> {
  const version = shownVersion.peek()
  if (version === null) return
  await take<ModelDetail>(`/v1/models/${encodeURIComponent(version)}`, value => {
    details.value = new Map(details.peek()).set(version, value ?? details.peek().get(version) ?? null)
  })
}

async function askComparison(): Promise<void> {
  const { with: other } = modelsView.peek()
  const version = shownVersion.peek()
  if (other === null || version === null) return void (comparison.value = null)
  const names = [version, other].map(encodeURIComponent).join(',')
  await take<ModelComparison>(`/v1/models/compare?versions=${names}`, value => (comparison.value = value))
}

async function askSearches(): Promise<void> {
  await take<{ searches: SearchInfo[] }>('/v1/searches', value => (searches.value = value?.searches ?? searches.peek()))
  const { search: id } = modelsView.peek()
  if (id === null) return void (search.value = null)
  await take<SearchDetail>(`/v1/searches/${encodeURIComponent(id)}`, value => (search.value = value))
}

// one question at a time of each, so that no old answer comes after a new one
const asking = {
  models: new Pacer({ everyMs: decisionsEveryMs, ask: askModels }),
  shown: new Pacer({ everyMs: 0, ask: askShown }),
  comparison: new Pacer({ everyMs: 0, ask: askComparison }),
  searches: new Pacer({ everyMs: 0, ask: askSearches }),
}

export function askAgain(): void {
  for (const pacer of Object.values(asking)) pacer.wish(true)
}

/** Asks while the page is shown. @returns stop */
export function follow(): () => void {
  // each narrowed to what it goes by: an effect runs when a value that it reads has changed
  const decisions = computed(() => held.value.loop.decisions)
  const compared = computed(() => `${shownVersion.value} ${modelsView.value.with}`)
  const searched = computed(() => modelsView.value.search)
  const on = (of: { readonly value: unknown }, pacer: Pacer) => effect(() => void [of.value, pacer.wish()])
  const stops = [
    on(decisions, asking.models),
    on(shownVersion, asking.shown),
    on(compared, asking.comparison),
    on(searched, asking.searches),
  ]
  const timer = setInterval(() => {
    if (!document.hidden) asking.searches.wish()
  }, searchesEveryMs)
  return () => {
    clearInterval(timer)
    for (const stop of stops) stop()
    for (const pacer of Object.values(asking)) pacer.stop()
  }
}
