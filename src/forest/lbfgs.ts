// Minimises a smooth convex function of many variables: limited-memory BFGS (Nocedal 1980; algorithms 7.4 and 7.5 of
// Nocedal, Wright 2006, "Numerical optimization"), steps halved until they pay (Armijo). Deterministic.

export type Smooth = {
  /** The value at `at`; writes the gradient to `gradient`. */
  readonly valueAt: (at: Float64Array, gradient: Float64Array) => number
}

export type LbfgsOptions = {
  readonly stepsMax?: number
  /** Ends where no part of the gradient is larger. */
  readonly gradientMax?: number
}

const pairsMax = 10
const halvingsMax = 40
const decrease = 1e-4

/** Yields after each step; returns where it ended. */
export function* minimised(
  { valueAt }: Smooth,
  start: Float64Array,
  { stepsMax = 200, gradientMax = 1e-6 }: LbfgsOptions = {},
): Generator<number, Float64Array> {
  let here: Float64Array = start.slice()
  let gradient: Float64Array = new Float64Array(here.length)
  let value = valueAt(here, gradient)
  const pairs: Pair[] = []
  for (let step = 1; step <= stepsMax && gradient.some(part => Math.abs(part) > gradientMax); step++) {
    const direction = directionOf(gradient, pairs)
    const slope = dot(gradient, direction)
    if (!(slope < 0)) break
    // without a memory of the curvature, the first step is a short one
    let length = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1
    let next = moved(here, direction, length)
    const nextGradient = new Float64Array(here.length)
    let nextValue = valueAt(next, nextGradient)
    for (let halving = 0; !(nextValue <= value + decrease * length * slope) && halving < halvingsMax; halving++) {
      length /= 2
      next = moved(here, direction, length)
      nextValue = valueAt(next, nextGradient)
    }
    if (!(nextValue < value)) break
    remember(pairs, { change: minus(next, here), turn: minus(nextGradient, gradient) })
    ;[here, gradient, value] = [next, nextGradient, nextValue]
    yield step
  }
  return here
}

type Pair = { readonly change: Float64Array; readonly turn: Float64Array }

function remember(pairs: Pair[], pair: Pair): void {
  if (!(dot(pair.change, pair.turn) > 0)) return
  pairs.push(pair)
  if (pairs.length > pairsMax) pairs.shift()
}

/** Two loops over the pairs: the inverse of the Hessian, as far as they tell, times the gradient, downwards. */
function directionOf(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = gradient.map(part => -part)
  const shares: number[] = []
  for (const { change, turn } of pairs.toReversed()) {
    const share = dot(change, direction) / dot(change, turn)
    shares.push(share)
    add(direction, turn, -share)
  }
  const last = pairs.at(-1)
  if (last) {
    const scale = dot(last.change, last.turn) / dot(last.turn, last.turn)
    for (let at = 0; at < direction.length; at++) direction[at] = (direction[at] as number) * scale
  }
  for (const { change, turn } of pairs) {
    const share = (shares.pop() as number) - dot(turn, direction) / dot(change, turn)
    add(direction, change, share)
  }
  return direction
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number)
  return sum
}

function add(into: Float64Array, other: Float64Array, share: number): void {
  for (let at = 0; at < into.length; at++) into[at] = (into[at] as number) + share * (other[at] as number)
}

function moved(from: Float64Array, direction: Float64Array, length: number): Float64Array {
  return from.map((part, at) => part + length * (direction[at] as number))
}

function minus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((part, at) => part - (b[at] as number))
}
