import { describe, expect, test } from 'vitest'
import { type Coordinates, choice, number, uniformCoordinates } from '../../../src/forest/search/space.ts'
import { suggest } from '../../../src/forest/search/tpe.ts'
import { randomFrom } from '../../../src/lib/random.ts'

const space = [number('x', 0, 1), number('y', 0, 1), choice('kind', ['good', 'bad', 'worse'])]
/** Best at (0.7, 0.2, good); x and y have to fit together. */
const lossAt = ([x = 0, y = 0, kind = 0]: Coordinates) =>
  (x - 0.7) ** 2 + (y - 0.2) ** 2 + 4 * (x - 0.7) * (y - 0.2) * 0.4 + 0.3 * kind

function searched(seed: number, tries: number, sampler: 'tpe' | 'random'): number {
  const seen: { point: Coordinates; loss: number }[] = []
  for (let n = 0; n < tries; n++) {
    const random = randomFrom(seed * 1000 + n)
    const ranked = [...seen].sort((a, b) => a.loss - b.loss).map(({ point }) => point)
    const point = sampler === 'random' || n < 10 ? uniformCoordinates(space, random) : suggest(space, ranked, random)
    seen.push({ point, loss: lossAt(point) })
  }
  return Math.min(...seen.map(({ loss }) => loss))
}

describe('TPE', () => {
  test('comes nearer to the best point than chance does, from nearly every seed', () => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed)
    const won = seeds.filter(seed => searched(seed, 40, 'tpe') < searched(seed, 40, 'random'))
    expect(won.length).toBeGreaterThanOrEqual(15)
  })

  test('proposes the same for the same points and seed, within the space', () => {
    const ranked = Array.from({ length: 12 }, (_, n) => uniformCoordinates(space, randomFrom(n)))
    for (let seed = 0; seed < 50; seed++) {
      const proposed = suggest(space, ranked, randomFrom(seed))
      expect(suggest(space, ranked, randomFrom(seed))).toEqual(proposed)
      const [x = -1, y = -1, kind = -1] = proposed
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0)
      expect(Math.max(x, y)).toBeLessThanOrEqual(1)
      expect([0, 1, 2]).toContain(kind)
    }
  })

  test('has an answer for no points, and for one', () => {
    expect(suggest(space, [], randomFrom(1))).toHaveLength(3)
    expect(suggest(space, [[0.5, 0.5, 0]], randomFrom(1))).toHaveLength(3)
  })
})
