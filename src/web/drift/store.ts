// What the Drift page has asked for: the report of the last window, how the windows went, everything that happened, and the
// columns that are in sight. It asks while the page is shown: when the stream says that a window has closed, and at its
// own pace (pacer.ts). What came stays when the next question fails; the failure is shown beside it.

import { effect, signal } from '@preact/signals'
import { getJson, type Trouble } from '../answers.ts'
import { Pacer } from '../pacer.ts'
import { driftView, held, learn, page } from '../state.ts'
import type { Alert, ColumnReport, Decision, DriftHistory, DriftOverview, DriftReport, DriftSpan } from '../wire.ts'

/** undefined: nothing came yet; null: no window has been compared yet. */
export const report = signal<DriftReport | null | undefined>(undefined)
export const history = signal<DriftHistory | null>(null)
/** By span and name. */
export const columns = signal<ReadonlyMap<string, ColumnReport>>(new Map())
export const trouble = signal<Trouble | null>(null)

export const columnKey = (span: DriftSpan, name: string): string => `${span} ${name}`

/** Columns whose histogram is in sight. */
const inSight = new Set<string>()

const reportEveryMs = 2_000
const historyEveryMs = 10_000
/** Of the columns in sight each is asked for this often, and of the one that is open more often. */
const columnEveryMs = 20_000
const openColumnEveryMs = 4_000
const asksAtOnce = 3
/** All that the server keeps. */
const windowsMax = 672

async function take<T>(address: string, use: (value: T) => void): Promise<void> {
  const got = await getJson<T>(address)
  if (got.ok) use(got.value)
  trouble.value = got.ok ? null : (trouble.peek() ?? { what: got.what, since: Date.now() })
}

const span = () => driftView.peek().span

const pacers = {
  report: new Pacer({
    everyMs: reportEveryMs,
    async ask() {
      const asked = span()
      await take<DriftOverview>(`/v1/drift?span=${asked}`, ({ report: next, alerts, requests }) => {
        if (asked !== span()) return pacers.report.wish(true)
        report.value = next
        learn({ alerts: [...alerts], requests: [...requests] })
        askColumns()
      })
    },
  }),
  history: new Pacer({
    everyMs: historyEveryMs,
    async ask() {
      await take<DriftHistory>(`/v1/drift/history?span=${span()}`, value => (history.value = value))
    },
  }),
  column: new Pacer({
    everyMs: openColumnEveryMs,
    async ask() {
      const { feature } = driftView.peek()
      if (feature !== null) await askColumn(feature)
    },
  }),
}

/** All that happened: the socket brings the last of it only. */
async function askPast(): Promise<void> {
  await Promise.all([
    take<{ alerts: Alert[] }>('/v1/alerts', ({ alerts }) => learn({ alerts })),
    take<{ decisions: Decision[] }>('/v1/models', ({ decisions }) => learn({ decisions })),
  ])
}

const askedAt = new Map<string, number>()

async function askColumn(name: string): Promise<void> {
  const asked = span()
  askedAt.set(columnKey(asked, name), Date.now())
  // a card shows no series of its own: what is known of it stays
  const limit = driftView.peek().feature === name ? windowsMax : 0
  await take<ColumnReport>(`/v1/drift/columns/${name}?span=${asked}&limit=${limit}`, value => {
    const key = columnKey(asked, name)
    const series = limit === 0 ? (columns.peek().get(key)?.series ?? value.series) : value.series
    columns.value = new Map(columns.peek()).set(key, { ...value, series })
  })
}

let asking = 0

/** A few at a time, those that were asked for longest ago first; a window that has not moved is not asked for again. */
function askColumns(): void {
  const to = report.peek()?.to
  if (to === undefined || page.peek() !== 'drift') return
  const due = [...inSight]
    .map(name => ({
      name,
      at: askedAt.get(columnKey(span(), name)) ?? 0,
      known: columns.peek().get(columnKey(span(), name)),
    }))
    .filter(({ at, known }) => Date.now() - at >= columnEveryMs && known?.window?.to !== to)
    .sort((a, b) => a.at - b.at)
  for (const { name } of due.slice(0, asksAtOnce - asking)) {
    asking += 1
    void askColumn(name).finally(() => {
      asking -= 1
      askColumns()
    })
  }
}

/** Its histogram is in sight, or no more. */
export function see(name: string, isInSight: boolean): void {
  if (isInSight) inSight.add(name)
  else inSight.delete(name)
  askColumns()
}

export function askAgain(): void {
  for (const pacer of Object.values(pacers)) pacer.wish(true)
  void askPast()
}

/** Asks while the page is shown. @returns stop */
export function follow(): () => void {
  void askPast()
  const stops = [
    effect(() => {
      const { span: asked } = driftView.value
      if (report.peek()?.span !== asked) report.value = undefined
      history.value = null
      pacers.report.wish(true)
      pacers.history.wish(true)
    }),
    effect(() => {
      if (driftView.value.feature !== null && driftView.value.span) pacers.column.wish(true)
    }),
    effect(() => {
      if (held.value.loop.metrics === null) return
      for (const pacer of Object.values(pacers)) pacer.wish()
    }),
  ]
  return () => {
    for (const stop of stops) stop()
    for (const pacer of Object.values(pacers)) pacer.stop()
  }
}
