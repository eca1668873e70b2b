// The p value of the two-sample Kolmogorov-Smirnov test, as `scipy.stats.ks_2samp` chooses it: exact while neither sample
// has more than 10,000 rows, then that of the one-sample statistic at the harmonic size n m / (n + m).
//
// Two samples: J. L. Hodges, "The significance probability of the Smirnov two-sample test" (1958), by counting paths.
// One sample, the regions of R. Simard and P. L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov distribution" (2011):
// twice the one-sided tail where that is exact to double precision (Birnbaum & Tingey 1951), the matrix of G. Marsaglia,
// W. W. Tsang and J. Wang (2003) for small ones, and the expansion of W. Pelz and I. J. Good (1976) for the rest.

import { pelzGood } from './pelz-good.ts'

const exactRowsMax = 10_000

/**
 * Chance of a distance of at least `steps / (n m)` between the samples' distribution functions if both come from one.
 * @param n rows of one sample, 1 or more
 * @param m rows of the other, 1 or more
 * @param steps the distance times n m, which is a whole number
 */
export function twoSampleTail(n: number, m: number, steps: number): number {
  if (steps === 0) return 1
  if (Math.max(n, m) > exactRowsMax) return oneSampleTail(roundedToEven((n * m) / (n + m)), steps / (n * m))
  const gcd = greatestCommonDivisor(n, m)
  return n === m ? equalSizesTail(n, steps / n) : pathsTail(Math.max(n, m), Math.min(n, m), steps / gcd)
}

/** Both of `n` rows, functions `h / n` apart: the alternating sum over reflected paths, nested so as not to cancel. */
function equalSizesTail(n: number, h: number): number {
  let tail = 0
  for (let k = Math.floor(n / h); k >= 0; k--) {
    let share = 1
    for (let j = 0; j < h; j++) share *= (n - k * h - j) / (n + k * h + j + 1)
    tail = share * (1 - tail)
  }
  return Math.min(1, 2 * tail)
}

/**
 * Share of the lattice paths from (0, 0) to (m, n), m > n, that reach |x/m - y/n| >= h/lcm(m, n). Column by column: a path
 * to (i, j) came from (i - 1, j) with chance i / (i + j), else from (i, j - 1). Outside the band every path counts.
 */
function pathsTail(m: number, n: number, h: number): number {
  const gcd = greatestCommonDivisor(m, n)
  const [stepX, stepY] = [n / gcd, m / gcd]
  const tails = new Float64Array(n + 2).fill(1)
  tails.fill(0, 0, Math.min(Math.ceil(h / stepY), n + 1))
  for (let i = 1; i <= m; i++) {
    const low = Math.max(Math.floor((stepX * i - h) / stepY) + 1, 0)
    const high = Math.min(Math.ceil((stepX * i + h) / stepY), n + 1)
    if (high <= low) return 1
    let tail = low === 0 ? 0 : 1
    for (let j = low; j < high; j++) {
      tail = ((tails[j] as number) * i + tail * j) / (i + j)
      tails[j] = tail
    }
  }
  return tails[n] as number
}

/** Chance that the distribution function of `n` rows lies `d` or more from the true one somewhere. */
export function oneSampleTail(n: number, d: number): number {
  const t = n * d
  if (t <= 0.5 || n < 1) return 1
  if (d >= 1) return 0
  if (t <= 1) return 1 - smallestDistances(n, t)
  if (t >= n - 1) return 2 * (1 - d) ** n
  const x = t * d
  if (x >= 370) return 0
  if (d >= 0.5 || x >= (n <= 140 ? 4 : 2.2)) return Math.min(1, 2 * oneSidedTail(n, d))
  const isByMatrix = n <= 140 || (n <= 100_000 && n * d ** 1.5 <= 1.4)
  return 1 - (isByMatrix ? byMatrix(n, d) : pelzGood(n, d))
}

/** Chance of less than t/n for 1/2 < t <= 1: n! ((2t - 1) / n)^n. */
function smallestDistances(n: number, t: number): number {
  let share = 1
  for (let i = 1; i <= n && share > 0; i++) share *= (i / n) * (2 * t - 1)
  return share
}

