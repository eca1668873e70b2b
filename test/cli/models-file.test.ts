// Commands on model files: what they print is what LightGBM, XGBoost and shap say, from rows written as CSV.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pack } from '../../src/forest/flat.ts'
import { compile } from '../../src/forest/score.ts'
import { golden, type LightgbmGolden, type XgboostGolden } from '../forest/exchange/golden.ts'
import { modelOf } from '../forest/models.ts'
import { cli, documentOf, temporaryFolder } from './cli.ts'

const lightgbm = golden<LightgbmGolden>('lightgbm').cases
const xgboost = golden<XgboostGolden>('xgboost').cases

type Cell = string | number | null
type Line = { margin: number; probability: number | null; base: number; contributions: Record<string, number> }

const csv = (names: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [names, ...rows].map(cells => cells.map(cell => cell ?? '').join(',')).join('\n')

/** Runs a command on a model and a table in files. */
async function ask(verb: string, model: string | Uint8Array, table: string, ...flags: string[]) {
  const folder = temporaryFolder()
  const [modelFile, data] = [join(folder, 'model'), join(folder, 'rows.csv')]
  writeFileSync(modelFile, model)
  writeFileSync(data, table)
  return await cli(['models', verb, '--model', modelFile, '--data', data, ...flags])
}

const linesIn = ({ out }: { out: string }): Line[] =>
  out
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Line)
const failureIn = ({ err }: { err: string }) =>
  (JSON.parse(err.trimEnd().split('\n').at(-1) ?? '') as { error: unknown }).error

describe('slipstream models score', () => {
  test.each(lightgbm.slice(0, -1))('LightGBM, $name: a line a row', async ({ text, rows, margins, predictions }) => {
    const names = ['other', 'Column_2', 'Column_1', 'Column_0']
    const table = csv(
      names,
      rows.map(([a, b, c]) => ['x', c ?? null, b ?? null, a ?? null]),
    )
    const ran = await ask('score', text, table, '--json')
    expect(ran.code).toBe(0)
    const lines = linesIn(ran)
    expect(lines.map(({ margin }) => margin)).toEqual(margins)
    for (const [index, { margin, probability }] of lines.entries())
      expect(probability ?? margin).toBeCloseTo(predictions[index] as number, 12)
  })

  test('knows the names of the categories of pandas, and counts others as missing', async () => {
    const { text, rows, margins } = lightgbm.at(-1) as (typeof lightgbm)[number]
    const table = csv(
      ['delay', 'carrier'],
      rows.map(([carrier, delay], row) => [delay ?? null, row === 7 ? 'XX' : (carrier ?? null)]),
    )
    expect(linesIn(await ask('score', text, table, '--json')).map(({ margin }) => margin)).toEqual(margins)
  })

  test('takes columns of XGBoost in their order when the model has no names', async () => {
    const { json, ubj, rows, margins } = xgboost[0] as (typeof xgboost)[number]
    for (const model of [json.replaceAll(/"f(\d)"/g, '"f1$1"'), Buffer.from(ubj, 'base64')]) {
      const names = typeof model === 'string' ? ['a', 'b', 'c'] : ['f0', 'f1', 'f2']
      const ran = await ask('score', model, csv(names, rows), '--json')
      expect(linesIn(ran).map(({ margin }) => margin)).toEqual(margins)
      expect(ran.err.includes('in their order')).toBe(typeof model === 'string')
    }
  })

  test('reads its own features in their units', async () => {
    // delay counts tenths: 12.3 is 123
    const model = modelOf([
      [0, 123, true, [1, 1, false, 0.25, 0.5], 0.75],
      [2, 7, false, 0.125, 1],
    ])
    const ran = await ask(
      'score',
      pack(model),
      csv(
        ['carrier', 'hour', 'delay'],
        [
          ['AA', 7, 12.3],
          ['B6', 8, 12.4],
          ['NA', '', '-0.1'],
        ],
      ),
      '--json',
    )
    const { rawOf } = compile(model)
    const raws = [rawOf([123, 'AA', 7]), rawOf([124, 'B6', 8]), rawOf([-1, null, null])]
    expect(linesIn(ran).map(({ margin }) => margin)).toEqual(raws)
    expect(linesIn(ran)[0]?.probability).toBeCloseTo(0.05 + ((0.1875 - 0.1) / 0.3) * 0.75, 12)
  })

  test('prints a table for people', async () => {
    const { text, rows, margins } = lightgbm[3] as (typeof lightgbm)[number]
    const ran = await ask('score', text, csv(['Column_0', 'Column_1', 'Column_2'], rows.slice(0, 1)))
    expect(ran.out).toBe(`MARGIN\tPROBABILITY\n${margins[0]}\t-\n`)
    expect(ran.err).toContain('objective regression')
  })

  const { text } = lightgbm[0] as (typeof lightgbm)[number]
  const names = ['Column_0', 'Column_1', 'Column_2']
  test.each([
    ['a missing column', text, csv(names.slice(1), [[1, 2]]), 'FIELD_MISSING', 'Column_0'],
    [
      'a cell that is no number',
      text,
      csv(names, [
        [1, 2, 3],
        [1, 'x', 3],
      ]),
      'FIELD_TYPE',
      'Column_1',
    ],
    ['a row that is too long', text, csv(names, [[1, 2, 3, 4]]), 'SOURCE_UNREADABLE', 'data'],
    ['an empty file', text, '', 'SOURCE_UNREADABLE', 'data'],
    ['a column named twice', text, csv(['a', 'a'], []), 'SOURCE_UNREADABLE', undefined],
    ['a model that is cut', text.slice(0, 3000), csv(names, []), 'MODEL_CORRUPT', 'end of trees'],
    ['no model', 'hello', csv(names, []), 'MODEL_CORRUPT', 'magic'],
    ['linear leaves', golden<LightgbmGolden>('lightgbm').linear, csv(names, []), 'MODEL_UNSUPPORTED', 'is_linear'],
  ])('refuses %s', async (...[, model, table, ...expected]) => {
    const [code, field] = expected
    const ran = await ask('score', model, table, '--json')
    expect(ran.code).toBe(1)
    expect(failureIn(ran)).toMatchObject({ code, ...(field === undefined ? {} : { field }) })
  })

  test('needs both files', async () => {
    expect((await cli(['models', 'score', '--data', 'x.csv'])).code).toBe(2)
    const ran = await cli(['models', 'score', '--model', '/nowhere', '--data', 'x.csv', '--json'])
    expect(failureIn(ran)).toMatchObject({ code: 'SOURCE_UNREADABLE' })
  })
})

