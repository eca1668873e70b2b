// Durations in milliseconds, and instants as epoch milliseconds (UTC).

export const seconds = (count: number): number => count * 1000
export const minutes = (count: number): number => count * 60_000
export const hours = (count: number): number => count * 3_600_000
export const days = (count: number): number => count * 86_400_000

/** The start of the window of `sizeMs` that holds `at`. */
export function floorTo(at: number, sizeMs: number): number {
  return Math.floor(at / sizeMs) * sizeMs
}

/** The first multiple of `sizeMs` at or after `at`. */
export function ceilTo(at: number, sizeMs: number): number {
  return Math.ceil(at / sizeMs) * sizeMs
}
