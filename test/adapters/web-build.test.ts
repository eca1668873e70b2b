import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildWeb, type WebBuild } from '../../src/adapters/web-build.ts'

const root = path.join(import.meta.dirname, '../..')
let folder: string
let built: WebBuild

beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'web-build-'))
  built = await buildWeb({ root, out: path.join(folder, 'web') })
})

afterAll(() => fs.rm(folder, { recursive: true }))

const assets = () => fs.readdir(path.join(built.folder, 'assets'))
const pageOf = (name: string) => fs.readFile(path.join(built.folder, name), 'utf8')

describe('the built page', () => {
  test('takes at most 90 KB of gzipped JavaScript for its first load', () => {
    expect(built.gzipBytes).toBeLessThanOrEqual(90_000)
  })

  test('takes at most 40 KB more for a page that is loaded when it is shown', () => {
    const isShared = (name: string) => name.startsWith('chunk-')
    const names = Object.keys(built.later)
    const bytesOf = (name: string) => built.later[name]?.gzipBytes ?? Number.NaN
    const shared = names.filter(isShared).reduce((sum, name) => sum + bytesOf(name), 0)
    const pages = names.filter(name => !isShared(name))
    expect(pages.sort()).toEqual(['drift', 'models'])
    for (const page of pages) expect(bytesOf(page) + shared).toBeLessThanOrEqual(40_000)
  })

  test('says the size of the scripts that it has', async () => {
    const scripts = (await assets()).filter(name => name.endsWith('.js'))
    const bytes = await Promise.all(scripts.map(name => fs.readFile(path.join(built.folder, 'assets', name))))
    const all = [built, ...Object.values(built.later)]
    const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0)
    expect(sum(all.map(size => size.bytes))).toBe(sum(bytes.map(script => script.length)))
    const gzipped = bytes.map(script => gzipSync(script, { level: 9 }).length)
    expect(sum(all.map(size => size.gzipBytes))).toBe(sum(gzipped))
  })

  test('names its files, each with a hash, but not those that are loaded later', async () => {
    const html = await pageOf('index.html')
    const named = [...html.matchAll(/\/assets\/([^"]+)/g)].map(match => match[1] ?? '')
    const later = (await assets()).filter(name => !named.includes(name))
    expect(new Set([...named, ...later])).toEqual(new Set(await assets()))
    // and what both of those share
    expect(later.map(name => name.replace(/-.*/, '')).sort()).toEqual(['chunk', 'drift', 'models'])
    for (const name of await assets()) expect(name).toMatch(/-[A-Za-z0-9]{8}\.(js|css|svg)$/)
  })

  test('has no inline script, no inline style and no source map', async () => {
    const html = await pageOf('index.html')
    expect(html).not.toMatch(/<script[^>]*>[^<]/)
    expect(html).not.toMatch(/<style|style=|\son\w+=/)
    expect((await assets()).filter(name => name.endsWith('.map'))).toEqual([])
  })

  test('loads nothing from elsewhere', async () => {
    const texts = await Promise.all((await assets()).map(name => pageOf(path.join('assets', name))))
    for (const text of texts) expect(text).not.toMatch(/(?:src|href|url)\(?=?["'(]https?:/)
  })
})

describe('a second build', () => {
  test('of the same sources writes nothing', async () => {
    const before = await fs.stat(path.join(built.folder, 'index.html'))
    expect(await buildWeb({ root, out: built.folder })).toEqual(built)
    expect((await fs.stat(path.join(built.folder, 'index.html'))).mtimeMs).toBe(before.mtimeMs)
  })

  test('repairs a folder that a killed build left behind', async () => {
    await fs.rm(path.join(built.folder, 'build.json'))
    await fs.rm(path.join(built.folder, 'index.html'))
    expect(await buildWeb({ root, out: built.folder })).toEqual(built)
    expect(await pageOf('index.html')).toContain('/assets/main-')
  })

  test('beside another one into the same folder leaves what each of them alone would', async () => {
    const out = path.join(folder, 'shared')
    await fs.mkdir(path.join(out, 'assets'), { recursive: true })
    await fs.writeFile(path.join(out, 'assets', 'main-of-old.js'), '')
    const both = await Promise.all([buildWeb({ root, out }), buildWeb({ root, out })])
    expect(both).toEqual([1, 2].map(() => ({ ...built, folder: out })))
    expect(await fs.readdir(path.join(out, 'assets'))).toEqual(await assets())
    expect(await fs.readFile(path.join(out, 'index.html'), 'utf8')).toBe(await pageOf('index.html'))
  })

  test('elsewhere gives the same bytes', async () => {
    const other = await buildWeb({ root, out: path.join(folder, 'other') })
    const read = (where: string, name: string) => fs.readFile(path.join(where, 'assets', name), 'utf8')
    for (const name of await assets()) expect(await read(other.folder, name)).toBe(await read(built.folder, name))
  })
})
