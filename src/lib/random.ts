// Numbers that look random and are the same for the same seed. `hash32` decides about one thing by its name, whatever
// came before it; `randomFrom` draws a sequence, for what is made in an order of its own.
//
// mix32: the finaliser `lowbias32` (Chris Wellons, "Prospecting for Hash Functions", 2018).
// randomFrom: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state.

/** Scrambles a 32-bit integer; a bijection. @returns 0 to 2^32 - 1 */
export function mix32(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  return (h ^ (h >>> 15)) >>> 0
}

/** A hash of the UTF-16 units of `text`. @returns 0 to 2^32 - 1 */
export function hash32(text: string, seed: number): number {
  let h = mix32(seed ^ 0x9e3779b9) | 0
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) ^ (h >>> 15)
  return mix32(h ^ text.length)
}

/** The hash as a fraction, 0 <= fraction < 1. */
export function fractionOf(hash: number): number {
  return hash / 0x1_0000_0000
}

/** An endless sequence of fractions, 0 <= fraction < 1. */
export type Random = () => number

export function randomFrom(seed: number): Random {
  let a = mix32(seed)
  let b = mix32(a ^ 0x243f6a88)
  let c = mix32(b ^ 0x85a308d3)
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    // a whole number of 32 bits, or each draw would allocate
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return fractionOf(sum >>> 0)
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

/** A whole number, 0 to count - 1. */
export function below(random: Random, count: number): number {
  return Math.floor(random() * count)
}
