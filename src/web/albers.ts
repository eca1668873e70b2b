// Albers' equal-area conic projection of the United States, with Alaska (drawn at 0.35 of its scale) and Hawaii moved
// under the south-west: the one that the baked outlines were drawn with (d3's geoAlbersUsa, scale 1300, 975 x 610).
//
//   n = (sin p1 + sin p2) / 2,  c = 1 + sin p1 (2n - sin p1),  rho(p) = sqrt(c - 2n sin p) / n
//   x = rho(p) sin(n l),  y = -rho(p) cos(n l), up     (Snyder, Map Projections, 1987, 14-1 to 14-6)
//
// test/web/albers.test.ts compares with d3-geo, which the page does not carry.

export type Point = { x: number; y: number }

const scale = 1300
const center = { x: 487.5, y: 305 }
const radians = Math.PI / 180

type Conic = {
  parallels: [number, number]
  /** Longitude of the middle, and the point (relative to it) that comes to lie at `at`. */
  meridian: number
  center: [longitude: number, latitude: number]
  scale: number
  /** In units of the scale, from the map's centre. */
  at: [number, number]
  /** Left, top, right, bottom; as `at`. What lies outside is not on this piece. */
  frame: [number, number, number, number]
}

const pieces: Conic[] = [
  {
    parallels: [29.5, 45.5],
    meridian: -96,
    center: [-0.6, 38.7],
    scale: 1,
    at: [0, 0],
    frame: [-0.455, -0.238, 0.455, 0.238],
  },
  {
    parallels: [55, 65],
    meridian: -154,
    center: [-2, 58.5],
    scale: 0.35,
    at: [-0.307, 0.201],
    frame: [-0.425, 0.12, -0.214, 0.234],
  },
  {
    parallels: [8, 18],
    meridian: -157,
    center: [-3, 19.9],
    scale: 1,
    at: [-0.205, 0.212],
    frame: [-0.214, 0.166, -0.115, 0.234],
  },
]

function conic({ parallels }: Conic, longitude: number, latitude: number): [number, number] {
  const sin1 = Math.sin(parallels[0] * radians)
  const n = (sin1 + Math.sin(parallels[1] * radians)) / 2
  const c = 1 + sin1 * (2 * n - sin1)
  const rho = Math.sqrt(c - 2 * n * Math.sin(latitude * radians)) / n
  const angle = n * longitude * radians
  return [rho * Math.sin(angle), -rho * Math.cos(angle)]
}

/** Into the frame of the baked outlines; null for a place that is on none of the three pieces. */
export function project(longitude: number, latitude: number): Point | null {
  for (const piece of pieces) {
    const turned = ((longitude - piece.meridian + 540) % 360) - 180
    const [x, y] = conic(piece, turned, latitude)
    const [x0, y0] = conic(piece, ...piece.center)
    const fromCenter = [piece.at[0] + (x - x0) * piece.scale, piece.at[1] + (y0 - y) * piece.scale] as const
    const [left, top, right, bottom] = piece.frame
    const isInside = fromCenter[0] >= left && fromCenter[0] <= right && fromCenter[1] >= top && fromCenter[1] <= bottom
    if (isInside) return { x: center.x + fromCenter[0] * scale, y: center.y + fromCenter[1] * scale }
  }
  return null
}
