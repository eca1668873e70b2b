// Where airports lie on the map's sheet, how large they are, which of them carry a label, and which one an arrow key
// reaches. Units are those of the baked outlines; the sheet is `sheet` wide and high.
//
// Two sets do not lie where they are: those close together around New York are drawn in a lens that magnifies them, and
// those that the projection does not show (Puerto Rico, the islands) stand in a row under it. None is dropped.

import { type Point, project } from './albers.ts'
import geometry from './map-geometry.json' with { type: 'json' }
import type { AirportNow } from './wire.ts'

export const sheet = { width: 1010, height: 612 }

/** What the lens shows, and where on the sheet. */
export const lens = { ...geometry.lens, x: 836, y: 396, width: 168, height: 120 }

/** In the Gulf, where there is room. */
export const row = { x: 552, y: 574, step: 52 }

export type Placed = {
  airport: AirportNow
  x: number
  y: number
  radius: number
  where: 'map' | 'lens' | 'row'
}

/** `grow` enlarges the dots where the sheet is drawn small. */
export function placeAirports(airports: Iterable<AirportNow>, grow = 1): Placed[] {
  const sorted = [...airports].sort((a, b) => b.flights - a.flights || (a.code < b.code ? -1 : 1))
  const busiest = sorted[0]?.flights ?? 0
  const outside: AirportNow[] = []
  const placed: Placed[] = []
  const points = new Map(sorted.map(airport => [airport, project(airport.longitude, airport.latitude)]))
  const isLensUsed = sorted.filter(airport => isInLens(points.get(airport) ?? null)).length > 1
  for (const airport of sorted) {
    const point = points.get(airport)
    const radius = radiusOf(airport.flights, busiest) * grow
    if (!point) outside.push(airport)
    else if (isLensUsed && isInLens(point))
      placed.push({ airport, radius: Math.min(radius, 17), where: 'lens', ...throughLens(point) })
    else placed.push({ airport, radius, where: 'map', ...point })
  }
  outside.sort((a, b) => (a.code < b.code ? -1 : 1))
  for (const [index, airport] of outside.entries()) {
    const radius = Math.min(radiusOf(airport.flights, busiest) * grow, 13)
    const x = row.x + (index % 4) * row.step * (grow > 1 ? 1.3 : 1)
    placed.push({ airport, radius, where: 'row', x, y: row.y + Math.floor(index / 4) * 30 })
  }
  return placed
}

/** The area grows with the flights. */
function radiusOf(flights: number, busiest: number): number {
  return 3 + 13 * Math.sqrt(busiest === 0 ? 0 : flights / busiest)
}

function isInLens(point: Point | null): boolean {
  return point !== null && point.x > lens.left && point.x < lens.right && point.y > lens.top && point.y < lens.bottom
}

function throughLens({ x, y }: Point): Point {
  const zoom = lens.width / (lens.right - lens.left)
  return { x: lens.x + (x - lens.left) * zoom, y: lens.y + (y - lens.top) * zoom }
}

type Box = { left: number; top: number; right: number; bottom: number }

const overlaps = (a: Box, b: Box) => a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top

export type Label = { code: string; x: number; y: number; anchor: 'start' | 'end' | 'middle' }

/** Labels of the busiest airports, as many as find room right or left of their dot. `size` is the letters' height. */
export function labelsOf(placed: readonly Placed[], size: number): Label[] {
  const taken: Box[] = placed.map(({ x, y, radius }) => ({
    left: x - radius * 0.8,
    top: y - radius * 0.8,
    right: x + radius * 0.8,
    bottom: y + radius * 0.8,
  }))
  const labels: Label[] = []
  for (const { airport, x, y, radius, where } of placed) {
    const width = airport.code.length * size * 0.68
    const right = { x: x + radius + 3, y: y + size * 0.36, anchor: 'start' as const, left: x + radius + 2 }
    const left = { x: x - radius - 3, y: y + size * 0.36, anchor: 'end' as const, left: x - radius - 3 - width }
    const below = { x, y: y + radius + size, anchor: 'middle' as const, left: x - width / 2 }
    const spots = (where === 'row' ? [below] : [right, left]).map(spot => ({ spot, box: boxOf(spot, { width, size }) }))
    const free = spots.find(
      ({ box }) => box.left > 0 && box.right < sheet.width && !taken.some(other => overlaps(box, other)),
    )
    // The few in the lens and in the row are named even where it is tight.
    const chosen = free ?? (where === 'map' ? undefined : spots[0])
    if (chosen === undefined) continue
    taken.push(chosen.box)
    labels.push({ code: airport.code, x: chosen.spot.x, y: chosen.spot.y, anchor: chosen.spot.anchor })
  }
  return labels
}

const directions: Record<string, [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
}

function boxOf(spot: { left: number; y: number }, { width, size }: { width: number; size: number }): Box {
  return { left: spot.left, top: spot.y - size * 0.8, right: spot.left + width, bottom: spot.y + size * 0.15 }
}

/** The nearest airport in the direction of an arrow key, by distance over cosine; the present one when there is none. */
export function nextAirport(placed: readonly Placed[], from: string | null, key: string): string | null {
  const start = placed.find(({ airport }) => airport.code === from)
  const direction = directions[key]
  if (start === undefined || direction === undefined) return placed[0]?.airport.code ?? null
  let best: string | null = from
  let bestCost = Number.POSITIVE_INFINITY
  for (const { airport, x, y } of placed) {
    const [dx, dy] = [x - start.x, y - start.y]
    const distance = Math.hypot(dx, dy)
    const cosine = distance === 0 ? 0 : (dx * direction[0] + dy * direction[1]) / distance
    if (cosine < 0.5) continue
    const cost = distance / cosine ** 2
    if (cost < bestCost) [best, bestCost] = [airport.code, cost]
  }
  return best
}
