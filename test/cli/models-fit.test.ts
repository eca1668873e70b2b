// slipstream models fit, from files to a model file that other commands read.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hashOf, pack, unpack } from '../../src/forest/flat.ts'
import { randomFrom } from '../../src/lib/random.ts'
import { cli, documentOf, temporaryFolder } from './cli.ts'

type Document = {
  hash: string
  rows: number
  trees: number
  seconds: { read: number; fit: number }
  peakMemoryMiB: number
  validation: { rows: number; auc: number; logLoss: number } | null
}

const quick = { num_iterations: 20, min_data_in_leaf: 10, categorical_feature: ['carrier'] }

/** Late more often with a long delay and with B6. */
function flightsCsv(count: number): string {
  const random = randomFrom(4)
  const lines = Array.from({ length: count }, () => {
    const delay = random() < 0.1 ? '' : (Math.floor(random() * 1000) / 10).toFixed(1)
    const carrier = ['UA', 'B6', 'AA', ''][Math.floor(random() * 4)] ?? ''
    const late = random() < 0.1 + Number(delay) / 150 + (carrier === 'B6' ? 0.2 : 0) ? 1 : 0
    return `${delay},${carrier},${random()},${late},${1 + Math.floor(random() * 3)}`
  })
  return ['delay,carrier,noise,late,weight', ...lines].join('\n')
}

