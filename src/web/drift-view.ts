// What the Drift page shows, as its address says it: `/drift?feature=originWind&span=WEEK&sort=name`. `/drift/originWind`
// is read as well. What is at its default is left out; what cannot be read is the default.

export type DriftView = {
  /** The column whose detail is open. */
  feature: string | null
  /** The trailing 24 hours, or the trailing 7 days. */
  span: 'DAY' | 'WEEK'
  sort: 'severity' | 'name'
  show: 'all' | 'drifted'
  /** Columns whose name has this in it only. */
  find: string
  columns: 'cards' | 'table'
  /** The time axis with what happened, or its twin as a table. */
  lanes: 'chart' | 'table'
  /** The charts of the detail, or their twins. */
  detail: 'chart' | 'table'
}

export const defaultDriftView: DriftView = {
  feature: null,
  span: 'DAY',
  sort: 'severity',
  show: 'all',
  find: '',
  columns: 'cards',
  lanes: 'chart',
  detail: 'chart',
}

const columnName = /^[A-Za-z][A-Za-z0-9]{0,79}$/

/** @param path such as `/drift` or `/drift/originWind` */
export function parseDriftView(path: string, search: string): DriftView {
  const query = new URLSearchParams(search)
  const oneOf = <T extends string>(name: string, values: readonly [T, ...T[]]): T =>
    values.find(value => value === query.get(name)) ?? values[0]
  const feature = query.get('feature') ?? path.split('/')[2] ?? ''
  const find = query.get('find')?.trim() ?? ''
  return {
    feature: columnName.test(feature) ? feature : null,
    span: oneOf('span', ['DAY', 'WEEK']),
    sort: oneOf('sort', ['severity', 'name']),
    show: oneOf('show', ['all', 'drifted']),
    find: columnName.test(find) ? find : '',
    columns: oneOf('columns', ['cards', 'table']),
    lanes: oneOf('lanes', ['chart', 'table']),
    detail: oneOf('detail', ['chart', 'table']),
  }
}

/** `?span=WEEK`, or nothing when all is at its default. */
export function formatDriftView(view: DriftView): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(view)) {
    if (value !== null && value !== defaultDriftView[name as keyof DriftView]) query.set(name, String(value))
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
