// Points and weights of Gauss and Legendre on 0..1: the weighted sum of a polynomial's values there is its integral, exactly
// up to degree 2n - 1. The points are the roots of the Legendre polynomial, found by Newton's method (Press et al.,
// Numerical Recipes, section 4.6).

export type Quadrature = { readonly points: Float64Array; readonly weights: Float64Array }

/** @param count from 1 on; points in ascending order */
export function gaussLegendre(count: number): Quadrature {
  const points = new Float64Array(count)
  const weights = new Float64Array(count)
  for (let index = 0; index < count; index++) {
    let x = -Math.cos((Math.PI * (index + 0.75)) / (count + 0.5))
    for (let step = 0; step < 100; step++) {
      const { value, slope } = legendre(count, x)
      const next = x - value / slope
      if (Math.abs(next - x) <= 2 ** -52) break
      x = next
    }
    const { slope } = legendre(count, x)
    points[index] = (1 + x) / 2
    weights[index] = 1 / ((1 - x * x) * slope * slope)
  }
  return { points, weights }
}

function legendre(degree: number, x: number): { value: number; slope: number } {
  let before = 1
  let value = x
  for (let n = 2; n <= degree; n++) {
    const next = ((2 * n - 1) * x * value - (n - 1) * before) / n
    before = value
    value = next
  }
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) }
}
