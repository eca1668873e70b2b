// What is shown, as the address says it: `/?origin=EWR&min=0.5&airport=ORD&view=table`. What is at its default is left
// out; what cannot be read is the default.

export type View = {
  /** Rows of this origin only. */
  origin: string | null
  /** Rows with at least this probability only, 0..0.95. */
  min: number
  /** The airport whose drawer is open. */
  airport: string | null
  /** The map, or its twin as a table. */
  view: 'map' | 'table'
  chart: 'line' | 'table'
  list: 'newest' | 'landed'
  colour: 'risk' | 'late'
  time: 'utc' | 'local'
  /** The stage whose partitions are shown. */
  stage: string | null
}

export const defaultView: View = {
  origin: null,
  min: 0,
  airport: null,
  view: 'map',
  chart: 'line',
  list: 'newest',
  colour: 'risk',
  time: 'utc',
  stage: null,
}

const airportCode = /^[A-Z0-9]{3,4}$/

export function parseView(search: string): View {
  const query = new URLSearchParams(search)
  const code = (name: string) => {
    const value = query.get(name)?.trim().toUpperCase() ?? ''
    return airportCode.test(value) ? value : null
  }
  const oneOf = <T extends string>(name: string, values: readonly [T, ...T[]]): T =>
    values.find(value => value === query.get(name)) ?? values[0]
  const min = Number(query.get('min'))
  const stage = query.get('stage') ?? ''
  return {
    origin: code('origin'),
    min: min > 0 && min < 1 ? Math.round(min * 20) / 20 : 0,
    airport: code('airport'),
    view: oneOf('view', ['map', 'table']),
    chart: oneOf('chart', ['line', 'table']),
    list: oneOf('list', ['newest', 'landed']),
    colour: oneOf('colour', ['risk', 'late']),
    time: oneOf('time', ['utc', 'local']),
    stage: /^[a-z-]{1,40}$/.test(stage) ? stage : null,
  }
}

/** `?origin=EWR`, or nothing when all is at its default. */
export function formatView(view: View): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(view)) {
    if (value !== null && value !== defaultView[name as keyof View]) query.set(name, String(value))
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
