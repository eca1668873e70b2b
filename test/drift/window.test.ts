import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noSketches } from '../../src/drift/columns.ts'
import { lossOf } from '../../src/drift/loss.ts'
import type { SketchKind } from '../../src/drift/sketch.ts'
import { type WindowContent, WindowSums, windowIn, windowOfLists } from '../../src/drift/window.ts'
import type { ColumnSketch, OutcomeRow } from '../../src/records.ts'

const kinds: readonly SketchKind[] = ['numeric', 'categorical']

type Row = {
  readonly horizonMinutes?: number
  readonly features: readonly (number | string | null)[]
  /** The champion first. */
  readonly said: readonly (readonly [model: string, probability: number])[]
  readonly label: boolean | null
}

function rowOf({ horizonMinutes = 120, features, said }: Row): OutcomeRow {
  const outputs = said.map(([model, probability]) => ({ model, hash: `hash of ${model}`, probability }))
  return { horizonMinutes, dueAt: 0, frameTo: null, skipped: null, features: [...features], outputs }
}

function sumsOf(rows: readonly Row[]): WindowSums {
  const sums = new WindowSums(kinds)
  for (const row of rows) sums.add(rowOf(row), row.label)
  return sums
}

const contentOf = (rows: readonly Row[]): WindowContent => sumsOf(rows).content()

const anyRow: fc.Arbitrary<Row> = fc.record({
  horizonMinutes: fc.constantFrom(1440, 120, 0),
  features: fc.tuple(
    fc.option(fc.integer({ min: -3, max: 3 })),
    fc.option(fc.constantFrom('UA', 'B6', 'AA')),
  ) as fc.Arbitrary<(number | string | null)[]>,
  said: fc
    .uniqueArray(fc.constantFrom('m0', 'm1', 'm2', 'm3'), { maxLength: 3 })
    .chain(models =>
      fc.tuple(...models.map(model => fc.tuple(fc.constant(model), fc.integer({ min: 0, max: 10_000 })))),
    ),
  label: fc.constantFrom(true, false, null),
})
const anyRows = fc.array(anyRow, { maxLength: 20 })