describe('slipstream models explain', () => {
  test('says what shap says, and its sum is the margin', async () => {
    const { text, rows, shap, base } = lightgbm[0] as (typeof lightgbm)[number]
    const names = ['Column_0', 'Column_1', 'Column_2']
    const lines = linesIn(await ask('explain', text, csv(names, rows), '--json'))
    expect(lines).toHaveLength(rows.length)
    for (const [index, line] of lines.entries()) {
      const moved = names.map(name => line.contributions[name] as number)
      expect(line.base).toBeCloseTo(base, 10)
      expect(moved.reduce((sum, value) => sum + value, line.base)).toBeCloseTo(line.margin, 9)
      for (const [column, value] of moved.entries()) expect(value).toBeCloseTo(shap?.[index]?.[column] as number, 9)
    }
  })

  test('shows the columns that moved most', async () => {
    const { text, rows } = lightgbm[0] as (typeof lightgbm)[number]
    const ran = await ask('explain', text, csv(['Column_0', 'Column_1', 'Column_2'], rows.slice(0, 1)), '--top', '1')
    expect(ran.out).toMatch(/^line 2: margin -0\.118465 from -0\.0143543: Column_\d [+-][\d.]+\n$/)
  })

  test('refuses a model that does not count its training rows', async () => {
    const ran = await ask('explain', pack(modelOf([[0, 1, true, 1, 2]])), csv(['delay'], [[1]]), '--json')
    expect(failureIn(ran)).toMatchObject({ code: 'MODEL_UNSUPPORTED', field: 'leafCovers' })
  })
})

test('slipstream models export writes what LightGBM reads', async () => {
  const folder = temporaryFolder()
  const [file, out] = [join(folder, 'own.forest'), join(folder, 'text.txt')]
  writeFileSync(file, pack(modelOf([[0, 1, true, 1, 2]])))
  const ran = await cli(['models', 'export', '--model', file, '--out', out, '--json'])
  expect(documentOf(ran)).toMatchObject({ trees: 1 })
  expect(readFileSync(out, 'utf8')).toMatch(/^tree\nversion=v4\n/)
})

test('slipstream models export names the file that is not of its own kind', async () => {
  const folder = temporaryFolder()
  const [file, out] = [join(folder, 'other.txt'), join(folder, 'text.txt')]
  writeFileSync(file, 'tree\nversion=v4\n')
  const ran = await cli(['models', 'export', '--model', file, '--out', out, '--json'])
  expect(ran.code).toBe(1)
  expect(failureIn(ran)).toMatchObject({ code: 'MODEL_CORRUPT', help: expect.stringContaining("Slipstream's own") })
  expect(ran.err).toContain(`${file}: `)
})
