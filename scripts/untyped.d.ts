// The few functions that the project uses of packages that bring no types.

declare module 'd3-geo' {
  type Projection = {
    (point: [number, number]): [number, number] | null
    scale(scale: number): Projection
    translate(point: [number, number]): Projection
  }
  export function geoAlbersUsa(): Projection
}

declare module 'topojson-client' {
  export type Line = [number, number][]
  export function mesh(
    topology: unknown,
    object: unknown,
    filter?: (a: unknown, b: unknown) => boolean,
  ): { coordinates: Line[] }
}
