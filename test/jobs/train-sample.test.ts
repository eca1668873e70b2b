import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packColumn, rowsOf } from '../../src/forest/training-set.ts'
import { type LabelledRow, RowSample } from '../../src/jobs/train-sample.ts'
import { hash32 } from '../../src/lib/random.ts'

const kinds = ['numeric', 'categorical'] as const

const row = (n: number): LabelledRow => ({
  flightId: `f${n}`,
  horizonMinutes: 120,
  departureAt: n % 7,
  features: [n % 3 === 0 ? null : n, n % 5 === 0 ? null : `c${n % 4}`],
  label: n % 2 === 0 ? 1 : 0,
})

test('the rows of the lowest hashes, whatever order they come in, as they were', () => {
  const rows = fc.uniqueArray(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 400 })
  const property = fc.property(
    rows,
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: 0, max: 9 }),
    (ns, size, seed) => {
      const sample = new RowSample(size, seed, kinds)
      for (const n of ns) sample.offer(row(n))
      const hash = (each: LabelledRow) => hash32(`${each.flightId} ${each.horizonMinutes}`, seed)
      const wanted = ns
        .map(row)
        .sort((a, b) => hash(a) - hash(b) || (a.flightId < b.flightId ? -1 : 1))
        .slice(0, size)
        .sort((a, b) => a.departureAt - b.departureAt || (a.flightId < b.flightId ? -1 : 1))
      expect(sample.seen).toBe(ns.length)
      const { departureAt, labels, columns } = sample.takeAll()
      const rows = rowsOf({ columns }, 0, labels.length)
      expect([...departureAt]).toEqual(wanted.map(each => each.departureAt))
      expect([...labels]).toEqual(wanted.map(({ label }) => label))
      expect(rows).toEqual(wanted.map(({ features }) => features))
      // a column is the same whatever order its rows came in
      expect(columns).toEqual(
        kinds.map((kind, at) =>
          packColumn(
            kind,
            wanted.map(({ features }) => features[at] ?? null),
          ),
        ),
      )
    },
  )
  fc.assert(property)
})
