// Bundles the page with esbuild into a folder that any server of files can serve: `index.html`, and `assets/` with the
// content's hash in each name, so that they may be cached for ever. What a page imports only when it is shown is a chunk of
// its own; the chunks that the first load needs are named in index.html, so that they come at once.
//
// The result is kept beside it in `build.json` with the hash of all inputs (sources, versions of what is bundled); while
// that hash holds, nothing is built again. `index.html` is written last, `build.json` after it: a build that was killed
// is made again. Every file comes into its place whole and what is old goes last, so that two may build at once.

import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Metafile } from 'esbuild'

/** JavaScript: sizes in bytes, `gzipBytes` at level 9. */
type ScriptSize = { bytes: number; gzipBytes: number }

/** `bytes` and `gzipBytes` are of the first load; `later` has the chunks that are loaded when they are shown. */
export type WebBuild = ScriptSize & { folder: string; later: Record<string, ScriptSize> }

export type WebBuildOptions = {
  /** The project's folder. */
  root: string
  /** Made when missing. */
  out: string
  sourceMaps?: boolean
}

const bundled = ['esbuild', 'preact', '@preact/signals', '@preact/signals-core', 'uplot']

export async function buildWeb({ root, out, sourceMaps = false }: WebBuildOptions): Promise<WebBuild> {
  const inputs = await hashOfInputs(root, sourceMaps)
  const known = await readKnown(out)
  if (known?.inputs === inputs && (await exists(path.join(out, 'index.html')))) return { folder: out, ...known.size }

  // a start that finds it built needs no bundler
  const { build } = await import('esbuild')
  const web = path.join(root, 'src/web')
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [path.join(web, 'main.tsx'), path.join(web, 'styles.css')],
    outdir: path.join(out, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    splitting: true,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    sourcemap: sourceMaps ? 'linked' : false,
    logLevel: 'silent',
  })
  await fs.rm(path.join(out, 'build.json'), { force: true })
  await fs.mkdir(path.join(out, 'assets'), { recursive: true })
  const icon = await fs.readFile(path.join(web, 'icon.svg'))
  const iconName = `icon-${shortHash(icon)}.svg`
  await Promise.all([
    ...outputFiles.map(file => place(file.path, file.contents)),
    place(path.join(out, 'assets', iconName), icon),
  ])

  const page = await fs.readFile(path.join(web, 'index.html'), 'utf8')
  const main = entryOf(metafile, 'main.tsx')
  const first = importsOf(metafile, main)
  const names = { main: path.basename(main), styles: path.basename(entryOf(metafile, 'styles.css')), icon: iconName }
  const chunks = [...first].filter(output => output !== main).map(output => preload(path.basename(output)))
  const html = fill(
    page.replace('{{chunks}}', () => chunks.join('\n    ')),
    names,
  )
  await place(path.join(out, 'index.html'), html)
  const size = sizesOf(metafile, first, outputFiles)
  await place(path.join(out, 'build.json'), `${JSON.stringify({ inputs, size })}\n`)
  await clear(path.join(out, 'assets'), [iconName, ...outputFiles.map(file => path.basename(file.path))])
  return { folder: out, ...size }
}

const unfinished = /\.unfinished-[\da-f-]+$/

async function place(file: string, contents: string | Uint8Array): Promise<void> {
  const own = `${file}.unfinished-${randomUUID()}`
  await fs.writeFile(own, contents)
  await fs.rename(own, file)
}

/** Of older builds; what another one is just writing stays. */
async function clear(folder: string, kept: readonly string[]): Promise<void> {
  const old = (await fs.readdir(folder)).filter(name => !kept.includes(name) && !unfinished.test(name))
  await Promise.all(old.map(name => fs.rm(path.join(folder, name), { force: true })))
}

async function hashOfInputs(root: string, sourceMaps: boolean): Promise<string> {
  const hash = createHash('sha256').update(`layout 2, source maps ${sourceMaps}`)
  const web = path.join(root, 'src/web')
  const files = (await fs.readdir(web, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
    .sort()
  const versions = bundled.map(name => path.join(root, 'node_modules', name, 'package.json'))
  for (const file of [...files, ...versions]) {
    // a hundred small files: to wait for each would take ten times as long
    hash.update(`\0${path.relative(root, file)}\0`).update(readFileSync(file))
  }
  return hash.digest('hex')
}

async function readKnown(out: string): Promise<{ inputs: string; size: Omit<WebBuild, 'folder'> } | undefined> {
  try {
    return JSON.parse(await fs.readFile(path.join(out, 'build.json'), 'utf8'))
  } catch {
    // Missing or cut short: build again.
    return undefined
  }
}

const exists = (file: string) =>
  fs.access(file).then(
    () => true,
    () => false,
  )

const shortHash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 8)

/** The output of an entry, as the metafile names it. */
function entryOf({ outputs }: Metafile, entry: string): string {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(entry))
  if (found === undefined) throw new Error(`esbuild made nothing of ${entry}`)
  return found[0]
}

/** An output and all that it imports without being asked. */
function importsOf({ outputs }: Metafile, from: string): Set<string> {
  const found = new Set<string>()
  const wanted = [from]
  for (let output = wanted.pop(); output !== undefined; output = wanted.pop()) {
    if (found.has(output)) continue
    found.add(output)
    for (const { kind, path: imported, external } of outputs[output]?.imports ?? []) {
      if (kind === 'import-statement' && !external) wanted.push(imported)
    }
  }
  return found
}

const preload = (name: string) => `<link rel="modulepreload" href="/assets/${name}" />`

function fill(page: string, names: Record<string, string>): string {
  return page.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => `/assets/${names[name] ?? name}`)
}

function sizesOf(
  { outputs }: Metafile,
  first: ReadonlySet<string>,
  files: readonly { path: string; contents: Uint8Array }[],
): Omit<WebBuild, 'folder'> {
  const scripts = new Map(files.map(({ path: file, contents }) => [path.basename(file), contents]))
  const sum = { bytes: 0, gzipBytes: 0 }
  const later: WebBuild['later'] = {}
  for (const [output, { entryPoint }] of Object.entries(outputs)) {
    const script = output.endsWith('.js') ? scripts.get(path.basename(output)) : undefined
    if (script === undefined) continue
    const size = { bytes: script.length, gzipBytes: gzipSync(script, { level: 9 }).length }
    if (first.has(output)) {
      sum.bytes += size.bytes
      sum.gzipBytes += size.gzipBytes
    } else later[path.basename(entryPoint ?? output, '.tsx')] = size
  }
  return { ...sum, later }
}