describe('a window', () => {
  test('counts rows, labels, columns, who was the champion, and what each model said', () => {
    const content = contentOf([
      {
        features: [5, 'UA'],
        said: [
          ['m0', 3000],
          ['m1', 9000],
        ],
        label: true,
      },
      {
        features: [null, 'B6'],
        said: [
          ['m0', 3000],
          ['m1', 100],
        ],
        label: false,
      },
      { horizonMinutes: 1440, features: [5, null], said: [['m1', 700]], label: null },
      { features: [-1, 'UA'], said: [], label: true },
    ])
    const sketch = (values: number[], counts: number[]) => ({ missing: 0, values, categories: [], counts })
    const of = (model: string, horizonMinutes: number) => ({ model, horizonMinutes })
    expect(content).toEqual({
      rows: 4,
      labelled: 3,
      late: 2,
      sketches: {
        missing: [1, 1],
        distinct: [2, 2],
        values: [-1, 5],
        valueCounts: [1, 2],
        categories: ['B6', 'UA'],
        categoryCounts: [1, 2],
      },
      champions: [
        { version: 'm0', hash: 'hash of m0', count: 2 },
        { version: 'm1', hash: 'hash of m1', count: 1 },
      ],
      scores: [
        { ...of('m0', 120), late: sketch([3000], [1]), punctual: sketch([3000], [1]), unlabelled: sketch([], []) },
        { ...of('m1', 1440), late: sketch([], []), punctual: sketch([], []), unlabelled: sketch([700], [1]) },
        { ...of('m1', 120), late: sketch([9000], [1]), punctual: sketch([100], [1]), unlabelled: sketch([], []) },
      ],
      pairs: [
        {
          champion: 'm0',
          challenger: 'm1',
          count: 2,
          championLoss: lossOf(3000, true) + lossOf(3000, false),
          challengerLoss: lossOf(9000, true) + lossOf(100, false),
        },
      ],
    })
  })

  test('without rows has no sketches, and can be taken in all the same', () => {
    const empty = contentOf([])
    expect(empty).toEqual({ rows: 0, labelled: 0, late: 0, sketches: noSketches, champions: [], scores: [], pairs: [] })
    const sums = sumsOf([{ features: [1, 'UA'], said: [['m0', 1]], label: null }])
    const before = sums.content()
    sums.merge(empty)
    sums.slide(empty, empty)
    expect(sums.content()).toEqual(before)
  })

  test('a column that a row does not have counts as missing', () => {
    const { sketches } = contentOf([{ features: [1], said: [], label: null }])
    expect(sketches).toMatchObject({ missing: [0, 1], distinct: [1, 0], categories: [] })
  })

  test('a row without a label is in no pair', () => {
    const said = [
      ['m0', 5000],
      ['m1', 5000],
      ['m2', 5000],
    ] as const
    expect(sumsOf([{ features: [1, 'UA'], said, label: null }]).pairs).toEqual([])
    expect(sumsOf([{ features: [1, 'UA'], said, label: false }]).pairs.map(pair => pair.challenger)).toEqual([
      'm1',
      'm2',
    ])
  })

  test('is the same whatever the order of its rows', () => {
    fc.assert(
      fc.property(
        anyRows.chain(rows => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
        ([rows, shuffled]) => {
          expect(contentOf(shuffled)).toEqual(contentOf(rows))
        },
      ),
    )
  })

  test('is the same whatever its parts, and the order in which they are merged', () => {
    fc.assert(
      fc.property(fc.array(anyRows, { maxLength: 6 }), fc.array(fc.nat()), (parts, order) => {
        const sums = new WindowSums(kinds)
        const left = parts.map(contentOf)
        for (let turn = 0; left.length > 0; turn++) {
          const [next] = left.splice((order[turn] ?? 0) % left.length, 1)
          sums.merge(next as WindowContent)
        }
        expect(sums.content()).toEqual(contentOf(parts.flat()))
      }),
    )
  })

  test('of all horizons a model has said what it would have at one', () => {
    fc.assert(
      fc.property(anyRows, rows => {
        const [apart, alike] = [sumsOf(rows), sumsOf(rows.map(row => ({ ...row, horizonMinutes: 120 })))]
        const contents = (sums: WindowSums, model: string) => {
          const { late, punctual, unlabelled } = sums.said(model) ?? {}
          return [late, punctual, unlabelled].map(sketch => sketch?.content())
        }
        for (const model of ['m0', 'm1', 'm2', 'm3']) expect(contents(apart, model)).toEqual(contents(alike, model))
      }),
    )
  })

  test('keeps what was counted before horizons were apart, and lets it go', () => {
    const row: Row = { features: [1, 'UA'], said: [['m0', 700]], label: true }
    const before = contentOf([row])
    const old = { ...before, scores: before.scores.map(each => ({ ...each, horizonMinutes: null })) }
    const sums = sumsOf([row])
    sums.merge(old)
    expect(sums.said('m0')?.late.content()).toMatchObject({ values: [700], counts: [2] })
    expect(sums.content().scores.map(({ horizonMinutes }) => horizonMinutes)).toEqual([120, null])
    sums.slide(contentOf([]), old)
    expect(sums.content()).toEqual(before)
  })

  test('from before its sketches lay together is read as if they had', () => {
    fc.assert(
      fc.property(anyRows, rows => {
        const content = contentOf(rows)
        const { sketches, ...rest } = content
        const { missing, distinct, values, valueCounts, categories, categoryCounts } = sketches
        const [numbers = 0] = distinct
        const columns: ColumnSketch[] = [
          { missing: missing[0] ?? 0, values, categories: [], counts: valueCounts },
          { missing: missing[1] ?? 0, values: [], categories, counts: categoryCounts },
        ]
        expect(values).toHaveLength(numbers)
        const about = { from: 0, to: 1, partition: 0, reached: 0, featureSet: null }
        const partial = { ...about, ...rest, columns: rows.length === 0 ? [] : columns, sketches: noSketches }
        expect(windowIn(partial)).toMatchObject(content)
        expect(windowIn({ ...about, ...content, columns: [] })).toMatchObject(content)
        const lists = columns.map(({ missing: none, values: own, categories: others, counts }) => {
          return [none, own.length > 0 ? own : others, counts] as const
        })
        expect(windowOfLists({ ...rest, columns: rows.length === 0 ? [] : lists })).toEqual(content)
      }),
    )
  })

  test('of very many rows, and looked at in between, is the same', () => {
    const row = (n: number): Row => ({ features: [n % 7, n % 3 ? 'UA' : null], said: [['m0', n]], label: n % 2 === 0 })
    const rows = Array.from({ length: 2500 }, (_, n) => row(n))
    const sums = new WindowSums(kinds)
    const looks: unknown[] = []
    for (const [n, each] of rows.entries()) {
      sums.add(rowOf(each), each.label)
      if (n % 700 === 0) looks.push(sums.columns.total(0))
    }
    expect(looks).toEqual([1, 701, 1401, 2101])
    const { sketches } = sums.content()
    const count = (holds: (n: number) => boolean) => rows.filter((_, n) => holds(n)).length
    const values = [0, 1, 2, 3, 4, 5, 6]
    const counts = values.map(value => count(n => n % 7 === value))
    expect(sketches).toEqual({
      missing: [0, count(n => n % 3 === 0)],
      distinct: [7, 1],
      values,
      valueCounts: counts,
      categories: ['UA'],
      categoryCounts: [count(n => n % 3 > 0)],
    })
    expect(contentOf(rows)).toEqual(sums.content())
  })

  test('slides: what it takes in is there, what it gives away leaves no trace', () => {
    fc.assert(
      fc.property(anyRows, anyRows, anyRows, (rows, others, more) => {
        const sums = sumsOf([...rows, ...others])
        sums.slide(contentOf(more), contentOf(others))
        expect(sums.content()).toEqual(contentOf([...rows, ...more]))
        // whichever way it is looked at
        const all = contentOf([...rows, ...more])
        expect([...sums.champions.keys()].sort()).toEqual(all.champions.map(({ version }) => version))
        const horizons = [...sums.scores].flatMap(([model, each]) =>
          [...each.keys()].map(horizon => `${model} ${horizon}`),
        )
        expect(horizons.sort()).toEqual(
          all.scores.map(({ model, horizonMinutes }) => `${model} ${horizonMinutes}`).sort(),
        )
        expect([...sums.scores.keys()].sort()).toEqual([...new Set(all.scores.map(({ model }) => model))])
        expect(sums.pairs).toHaveLength(all.pairs.length)
      }),
    )
  })

  test('sums the losses of each pair over its labelled rows', () => {
    fc.assert(
      fc.property(anyRows, rows => {
        for (const { champion, challenger, count, championLoss, challengerLoss } of contentOf(rows).pairs) {
          const shared = rows.filter(({ said, label }) => {
            return label !== null && said[0]?.[0] === champion && said.slice(1).some(([model]) => model === challenger)
          })
          const lossIn = (model: string) =>
            shared.reduce((sum, { said, label }) => {
              const [, probability] = said.find(([name]) => name === model) as readonly [string, number]
              return sum + lossOf(probability, label as boolean)
            }, 0)
          expect([count, championLoss, challengerLoss]).toEqual([shared.length, lossIn(champion), lossIn(challenger)])
        }
      }),
    )
  })

  test('refuses to give away what it does not have', () => {
    const sums = sumsOf([{ features: [1, 'UA'], said: [['m0', 1]], label: true }])
    const other = contentOf([{ features: [2, 'UA'], said: [['m0', 1]], label: true }])
    expect(() => sums.slide(contentOf([]), other)).toThrow('what is subtracted was in the sketch')
  })
})
