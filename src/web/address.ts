// The address: which page it names, and what it says of that page's view.

import { type DriftView, formatDriftView } from './drift-view.ts'
import { formatModelsView, type ModelsView } from './models-view.ts'
import { formatView, type View } from './view.ts'

export type PageName = 'live' | 'drift' | 'models'

/** In the order of the rail; `key` is pressed after `g`. */
export const pages: readonly { name: PageName; title: string; path: string; key: string }[] = [
  { name: 'live', title: 'Live', path: '/', key: 'l' },
  { name: 'drift', title: 'Drift', path: '/drift', key: 'd' },
  { name: 'models', title: 'Models', path: '/models', key: 'm' },
]

/** Addresses that are no page's are the first page's. */
export function pageOf(path: string): PageName {
  if (path === '/models') return 'models'
  return path === '/drift' || path.startsWith('/drift/') ? 'drift' : 'live'
}

export type Views = { page: PageName; live: View; drift: DriftView; models: ModelsView }

/** `/drift?span=WEEK&time=local`: the page's own view, and the time zone that all pages share. */
export function addressOf({ page, live, drift, models }: Views): string {
  if (page === 'live') return `/${formatView(live)}`
  const own = page === 'drift' ? formatDriftView(drift) : formatModelsView(models)
  if (live.time === 'utc') return `/${page}${own}`
  return `/${page}${own}${own === '' ? '?' : '&'}time=${live.time}`
}