async function fit(table: string, parameters: object = quick, ...flags: string[]) {
  const folder = temporaryFolder()
  const [data, params, out] = ['rows.csv', 'params.json', 'model.forest'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(data, table)
  writeFileSync(params, JSON.stringify(parameters))
  const files = ['--data', data, '--params', params, '--out', out]
  const ran = await cli(['models', 'fit', '--label', 'late', ...files, '--json', ...flags])
  return { ...ran, data, file: out }
}

const failureIn = ({ err }: { err: string }) =>
  (JSON.parse(err.trimEnd().split('\n').at(-1) ?? '') as { error: { code: string; message: string } }).error

describe('slipstream models fit', () => {
  test('writes a model, and says how well it does on the last rows', async () => {
    const ran = await fit(flightsCsv(3000))
    expect(ran.code).toBe(0)
    const document = documentOf<Document>(ran)
    expect(document).toMatchObject({ rows: 3000, trees: 20, validation: { rows: 600 } })
    expect(document.validation?.auc).toBeGreaterThan(0.65)
    expect(document.peakMemoryMiB).toBeGreaterThan(10)
    const bytes = readFileSync(ran.file)
    expect(hashOf(bytes)).toBe(document.hash)
    const model = unpack(bytes)
    expect(hashOf(pack(model))).toBe(document.hash)
    expect(model.features).toMatchObject([
      { name: 'delay', kind: 'numeric', resolution: 0.1 },
      { name: 'carrier', kind: 'categorical' },
      { name: 'noise', kind: 'numeric', resolution: 1e-8 },
      { name: 'weight' },
    ])
    expect(model.calibration).not.toBeNull()
    const scored = await cli(['models', 'score', '--model', ran.file, '--data', ran.data, '--json'])
    expect(scored.out.trimEnd().split('\n').length).toBe(3000)
  })

  test('gives the same model again, and another with other parameters', async () => {
    const table = flightsCsv(600)
    const hash = async (parameters: object) => documentOf<Document>(await fit(table, parameters)).hash
    const drawn = { ...quick, bagging_fraction: 0.5, bagging_freq: 1 }
    expect(await hash({ ...drawn, seed: 1 })).toBe(await hash({ ...drawn, seed: 1 }))
    expect(await hash({ ...drawn, seed: 1 })).not.toBe(await hash({ ...drawn, seed: 2 }))
    expect(await hash({ ...quick, num_threads: 3 })).toBe(await hash(quick))
    expect(await hash({ ...quick, weight_column: 'weight' })).not.toBe(await hash(quick))
  })

  test('takes few rows, and numbers as labels', async () => {
    const two = await fit('x,late\n1,0\n2,1', { held_out_fraction: 0 })
    expect(documentOf<Document>(two)).toMatchObject({ rows: 2, trees: 1, validation: null })
    const ten = await fit(`x,late\n${'1,0\n2,1\n'.repeat(5)}`, {})
    expect(documentOf<Document>(ten)).toMatchObject({ rows: 10, validation: { rows: 2 } })
    const minutes = await fit('x,late\n1,12.5\n2,-3\n3,7\n4,8\n5,1', { objective: 'quantile', alpha: 0.5 })
    expect(documentOf<Document>(minutes).validation).toMatchObject({ rows: 1 })
  })

  test('fits a band of minutes: so many labels lie below each quantile', async () => {
    const random = randomFrom(9)
    const lines = Array.from({ length: 4000 }, () => {
      const x = Math.floor(random() * 100)
      return `${x},${Math.round(x + 60 * random())}`
    })
    const table = ['x,late', ...lines].join('\n')
    for (const alpha of [0.05, 0.5, 0.95]) {
      const ran = await fit(table, { objective: 'quantile', alpha, num_iterations: 60 })
      const { validation } = documentOf<{ validation: { below: number; pinball: number } }>(ran)
      expect(Math.abs(validation.below - alpha)).toBeLessThan(0.04)
      // of a uniform spread of 60 minutes the best pinball loss is 30 alpha (1 - alpha)
      expect(validation.pinball).toBeLessThan(1.15 * 30 * alpha * (1 - alpha) + 0.2)
    }
  })

  test('takes infinities, columns without a value, constants and many categories', async () => {
    const rows = Array.from({ length: 400 }, (_, row) => `${row % 2 === 1 ? 'inf' : '-inf'},,7,K${row},${row % 2}`)
    const ran = await fit(['x,none,same,many,late', ...rows].join('\n'), { ...quick, categorical_feature: ['many'] })
    expect(ran.code).toBe(0)
    expect(documentOf<Document>(ran).validation?.auc).toBe(1)
  })

  type Wrong = [name: string, table: string, parameters: object, code: string, message: string]
  const wrong: Wrong[] = [
    ['one row', 'x,late\n1,0', {}, 'ROWS_UNFIT', 'there are 1 rows'],
    ['one class', 'x,late\n1,0\n2,0\n3,0', {}, 'ROWS_UNFIT', 'late is 0 in all of the 3 rows'],
    ['a label of another kind', 'x,late\n1,0\n2,2', {}, 'ROWS_UNFIT', 'line 3: late is 2; a label is 0 or 1'],
    ['a missing label', 'x,late\n1,0\n2,', {}, 'ROWS_UNFIT', 'line 3: late is missing'],
    ['a weight of 0', 'x,w,late\n1,1,0\n2,0,1', { weight_column: 'w' }, 'ROWS_UNFIT', 'line 3: w is 0; a weight'],
    ['a weight below 0', 'x,w,late\n1,-1,0', { weight_column: 'w' }, 'ROWS_UNFIT', 'line 2: w is -1'],
    ['an endless label', 'x,late\n1,inf', { objective: 'regression' }, 'ROWS_UNFIT', 'a label is a finite number'],
    ['text', 'x,late\nUA,0\nB6,1', {}, 'FIELD_TYPE', 'line 2: x is "UA", which is no number'],
    ['no such label', 'x,latte\n1,0', {}, 'FIELD_MISSING', 'has no column late'],
    ['a long line', 'x,late\n1,0,5', {}, 'SOURCE_UNREADABLE', 'line 2: 3 cells'],
    ['no line', '', {}, 'SOURCE_UNREADABLE', 'is empty'],
    ['an unknown parameter', 'x,late\n1,0', { leaves: 3 }, 'USAGE', 'no parameter is called leaves'],
    [
      'a constraint too few',
      'x,z,late\n1,2,0\n2,1,1\n3,1,0',
      { monotone_constraints: [1] },
      'USAGE',
      'holds 1 for 2 features',
    ],
    [
      'an order of categories',
      'x,late\nUA,0\nB6,1\nUA,0',
      { monotone_constraints: [1], categorical_feature: ['x'] },
      'USAGE',
      'x has categories',
    ],
    ['a feature too many', 'x,late\n1,0', { categorical_feature: [4] }, 'USAGE', 'categorical_feature 4 is none of'],
  ]
  test.each(wrong)('refuses %s, and writes nothing', async (...[, table, parameters, code, message]) => {
    const ran = await fit(table, parameters)
    expect(failureIn(ran)).toMatchObject({ code })
    expect(failureIn(ran).message).toContain(message)
    expect(() => readFileSync(ran.file)).toThrow('ENOENT')
  })

  test('refuses an output that cannot be written before it reads a row', async () => {
    for (const out of [join(temporaryFolder(), 'no', 'such', 'folder.forest'), temporaryFolder()]) {
      const ran = await cli(['models', 'fit', '--label', 'late', '--data', 'no-rows.csv', '--out', out, '--json'])
      expect(ran).toMatchObject({ code: 2, out: '' })
      expect(failureIn(ran)).toMatchObject({ code: 'USAGE', field: 'out' })
      expect(failureIn(ran).message).toContain(`${out} cannot be written`)
    }
  })
})
