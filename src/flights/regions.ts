// Regions of the map, for what airports of one part of the country share: the winds on the way there, the weather on
// arrival; and what lies near. Cells of 8 by 12 degrees, about 900 by 1,000 kilometres at 40 degrees north; New York flies to 15 of them.

import type { Airports } from './airports.ts'

const latitudeDegrees = 8
const longitudeDegrees = 12

/** By an airport's code, the name of its region; one that is in no table has a region of its own. */
export function regionsOf(airports: Airports): (airport: string) => string {
  return code => {
    const airport = airports.get(code)
    if (airport === undefined) return code
    const { latitude, longitude } = airport
    return `${cellOf(latitude, latitudeDegrees)} ${cellOf(longitude, longitudeDegrees)}`
  }
}

/** Cells lie around whole multiples of their width, so that the middle of one is its name. */
function cellOf(degrees: number, width: number): number {
  return Math.round(degrees / width) * width
}

const nearMiles = 50
const milesPerDegree = 69.1

/** Whether two airports, by code, lie within 50 miles of each other; one that is in no table is near itself alone. */
export function areNear(airports: Airports, a: string, b: string): boolean {
  if (a === b) return true
  const [from, to] = [airports.get(a), airports.get(b)]
  if (from === undefined || to === undefined) return false
  const north = to.latitude - from.latitude
  const east = (to.longitude - from.longitude) * Math.cos((((from.latitude + to.latitude) / 2) * Math.PI) / 180)
  return Math.hypot(north, east) * milesPerDegree <= nearMiles
}
