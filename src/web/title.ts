// The title of the browser's tab: alerts that are open, what is wrong with the stream, then the page and its subject.

import type { PageName } from './address.ts'
import { instantParts, isoDay } from './format.ts'
import type { Liveness } from './marks.ts'

export type TitleFacts = {
  page: PageName
  liveness: Pick<Liveness, 'is' | 'word'>
  alertsOpen: number
  /** Event time. */
  at: number | null
  airport: string | null
  /** The column that is open on the Drift page. */
  feature: string | null
  /** The version that is open on the Models page. */
  version: string | null
}

/** `(2!) originWind drift - slipstream`, `(offline) Live 2013-02-08 13h - slipstream` */
export function titleOf({ page, liveness, alertsOpen, at, airport, feature, version }: TitleFacts): string {
  const alerts = alertsOpen === 0 ? '' : `(${alertsOpen}!) `
  const trouble = liveness.is === 'live' ? '' : `(${liveness.word}) `
  const live = at === null ? 'Live' : `Live ${isoDay(at)} ${instantParts(at).time.slice(0, 2)}h`
  const subjects = {
    live: [airport && `${airport} \u00b7`, live],
    drift: [feature, feature ? 'drift' : 'Drift'],
    models: [version, version ? 'model' : 'Models'],
  }
  const subject = subjects[page]
  return `${alerts}${trouble}${subject.filter(Boolean).join(' ')} - slipstream`
}
