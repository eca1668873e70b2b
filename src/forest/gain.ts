// What a leaf is worth: with the sums G of gradients and H of hessians, the output w* = -s(G) / (H + l2), where s draws G
// towards 0 by l1, gains s(G)^2 / (H + l2) (Friedman 2001; Chen and Guestrin 2016, equations 5 to 7). Where outputs are
// bounded, w is the nearest one allowed, and gains -(2 s(G) w + (H + l2) w^2).
//
// Sums are whole numbers: gradients times a scale. Gains are in units of that scale, outputs are not.

/** In units of the scale. */
export type Regularisation = { readonly l1: number; readonly l2: number }

/** Outputs allowed in a leaf. */
export type Bounds = { readonly low: number; readonly high: number }

export const unbounded: Bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }

export function shrunk(gradient: number, l1: number): number {
  if (l1 === 0) return gradient
  return gradient > l1 ? gradient - l1 : gradient < -l1 ? gradient + l1 : 0
}

export function outputOf(gradient: number, hessian: number, { l1, l2 }: Regularisation, bounds = unbounded): number {
  const weight = hessian + l2
  const output = weight > 0 ? -shrunk(gradient, l1) / weight : 0
  return Math.min(bounds.high, Math.max(bounds.low, output))
}

/** Of a leaf whose output is as good as the bounds allow. */
export function gainOf(gradient: number, hessian: number, regularisation: Regularisation, bounds = unbounded): number {
  const { l1, l2 } = regularisation
  const output = outputOf(gradient, hessian, regularisation, bounds)
  return -(2 * shrunk(gradient, l1) * output + (hessian + l2) * output * output)
}
