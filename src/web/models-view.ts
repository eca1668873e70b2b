// What the Models page shows, as its address says it: `/models?version=m-2013-02-09T03&with=seed-2013-01`. What is at its
// default is left out; what cannot be read is the default.

export type ModelsView = {
  /** Whose card is shown; null: the champion's. */
  version: string | null
  /** The version it is compared with. */
  with: string | null
  /** The column by which the groups are told apart; null: the first. */
  by: string | null
  /** The charts, or their twins as tables. */
  as: 'chart' | 'table'
  /** The search whose trials are shown. */
  search: string | null
  /** Of the trials, all parameters, or those only that differ. */
  params: 'differ' | 'all'
}

export const defaultModelsView: ModelsView = {
  version: null,
  with: null,
  by: null,
  as: 'chart',
  search: null,
  params: 'differ',
}

const name = /^[\w.:@+-]{1,200}$/

export function parseModelsView(search: string): ModelsView {
  const query = new URLSearchParams(search)
  const named = (key: string) => {
    const value = query.get(key) ?? ''
    return name.test(value) ? value : null
  }
  return {
    version: named('version'),
    with: named('with'),
    by: named('by'),
    as: query.get('as') === 'table' ? 'table' : 'chart',
    search: named('search'),
    params: query.get('params') === 'all' ? 'all' : 'differ',
  }
}

/** `?version=v2`, or nothing when all is at its default. */
export function formatModelsView(view: ModelsView): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(view)) {
    if (value !== null && value !== defaultModelsView[key as keyof ModelsView]) query.set(key, String(value))
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
