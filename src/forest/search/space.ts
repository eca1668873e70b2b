// What a search may choose: dimensions, and points in them. Numbers are searched on the unit interval, so that all samplers
// see the same kind of axis whatever the unit and scale.

import { below, type Random } from '../../lib/random.ts'

export type Dimension =
  | {
      readonly name: string
      readonly kind: 'number'
      readonly low: number
      readonly high: number
      /** `log`: equal ratios are equally far apart. */
      readonly scale: 'linear' | 'log'
      readonly whole: boolean
    }
  | { readonly name: string; readonly kind: 'choice'; readonly of: readonly string[] }

export type Space = readonly Dimension[]

/** A value for each dimension, by its name. */
export type Point = Readonly<Record<string, number | string>>

export const number = (name: string, low: number, high: number): Dimension => {
  return { name, kind: 'number', low, high, scale: 'linear', whole: false }
}
export const logNumber = (name: string, low: number, high: number): Dimension => {
  return { name, kind: 'number', low, high, scale: 'log', whole: false }
}
export const wholeNumber = (name: string, low: number, high: number): Dimension => {
  return { name, kind: 'number', low, high, scale: 'linear', whole: true }
}
export const logWhole = (name: string, low: number, high: number): Dimension => {
  return { name, kind: 'number', low, high, scale: 'log', whole: true }
}
export const choice = (name: string, of: readonly string[]): Dimension => ({ name, kind: 'choice', of })

/** One coordinate a dimension: 0..1 of a number, the index of a choice. */
export type Coordinates = readonly number[]

/** Of one drawn without regard to anything. */
export function uniformCoordinates(space: Space, random: Random): Coordinates {
  return space.map(dimension => (dimension.kind === 'choice' ? below(random, dimension.of.length) : random()))
}

/** Numbers come with four significant digits: what is printed is what was tried. */
export function pointAt(space: Space, coordinates: Coordinates): Point {
  return Object.fromEntries(
    space.map((dimension, at) => {
      const coordinate = coordinates[at] as number
      if (dimension.kind === 'choice') return [dimension.name, dimension.of[coordinate] as string]
      const { low, high, scale, whole, name } = dimension
      const value =
        scale === 'log' ? low * Math.exp(coordinate * Math.log(high / low)) : low + coordinate * (high - low)
      const rounded = whole ? Math.round(value) : Number(value.toPrecision(4))
      return [name, Math.min(high, Math.max(low, rounded))]
    }),
  )
}

/** The inverse of `pointAt`, up to rounding. What lies outside of a dimension is moved to its edge. */
export function coordinatesOf(space: Space, point: Point): Coordinates {
  return space.map(dimension => {
    const value = point[dimension.name]
    if (dimension.kind === 'choice') return Math.max(0, dimension.of.indexOf(String(value)))
    const { low, high, scale } = dimension
    const held = Math.min(high, Math.max(low, Number(value)))
    return scale === 'log' ? Math.log(held / low) / Math.log(high / low) : (held - low) / (high - low)
  })
}
