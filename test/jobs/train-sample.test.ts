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
      const { departureAt, labels, columns } = sample.rowsBetween(0, 7)
      const rows = rowsOf({ columns }, 0, labels.length)
      expect([...departureAt]).toEqual(wanted.map(each => each.departureAt))
      expect([...labels]).toEqual(wanted.map(({ label }) => label))
      expect(rows).toEqual(wanted.map(({ features }) => features))
      // codes too are the same whatever order the rows came in
      expect(columns[1]?.categories).toEqual(
        packColumn(
          'categorical',
          wanted.map(({ features }) => features[1] ?? null),
        ).categories,
      )
    },
  )
  fc.assert(property)
})

test('numbers of any size stay what they are, and a part of the rows is asked for by departure', () => {
  const wide = fc.array(
    fc.oneof(fc.integer({ min: -(2 ** 29), max: 2 ** 29 }), fc.integer({ min: -3, max: 3 }), fc.constant(null)),
  )
  const property = fc.property(wide, fc.nat(20), fc.nat(20), (values, from, to) => {
    const sample = new RowSample(300, 1, ['numeric'])
    for (const [n, value] of values.entries()) sample.offer({ ...row(n), departureAt: n, features: [value] })
    const { columns, departureAt } = sample.rowsBetween(from, to)
    const between = values.slice(from, Math.max(from, to))
    expect(rowsOf({ columns }, 0, departureAt.length)).toEqual(between.map(value => [value]))
  })
  fc.assert(property)
})

test('it goes on after it was asked, as if it had not been', () => {
  const rows = Array.from({ length: 900 }, (_, n) => row(n))
  const [asked, not] = [new RowSample(100, 4, kinds), new RowSample(100, 4, kinds)]
  for (const [n, each] of rows.entries()) {
    asked.offer(each)
    not.offer(each)
    if (n % 90 === 0) asked.rowsBetween(0, 7)
  }
  expect(asked.rowsBetween(0, 7)).toEqual(not.rowsBetween(0, 7))
})
