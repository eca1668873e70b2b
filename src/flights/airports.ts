// Airports by IATA code: where they are and what their clocks show.

import { Failure } from '../lib/failure.ts'
import { type Columns, number, text } from './columns.ts'
import { isZone } from './local-time.ts'

/** Degrees, north and east positive; `zone` is an IANA time zone, or empty where the table has none. */
export type Airport = { code: string; name: string; latitude: number; longitude: number; zone: string }

export type Airports = ReadonlyMap<string, Airport>

export const airportColumns = ['faa', 'name', 'lat', 'lon', 'tzone'] as const

/** @throws Failure SOURCE_UNREADABLE with the column as `field` */
export function airportOf(cells: readonly string[], columns: Columns<(typeof airportColumns)[number]>): Airport {
  const zone = text(cells, columns, 'tzone')
  return {
    code: text(cells, columns, 'faa'),
    name: text(cells, columns, 'name'),
    latitude: number(cells, columns, 'lat'),
    longitude: number(cells, columns, 'lon'),
    zone: isZone(zone) ? zone : '',
  }
}

/**
 * The airport of a code, with a zone to read its clocks by.
 * @throws Failure AIRPORT_UNKNOWN with `field`
 */
export function airportAt(code: string, airports: Airports, field: string): Airport {
  const airport = airports.get(code)
  if (airport !== undefined && airport.zone !== '') return airport
  throw unknownAirport(code, airports, field)
}

export function unknownAirport(code: string, airports: Airports, field: string): Failure {
  if (airports.has(code)) {
    return new Failure('AIRPORT_UNKNOWN', `${field}: the time zone of the airport ${code} is not known`, {
      field,
      help: 'Give the airport an IANA time zone in the table of airports.',
    })
  }
  const near = similarCodes(code, airports)
  const help = near.length === 0 ? 'Add it to the table of airports.' : `Did you mean ${listed(near)}?`
  return new Failure('AIRPORT_UNKNOWN', `${field}: there is no airport ${show(code)}`, { field, help })
}

/** At most three codes one slip away: wrong case, two letters swapped, then one letter off. */
function similarCodes(code: string, airports: Airports): string[] {
  const upper = code.trim().toUpperCase()
  if (airports.has(upper)) return [upper]
  const swapped: string[] = []
  for (let i = 0; i + 1 < upper.length && upper.length <= 4; i++) {
    const candidate = upper.slice(0, i) + upper.charAt(i + 1) + upper.charAt(i) + upper.slice(i + 2)
    if (airports.has(candidate)) swapped.push(candidate)
  }
  if (swapped.length > 0) return swapped.slice(0, 3)
  const close: string[] = []
  for (const { code: known } of airports.values()) {
    if (close.length < 3 && known.length === upper.length && differences(known, upper) === 1) close.push(known)
  }
  return close
}

function differences(a: string, b: string): number {
  let count = 0
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) count++
  return count
}

function listed(codes: readonly string[]): string {
  return codes.length < 2 ? codes.join('') : `${codes.slice(0, -1).join(', ')} or ${codes.at(-1)}`
}

function show(code: string): string {
  return JSON.stringify(code.length > 20 ? `${code.slice(0, 20)}...` : code)
}
