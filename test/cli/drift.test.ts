// The golden inputs as files: what is told of them must be what Evidently says, cells and kinds being read from text.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Address, columnsOf, relativeDifference } from '../drift/golden.ts'
import { cli, documentOf, type Ran, temporaryFolder } from './cli.ts'

type Told = {
  kind: string
  method: string
  score: number | null
  drifted: boolean | null
  threshold: number
  referenceCount: number
  currentCount: number
  missing: number
  unseen: number
  outcome: string
}

type Comparison = {
  columns: Record<string, Told>
  dataset: { drifted: boolean | null; share: number | null; driftedColumns: number; comparedColumns: number }
  onlyInReference?: string[]
  onlyInCurrent?: string[]
}

type Golden = {
  id: string
  ref: Address
  cur: Address
  numerical: string[]
  categorical: string[]
  expected: {
    evidently: {
      drifted_columns: { count: number }
      columns: Record<string, { score: number; threshold: number }>
      dataset_drift: boolean
    }
  }
}

/** Writes both files and compares them. */
async function compare(reference: string, current: string, { kinds, flags = [] }: Given = {}): Promise<Ran> {
  const folder = temporaryFolder()
  const [a, b, columns] = ['a.csv', 'b.csv.gz', 'kinds.json'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(a, reference)
  writeFileSync(b, gzipSync(current))
  if (kinds !== undefined) writeFileSync(columns, typeof kinds === 'string' ? kinds : JSON.stringify(kinds))
  const kindFlags = kinds === undefined ? [] : ['--columns', columns]
  return await cli(['drift', 'compare', '--reference', a, '--current', b, ...kindFlags, ...flags])
}

type Given = { kinds?: Record<string, string> | string; flags?: string[] }

async function compared(reference: string, current: string, { kinds, flags = [] }: Given = {}): Promise<Comparison> {
  const ran = await compare(reference, current, {
    ...(kinds === undefined ? {} : { kinds }),
    flags: [...flags, '--json'],
  })
  expect(ran.code).toBe(0)
  return documentOf<Comparison>(ran)
}

/** One column, a cell a line. */
const column = (...cells: (string | number)[]): string =>
  `x,row\n${cells.map((cell, at) => `${cell},${at}\n`).join('')}`

describe('drift compare', () => {
  const { cases } = JSON.parse(readFileSync('test/golden/dataset-drift.json', 'utf8')) as { cases: Golden[] }
  const csvOf = (address: Address, names: readonly string[]): string => {
    const columns = [...columnsOf(address, names).values()]
    const rows = (columns[0] ?? []).map((_, row) => columns.map(cells => cells[row] ?? '').join(','))
    return [names.join(','), ...rows, ''].join('\n')
  }

  test('files give the answers of Evidently', async () => {
    const one = cases.find(({ id }) => id === 'ds-small')
    if (one === undefined) throw new Error('there is no such golden case')
    const { ref, cur, numerical, categorical, expected } = one
    const names = [...numerical, ...categorical]
    const kinds = Object.fromEntries(names.map(name => [name, numerical.includes(name) ? 'numeric' : 'categorical']))
    const { columns, dataset } = await compared(csvOf(ref, names), csvOf(cur, names), { kinds })
    const { evidently } = expected
    const wrong = Object.entries(evidently.columns).filter(([name, { score, threshold }]) => {
      const told = columns[name]
      return !(relativeDifference(told?.score ?? null, score) < 1e-9) || told?.threshold !== threshold
    })
    expect(wrong).toEqual([])
    expect(dataset).toMatchObject({
      drifted: evidently.dataset_drift,
      driftedColumns: evidently.drifted_columns.count,
      comparedColumns: names.length,
    })
  })

  test('kinds follow from the cells of both files, and blanks are missing', async () => {
    const { columns } = await compared('a,b,c\n1,x,1\n2.5,,2\nNA,y,3\n', 'a,b,c\n-1e3,z,1\n,x,two\n3,None\n')
    expect(columns['a']).toMatchObject({ kind: 'numeric', referenceCount: 2, currentCount: 2, missing: 1, unseen: 0 })
    expect(columns['b']).toMatchObject({
      kind: 'categorical',
      referenceCount: 2,
      currentCount: 2,
      missing: 1,
      unseen: 1,
    })
    expect(columns['c']).toMatchObject({ kind: 'categorical', currentCount: 2, missing: 1, unseen: 1 })
  })

  const ends: [name: string, reference: string, current: string, told: Partial<Told>][] = [
    ['zero rows now', column(1, 2, 3), 'x\n', { outcome: 'current-empty', score: null, drifted: null }],
    ['zero rows in the reference', 'x\n', column(1), { outcome: 'reference-empty', score: null, drifted: null }],
    ['zero rows in both', 'x\n', 'x\n', { outcome: 'reference-empty', score: null, drifted: null }],
    ['all missing', column(1, 2), column('', 'NaN'), { outcome: 'current-empty', missing: 2, drifted: null }],
    ['one value', column(4, 4, 4), column(4, 4), { outcome: 'compared', method: 'z', score: 1, drifted: false }],
    ['a reference with one value', column(4, 4), column(5, 5, 5), { outcome: 'compared', method: 'z', drifted: true }],
    ['NaN among numbers', column(1, 'NaN', 3), column(1, 3, 'nan'), { kind: 'numeric', missing: 1, currentCount: 2 }],
    ['infinity and a blank', column(1, 2), column('inf', 2, ''), { kind: 'numeric', missing: 2, currentCount: 1 }],
    ['infinity', column(1, 2), column('-Infinity', 2), { outcome: 'compared', currentCount: 2 }],
    ['categories written as numbers', column(0, 1, 1), column('0.0', '1.0', ''), { unseen: 0, missing: 1 }],
  ]
  test.each(ends)('%s is a named outcome', async (name, reference, current, told) => {
    const kinds = { x: name.startsWith('categories') ? 'categorical' : 'numeric' }
    const { columns } = await compared(reference, current, { kinds })
    expect(columns['x']).toMatchObject(told)
  })

  test('nothing compared is no verdict', async () => {
    const { dataset } = await compared('x\n', column(1))
    expect(dataset).toEqual({ drifted: null, share: null, driftedColumns: 0, comparedColumns: 0 })
  })

  test('a method, a threshold, a share and a least number of rows may be given', async () => {
    const [reference, current] = [column(1, 2, 3, 4, 5, 6, 7), column(3, 4, 5, 6, 7, 8)]
    const kinds = { x: 'numeric' }
    const psi = await compared(reference, current, { kinds, flags: ['--method', 'psi', '--threshold', '99'] })
    expect(psi.columns['x']).toMatchObject({ method: 'psi', threshold: 99, drifted: false })
    const few = await compared(reference, current, { kinds, flags: ['--rows-min', '7'] })
    expect(few.columns['x']).toMatchObject({ outcome: 'too-few-rows', drifted: null })
    const any = await compared(reference, current, { kinds, flags: ['--share', '0'] })
    expect(any.dataset).toMatchObject({ drifted: true, driftedColumns: 0 })
  })

  test('a method that needs an order leaves categories to their default, threshold and all', async () => {
    const [reference, current] = ['n,c\n1,a\n2,b\n3,c\n', 'n,c\n1,a\n2,a\n9,b\n']
    const ran = await compare(reference, current, { flags: ['--method', 'wasserstein', '--threshold', '7', '--json'] })
    const { columns } = documentOf<Comparison>(ran)
    expect(columns['n']).toMatchObject({ method: 'wasserstein', threshold: 7 })
    expect(columns['c']).toMatchObject({ method: 'chisquare', threshold: 0.05 })
    expect(ran.err).toContain('wasserstein compares numbers alone; by the default choice instead: c')
  })

  test('a column that one file alone has is told, and an error if it was asked for', async () => {
    const [reference, current] = ['a,old\n1,1\n', 'a,new\n1,1\n']
    const { columns, onlyInReference, onlyInCurrent } = await compared(reference, current)
    expect([Object.keys(columns), onlyInReference, onlyInCurrent]).toEqual([['a'], ['old'], ['new']])
    const { code, err } = await compare(reference, current, { kinds: { new: 'numeric' } })
    expect(code).toBe(1)
    expect(err).toMatch(/FIELD_MISSING.*a\.csv has no column new/)
    expect((await compare('a\n1\n', 'b\n1\n')).err).toContain('there is no column to compare')
  })

  const refusals: [name: string, reference: string, given: Given, code: number, says: RegExp][] = [
    ['a number that is none', column(1, 'two'), { kinds: { x: 'numeric' } }, 1, /FIELD_TYPE.*line 3: x is "two"/],
    ['a kind that is none', column(1), { kinds: { x: 'ordinal' } }, 2, /USAGE.*"ordinal", which is no kind/],
    ['kinds that are no object', column(1), { kinds: '["x"]' }, 2, /USAGE.*holds no object/],
    ['kinds that are no JSON', column(1), { kinds: '{' }, 1, /SOURCE_UNREADABLE.*kinds\.json cannot be read/],
    ['a method that is none', column(1), { flags: ['--method', 'kss'] }, 2, /USAGE.*"kss".*Did you mean "ks"/s],
    ['a threshold that is none', column(1), { flags: ['--threshold', 'low'] }, 2, /USAGE.*takes a number from 0 on/],
    ['a share above 1', column(1), { flags: ['--share', '50'] }, 2, /USAGE.*takes a number from 0 to 1/],
    ['a file without a line', '', {}, 1, /SOURCE_UNREADABLE.*it is empty/],
    ['a name twice', 'x,x\n1,2\n', {}, 1, /SOURCE_UNREADABLE.*"x" twice/],
    ['a row that is too long', 'x,row\n1,2,3\n', {}, 1, /SOURCE_UNREADABLE.*line 2 has 3 cells/],
  ]
  test.each(refusals)('%s is refused', async (...[, reference, given, code, says]) => {
    const ran = await compare(reference, column(1), given)
    expect(ran.code).toBe(code)
    expect(ran.err).toMatch(says)
  })

  test('files must be named, and be there', async () => {
    const bare = await cli(['drift', 'compare', '--current', 'b.csv'])
    expect(bare.code).toBe(2)
    expect(bare.err).toContain('--reference is missing')
    const gone = await cli(['drift', 'compare', '--reference', 'no-such.csv', '--current', 'b.csv', '--json'])
    expect(gone.code).toBe(1)
    expect(gone.err).toContain('SOURCE_UNREADABLE')
  })

  test('people get a table', async () => {
    const { out } = await compare('a,b\n1,x\n2,y\n', 'a,b\n5,x\n6,y\n')
    expect(out).toMatch(/^COLUMN +METHOD +SCORE +THRESHOLD +DRIFTED +REFERENCE +CURRENT +MISSING +UNSEEN\n/)
    expect(out).toMatch(/\nb +z +1\.00000 +0\.05 +no +2 +2 +0 +0\n/)
    expect(out).toMatch(/\n1 of 2 columns drifted \(50\.0 %\): dataset drift\n$/)
  })
})

describe('drift performance', () => {
  async function performance(text: string, ...flags: string[]): Promise<Ran> {
    const file = join(temporaryFolder(), 'scores.csv')
    writeFileSync(file, text)
    return await cli(['drift', 'performance', file, ...flags])
  }

  test('equals scikit-learn on the golden file', async () => {
    const { cases } = JSON.parse(readFileSync('test/golden/classification.json', 'utf8')) as {
      cases: {
        input: { file?: string; score: string }
        threshold: number
        n: number
        expected: Record<string, number>
      }[]
    }
    const one = cases.find(({ input }) => input.file === 'scores-reference.csv.gz' && input.score === 'score')
    if (one === undefined) throw new Error('there is no golden case for the file')
    const { expected, n, threshold } = one
    const ran = await cli([
      'drift',
      'performance',
      'test/golden/scores-reference.csv.gz',
      '--threshold',
      String(threshold),
      '--json',
    ])
    const told = documentOf<Record<string, number> & { confusion: unknown }>(ran)
    const { tp, fp, fn, tn } = expected['confusion'] as unknown as Record<string, number>
    expect(told.confusion).toEqual({ truePositives: tp, falsePositives: fp, falseNegatives: fn, trueNegatives: tn })
    expect([told['n'], told['missing']]).toEqual([n, 0])
    const pairs = {
      auc: 'roc_auc',
      logLoss: 'log_loss',
      brier: 'brier',
      precision: 'precision',
      recall: 'recall',
      f1: 'f1',
      ece: 'ece_10_equal_width',
    }
    for (const [ours, theirs] of Object.entries(pairs)) {
      expect(relativeDifference(told[ours] as number, expected[theirs] as number)).toBeLessThan(1e-9)
    }
  })

  test('rows without label or score are left out and counted; without rows there is no figure', async () => {
    const told = documentOf(await performance('y,score\n1,0.9\n,0.5\n0.0,NaN\n0,0.25\n', '--json'))
    expect(told).toMatchObject({ n: 2, positives: 1, missing: 2, auc: 1, brier: (0.01 + 0.0625) / 2 })
    const none = documentOf(await performance('y,score\n', '--json'))
    expect(none).toMatchObject({ n: 0, auc: null, f1: null, logLoss: null, ece: null })
    const one = documentOf(await performance('y,score\n1,0.9\n', '--json'))
    expect(one).toMatchObject({ n: 1, auc: null, recall: 1 })
  })

  const refusals: [name: string, text: string, says: RegExp][] = [
    ['no scores', 'y,p\n1,0.5\n', /FIELD_MISSING.*has no column score/],
    ['a label that is none', 'y,score\n1,0.5\n2,0.5\n', /FIELD_TYPE.*line 3: y is "2", neither 0 nor 1/],
    ['a score out of range', 'y,score\n1,1.5\n', /FIELD_TYPE.*line 2: score is "1\.5", not a number from 0 to 1/],
    ['a score that is text', 'y,score\n1,high\n', /FIELD_TYPE.*score is "high"/],
  ]
  test.each(refusals)('%s is refused', async (_name, text, says) => {
    const { code, err } = await performance(text)
    expect(code).toBe(1)
    expect(err).toMatch(says)
  })

  test('a threshold beyond 1 is a usage error, and people get tables', async () => {
    expect((await performance('y,score\n1,0.9\n', '--threshold', '50')).code).toBe(2)
    const { out } = await performance('y,score\n1,0.9\n0,0.7\n0,0.1\n')
    expect(out).toMatch(/^3 rows, 1 of them late\n/)
    expect(out).toMatch(/\nlate +1 +0\n/)
    expect(out).toMatch(/\nf1 +0\.666667\n/)
  })
})
