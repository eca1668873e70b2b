// Tail probabilities of the normal and the chi-square distribution, in plain arithmetic to about 14 digits, however small
// they are: every sum below has positive terms only, so that nothing cancels.

const rootPi = Math.sqrt(Math.PI)

/** exp(x^2) erfc(x) for x >= 0: a power series (Abramowitz & Stegun 7.1.6) up to 2, then a continued fraction (7.1.14). */
function scaledErfc(x: number): number {
  if (x < 2) {
    let term = x
    let sum = x
    for (let n = 1; term > sum * 1e-17; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return Math.exp(x * x) - (2 / rootPi) * sum
  }
  let fraction = x
  for (let n = 80; n > 0; n--) fraction = x + n / 2 / fraction
  return 1 / (rootPi * fraction)
}

/** Complementary error function for x >= 0. */
export function erfc(x: number): number {
  return x > 26.6 ? 0 : Math.exp(-x * x) * scaledErfc(x)
}

/**
 * Chance that a chi-square variable exceeds `statistic`: the finite sums of Abramowitz & Stegun 26.4.4 and 26.4.5.
 * @param freedom degrees of freedom, a whole number; with 0 there is no such variable, and the answer is NaN
 */
export function chiSquareTail(statistic: number, freedom: number): number {
  if (freedom < 1 || Number.isNaN(statistic)) return Number.NaN
  if (statistic === Number.POSITIVE_INFINITY) return 0
  const x = statistic / 2
  const isOdd = freedom % 2 === 1
  // the sum times exp(x - scale)
  let sum = isOdd ? scaledErfc(Math.sqrt(x)) : 1
  let term = isOdd ? 2 * Math.sqrt(x / Math.PI) : x
  let scale = 0
  for (let degree = isOdd ? 3 : 4; degree <= freedom; degree += 2) {
    sum += term
    term *= x / (degree / 2)
    if (sum > 1e200) {
      sum *= 1e-200
      term *= 1e-200
      scale += 200 * Math.LN10
    }
  }
  // in two steps, since exp(-x) alone may be too small for a double
  const half = Math.exp((scale - x) / 2)
  return Math.min(1, sum * half * half)
}
