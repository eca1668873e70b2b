// Bakes the map of the Live page into two files of plain data, so that the browser needs neither
// topojson nor d3: outlines as SVG path strings, and the time zone of every airport of the bundle.
//
//   source      us-atlas (ISC, derived from the US Census Bureau's cartographic boundary files, 2017),
//               already projected: geoAlbersUsa, scale 1300, 975 x 610
//   encoding    tenths of a unit, relative moves: "M8123,2210l3,-4..."; drawn with scale(0.1)
//   simplified  Douglas-Peucker at 0.45 units (the New York lens, drawn nine times larger: 0.02)
//
// `node scripts/bake-map.ts` writes the files; test/web/map-geometry.test.ts keeps them equal to this script.

import fs from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Line, mesh } from 'topojson-client'
import topology from 'us-atlas/states-albers-10m.json' with { type: 'json' }

const root = path.join(import.meta.dirname, '..')
const licence = 'us-atlas 3.0.1, ISC, derived from US Census Bureau cartographic boundary files (public domain)'
/** In map units; `src/web/map-view.ts` draws it. */
const lens = { left: 860, top: 207.5, right: 881, bottom: 222.5 }

type Point = [number, number]

function distanceToSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const length2 = (bx - ax) ** 2 + (by - ay) ** 2
  const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2))
  return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay))
}

/** Douglas-Peucker; a ring is cut at the point farthest from its start, because its ends are one point. */
function simplify(line: Line, tolerance: number): Line {
  const first = line[0]
  const last = line.at(-1)
  if (line.length < 3 || !first || !last) return line
  const isRing = first[0] === last[0] && first[1] === last[1]
  let far = 0
  let farIndex = 0
  for (const [index, point] of line.entries()) {
    const away = isRing ? Math.hypot(point[0] - first[0], point[1] - first[1]) : distanceToSegment(point, first, last)
    if (away > far) [far, farIndex] = [away, index]
  }
  if (far <= tolerance) return [first, last]
  return [
    ...simplify(line.slice(0, farIndex + 1), tolerance).slice(0, -1),
    ...simplify(line.slice(farIndex), tolerance),
  ]
}

/** `unit` is the size of one step of the path's integers, in map units. */
function encode(lines: Line[], unit: number): string {
  let out = ''
  for (const line of lines) {
    const points = line.map(([x, y]): Point => [Math.round(x / unit), Math.round(y / unit)])
    let [x, y] = points[0] ?? [0, 0]
    let moves = ''
    for (const [px, py] of points.slice(1)) {
      if (px === x && py === y) continue
      const dy = py - y
      moves += `${moves === '' ? 'l' : ' '}${px - x}${dy < 0 ? '' : ','}${dy}`
      ;[x, y] = [px, py]
    }
    if (moves !== '') out += `M${points[0]?.join(',')}${moves}`
  }
  return out.replaceAll(/ -/g, '-')
}

/** Twice the area is enough to drop islands that would be less than a dot. */
function size(line: Line): number {
  const xs = line.map(point => point[0])
  const ys = line.map(point => point[1])
  return Math.max(...xs) - Math.min(...xs) + Math.max(...ys) - Math.min(...ys)
}

const margin = 3

function inLens([x, y]: Point): boolean {
  return x > lens.left - margin && x < lens.right + margin && y > lens.top - margin && y < lens.bottom + margin
}

/** Lines that touch the lens, fine inside it and coarse outside, where the browser clips them. */
function forLens(lines: Line[]): Line[] {
  const out: Line[] = []
  for (const line of lines.filter(candidate => candidate.some(inLens))) {
    const whole: Line = []
    let run: Line = []
    for (const [index, point] of line.entries()) {
      run.push(point)
      const next = line[index + 1]
      if (next && inLens(next) === inLens(point)) continue
      whole.push(...simplify(run, inLens(point) ? 0.02 : 4))
      run = []
    }
    out.push(whole)
  }
  return out
}

/** The content of `src/web/map-geometry.json`. */
export function bakeGeometry(): string {
  const outline = mesh(topology, topology.objects.nation).coordinates
  const borders = mesh(topology, topology.objects.states, (a, b) => a !== b).coordinates
  const geometry = {
    licence,
    unit: 0.1,
    land: encode(
      outline.filter(line => size(line) > 2.5).map(line => simplify(line, 0.45)),
      0.1,
    ),
    borders: encode(
      borders.map(line => simplify(line, 0.45)),
      0.1,
    ),
    lens: {
      ...lens,
      unit: 0.02,
      land: encode(forLens(outline), 0.02),
      borders: encode(forLens(borders), 0.02),
    },
  }
  return `${JSON.stringify(geometry, null, 2)}\n`
}

function* rowsOf(name: string): Generator<string[]> {
  const text = gunzipSync(fs.readFileSync(path.join(root, 'data/nycflights13', name))).toString('utf8')
  for (const line of text.trim().split('\n').slice(1)) yield line.split(',')
}

/** The content of `src/web/airport-zones.json`: zone -> airports of the bundle, in one string. */
export function bakeZones(): string {
  const used = new Set<string>()
  for (const row of rowsOf('flights.csv.gz')) used.add(row[12] ?? '').add(row[13] ?? '')
  // The bundle flies to these but its table of airports lacks them.
  const zones = new Map(
    [
      ['SJU', 0],
      ['STT', 0],
      ['BQN', 0],
      ['PSE', 0],
    ].map(([code]) => [String(code), 'America/Puerto_Rico']),
  )
  for (const row of rowsOf('airports.csv.gz')) {
    const zone = row.at(-1)
    if (used.has(row[0] ?? '') && zone) zones.set(row[0] ?? '', zone)
  }
  const byZone: Record<string, string> = {}
  for (const [code, zone] of [...zones].sort(([a], [b]) => (a < b ? -1 : 1)))
    byZone[zone] = byZone[zone] ? `${byZone[zone]} ${code}` : code
  return `${JSON.stringify(byZone, null, 2)}\n`
}

if (import.meta.main) {
  fs.writeFileSync(path.join(root, 'src/web/map-geometry.json'), bakeGeometry())
  fs.writeFileSync(path.join(root, 'src/web/airport-zones.json'), bakeZones())
}