/** Chance that it lies `d` or more above it: a sum of binomial chances, each by Stirling's formula and its remainder. */
function oneSidedTail(n: number, d: number): number {
  const t = n * d
  let tail = (1 - d) ** n
  for (let j = 1; j < n && j <= n - t; j++) {
    const rest = n - j
    const remainder = stirlingError(n) - stirlingError(j) - stirlingError(rest)
    const exponent = j * Math.log1p(t / j) + rest * Math.log1p(-Math.min(1, t / rest))
    tail += (t / (t + j)) * Math.sqrt(n / (2 * Math.PI * j * rest)) * Math.exp(remainder + exponent)
  }
  return tail
}

/** ln n! less Stirling's formula ln(sqrt(2 pi n) (n/e)^n). n is 1 or more. */
function stirlingError(n: number): number {
  if (n > 15) {
    const square = n * n
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / n
  }
  let factorial = 1
  for (let i = 2; i <= n; i++) factorial *= i
  return Math.log(factorial / Math.sqrt(2 * Math.PI * n)) - n * Math.log(n) + n
}

/** Chance of less than `d`: the middle of H^n n! / n^n, where H is banded below and of 2k - 1 rows, k = ceil(n d). */
function byMatrix(n: number, d: number): number {
  const k = Math.ceil(n * d)
  const size = 2 * k - 1
  const h = k - n * d
  const matrix = new Float64Array(size * size)
  const set = (row: number, column: number, value: number) => {
    matrix[row * size + column] = value
  }
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= Math.min(row + 1, size - 1); column++)
      set(row, column, 1 / factorial(row - column + 1))
  }
  for (let i = 0; i < size - 1; i++) {
    set(i, 0, (1 - h ** (i + 1)) / factorial(i + 1))
    set(size - 1, size - 1 - i, (1 - h ** (i + 1)) / factorial(i + 1))
  }
  set(size - 1, 0, (1 - 2 * h ** size + Math.max(0, 2 * h - 1) ** size) / factorial(size))
  const { middle, exponent } = middleOfPower(matrix, size, n)
  let share = middle
  let power = exponent
  for (let i = 1; i <= n; i++) {
    share *= i / n
    if (share < 1e-140) {
      share *= 1e140
      power -= 140
    }
  }
  return share * 10 ** power
}

/** The middle element of a matrix to the power n, times 10^exponent. */
function middleOfPower(matrix: Float64Array, size: number, n: number): { middle: number; exponent: number } {
  const centre = (size >> 1) * (size + 1)
  let square = { matrix, exponent: 0 }
  let power: typeof square | undefined
  for (let rest = n; ; ) {
    if (rest % 2 === 1) power = power === undefined ? square : scaledProduct(power, square, size)
    rest = Math.floor(rest / 2)
    if (rest === 0) break
    square = scaledProduct(square, square, size)
  }
  return { middle: power?.matrix[centre] ?? 1, exponent: power?.exponent ?? 0 }
}

type Scaled = { matrix: Float64Array; exponent: number }

function scaledProduct(left: Scaled, right: Scaled, size: number): Scaled {
  const product = new Float64Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let inner = 0; inner < size; inner++) {
      const factor = left.matrix[row * size + inner] as number
      if (factor === 0) continue
      for (let column = 0; column < size; column++) {
        const at = row * size + column
        product[at] = (product[at] as number) + factor * (right.matrix[inner * size + column] as number)
      }
    }
  }
  const exponent = left.exponent + right.exponent
  if ((product[(size >> 1) * (size + 1)] as number) <= 1e140) return { matrix: product, exponent }
  return { matrix: product.map(value => value * 1e-140), exponent: exponent + 140 }
}

function factorial(n: number): number {
  let product = 1
  for (let i = 2; i <= n; i++) product *= i
  return product
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/** To the nearest whole number, a half to the even one, as numpy rounds. */
function roundedToEven(value: number): number {
  const rounded = Math.round(value)
  return rounded - value === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded
}
