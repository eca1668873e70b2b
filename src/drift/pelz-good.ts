// W. Pelz and I. J. Good, "Approximating the lower tail-areas of the Kolmogorov-Smirnov one-sample statistic" (1976): the
// distribution function as a series in 1 / sqrt(n), to the fourth term, each transformed by Jacobi's theta function so
// that it converges for small z. Good to about 1e-10 from n = 140 on.

const pi2 = Math.PI ** 2
const pi4 = Math.PI ** 4
const pi6 = Math.PI ** 6
const rootTwoPi = Math.sqrt(2 * Math.PI)

/** Chance that the distribution function of `n` rows lies nowhere `d` or more from the true one. */
export function pelzGood(n: number, d: number): number {
  const z = Math.sqrt(n) * d
  const square = z * z
  const q = Math.exp(-pi2 / 8 / square)
  if (q === 0) return 0
  const terms = Math.ceil((16 * z) / Math.PI)
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0]
  let [extra2, extra3] = [0, 0]
  for (let k = terms; k > 0; k--) {
    const m2 = (2 * k - 1) ** 2
    const odd = q ** m2
    sum0 += odd
    sum1 += odd * (-square + (pi2 / 4) * m2)
    sum2 += odd * polynomial2(square, m2)
    sum3 += odd * polynomial3(square, m2)
    const whole = k * k * q ** (4 * k * k)
    extra2 += whole
    extra3 += whole * (3 * square - pi2 * k * k)
  }
  const k0 = (rootTwoPi * sum0) / z
  const k1 = (rootTwoPi * sum1) / (6 * z ** 4)
  const k2 = (rootTwoPi * sum2) / (72 * z ** 7) - (extra2 * pi2 * rootTwoPi) / (36 * z ** 3)
  const k3 = (rootTwoPi * sum3) / (6480 * z ** 10) + (extra3 * pi2 * rootTwoPi) / (216 * z ** 6)
  return Math.min(1, Math.max(0, k0 + k1 / Math.sqrt(n) + k2 / n + k3 / n ** 1.5))
}

function polynomial2(z2: number, m2: number): number {
  const constant = 6 * z2 ** 3 + 2 * z2 ** 2
  const linear = ((2 * z2 ** 2 - 5 * z2) * pi2) / 4
  const quadratic = (pi4 * (1 - 2 * z2)) / 16
  return constant + linear * m2 + quadratic * m2 ** 2
}

function polynomial3(z2: number, m2: number): number {
  const constant = -30 * z2 ** 3 - 90 * z2 ** 4
  const linear = (pi2 * (135 * z2 ** 2 - 96 * z2 ** 3)) / 4
  const quadratic = (pi4 * (-60 * z2 + 212 * z2 ** 2)) / 16
  const cubic = (pi6 * (5 - 30 * z2)) / 64
  return constant + linear * m2 + quadratic * m2 ** 2 + cubic * m2 ** 3
}
