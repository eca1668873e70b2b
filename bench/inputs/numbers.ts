/** To two decimals, or as many as asked for. */
export function round(value: number, decimals = 2): number {
  const scale = 10 ** decimals
  return Math.round(value * scale) / scale
}

export type Quantiles = { n: number; p50: number; p90: number; p99: number; max: number }

/** Nearest rank: the smallest value that a share of all values does not exceed. NaN when there are none. */
export function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN)
  return { n: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}
