// Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio, Kegl 2011, "Algorithms for hyper-parameter optimization"),
// multivariate (Falkner, Klein, Hutter 2018, "BOHB"): what did well and what did not are two densities, each a mixture of
// one kernel a point that covers all dimensions together, and one of the whole space; the next point is, of some drawn from
// the good density, the one at which it most exceeds the other.
//
// A kernel is a product: of a normal distribution cut to the unit interval for each number, and for each choice of a table
// that favours the point's own. Bandwidth by Scott's rule on the unit interval: 0.2 n^(-1 / (dimensions + 4)), as Optuna's.

import { below, type Random } from '../../lib/random.ts'
import { type Coordinates, type Space, uniformCoordinates } from './space.ts'

const candidates = 24
/** Share of the points that count as good, and their number at least and at most. */
const goodShare = 0.2
const goodMin = 2
const goodMax = 25

/** @param ranked points seen so far, the best first */
export function suggest(space: Space, ranked: readonly Coordinates[], random: Random): Coordinates {
  const good = Math.min(goodMax, Math.max(goodMin, Math.ceil(goodShare * ranked.length)))
  const [better, worse] = [densityOf(space, ranked.slice(0, good)), densityOf(space, ranked.slice(good))]
  let best: Coordinates = better.draw(random)
  let bestRatio = Number.NEGATIVE_INFINITY
  for (let n = 0; n < candidates; n++) {
    const drawn = n === 0 ? best : better.draw(random)
    const ratio = better.logAt(drawn) - worse.logAt(drawn)
    if (ratio <= bestRatio) continue
    best = drawn
    bestRatio = ratio
  }
  return best
}

type Density = { readonly draw: (random: Random) => Coordinates; readonly logAt: (point: Coordinates) => number }

function densityOf(space: Space, points: readonly Coordinates[]): Density {
  const width = 0.2 * Math.max(1, points.length) ** (-1 / (space.length + 4))
  // a choice's own gets one more than its share of the whole space
  const ownOf = (choices: number): number => 1 + 1 / choices
  const kernelAt = (centre: Coordinates, point: Coordinates): number => {
    let product = 1
    for (const [at, dimension] of space.entries()) {
      const [middle, here] = [centre[at] as number, point[at] as number]
      if (dimension.kind === 'choice') {
        const choices = dimension.of.length
        product *= (here === middle ? ownOf(choices) : 1 / choices) / 2
      } else product *= normalAt((here - middle) / width) / (width * insideOf(middle, width))
    }
    return product
  }
  const whole = space.reduce((product, each) => (each.kind === 'choice' ? product / each.of.length : product), 1)
  return {
    logAt: point =>
      Math.log(points.reduce((sum, centre) => sum + kernelAt(centre, point), whole) / (points.length + 1)),
    draw(random) {
      const centre = points[below(random, points.length + 1)]
      if (centre === undefined) return uniformCoordinates(space, random)
      return space.map((dimension, at) => {
        const middle = centre[at] as number
        if (dimension.kind === 'number') return normalIn(middle, width, random)
        return random() < 0.5 ? middle : below(random, dimension.of.length)
      })
    },
  }
}

function normalAt(z: number): number {
  return Math.exp(-z * z * 0.5) / Math.sqrt(2 * Math.PI)
}

/** Share of a normal distribution that lies in 0..1. */
function insideOf(middle: number, width: number): number {
  return normalBelow((1 - middle) / width) - normalBelow(-middle / width)
}

/** Of the standard normal distribution, to 1e-7 (Abramowitz, Stegun 1964, 26.2.17). */
function normalBelow(z: number): number {
  if (z < 0) return 1 - normalBelow(-z)
  const t = 1 / (1 + 0.2316419 * z)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return 1 - normalAt(z) * series
}

/** Drawn again until it lies within (at least half of the distribution does): polar method of Box, Muller, Marsaglia. */
function normalIn(middle: number, width: number, random: Random): number {
  for (;;) {
    const [u, v] = [2 * random() - 1, 2 * random() - 1]
    const square = u * u + v * v
    if (square >= 1 || square === 0) continue
    const value = middle + width * u * Math.sqrt((-2 * Math.log(square)) / square)
    if (value >= 0 && value <= 1) return value
  }
}
