import fc from 'fast-check'
import { expect, test } from 'vitest'
import { below, fractionOf, hash32, mix32, randomFrom } from '../../src/lib/random.ts'

test('a sequence depends on its seed alone', () => {
  const draw = (seed: number): number[] => Array.from({ length: 5 }, randomFrom(seed))
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(draw(0)).not.toEqual(draw(1))
})

test('a sequence never changes between versions', () => {
  const random = randomFrom(7)
  expect(Array.from({ length: 4 }, () => below(random, 1_000_000))).toMatchInlineSnapshot(`
    [
      961279,
      841750,
      131377,
      759056,
    ]
  `)
  expect([hash32('', 0), hash32('JFK', 7), mix32(1)]).toMatchInlineSnapshot(`
    [
      340428713,
      639372178,
      2261973619,
    ]
  `)
})

test('fractions fill ten bins evenly, drawn and hashed', () => {
  const random = randomFrom(1)
  const drawn = Array.from({ length: 10 }, () => 0)
  const hashed = Array.from({ length: 10 }, () => 0)
  for (let i = 0; i < 100_000; i++) {
    const bin = below(random, 10)
    drawn[bin] = (drawn[bin] ?? 0) + 1
    const other = Math.floor(fractionOf(hash32(`UA-${i}`, 7)) * 10)
    hashed[other] = (hashed[other] ?? 0) + 1
  }
  for (const count of [...drawn, ...hashed]) expect(Math.abs(count - 10_000)).toBeLessThan(500)
})

test('every hash is a whole number below 2^32 and its fraction is below 1', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer(), (text, seed) => {
      const hash = hash32(text, seed)
      expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true)
      expect(fractionOf(hash)).toBeLessThan(1)
      expect(hash32(text, seed)).toBe(hash)
    }),
  )
})

test('texts that differ in one letter or seed have other hashes', () => {
  const hashes = new Set<number>()
  for (let i = 0; i < 20_000; i++) hashes.add(hash32(`AA-${i}-JFK-LAX`, 7))
  expect(hashes.size).toBeGreaterThanOrEqual(19_999)
  expect(hash32('JFK', 1)).not.toBe(hash32('JFK', 2))
})
