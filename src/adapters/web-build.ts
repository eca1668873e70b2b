// Bundles the page with esbuild into a folder that any server of files can serve: `index.html`, and `assets/` with the
// content's hash in each name, so that they may be cached for ever.
//
// The result is kept beside it in `build.json` with the hash of all inputs (sources, versions of what is bundled); while
// that hash holds, nothing is built again. `index.html` is written last, `build.json` after it: a build that was killed
// is made again.

import { createHash } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'

/** `bytes` and `gzipBytes` are of the JavaScript that the first load takes. */
export type WebBuild = { folder: string; bytes: number; gzipBytes: number }

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

  const web = path.join(root, 'src/web')
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [path.join(web, 'main.tsx'), path.join(web, 'styles.css')],
    outdir: path.join(out, 'assets'),
    entryNames: '[name]-[hash]',
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
  await fs.rm(path.join(out, 'assets'), { recursive: true, force: true })
  await fs.mkdir(path.join(out, 'assets'), { recursive: true })
  const icon = await fs.readFile(path.join(web, 'icon.svg'))
  const iconName = `icon-${shortHash(icon)}.svg`
  await Promise.all([
    ...outputFiles.map(file => fs.writeFile(file.path, file.contents)),
    fs.writeFile(path.join(out, 'assets', iconName), icon),
  ])

  const page = await fs.readFile(path.join(web, 'index.html'), 'utf8')
  const names = { main: entryOf(metafile, 'main.tsx'), styles: entryOf(metafile, 'styles.css'), icon: iconName }
  await fs.writeFile(path.join(out, 'index.html'), fill(page, names))
  const size = sizeOf(outputFiles.filter(file => file.path.endsWith('.js')).map(file => file.contents))
  await fs.writeFile(path.join(out, 'build.json'), `${JSON.stringify({ inputs, size })}\n`)
  return { folder: out, ...size }
}

async function hashOfInputs(root: string, sourceMaps: boolean): Promise<string> {
  const hash = createHash('sha256').update(`layout 1, source maps ${sourceMaps}`)
  const web = path.join(root, 'src/web')
  const files = (await fs.readdir(web, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
    .sort()
  const versions = bundled.map(name => path.join(root, 'node_modules', name, 'package.json'))
  for (const file of [...files, ...versions]) {
    hash.update(`\0${path.relative(root, file)}\0`).update(await fs.readFile(file))
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

function entryOf({ outputs }: Metafile, entry: string): string {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(entry))
  if (found === undefined) throw new Error(`esbuild made nothing of ${entry}`)
  return path.basename(found[0])
}

function fill(page: string, names: Record<string, string>): string {
  return page.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => `/assets/${names[name] ?? name}`)
}

function sizeOf(scripts: readonly Uint8Array[]): { bytes: number; gzipBytes: number } {
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0)
  return {
    bytes: sum(scripts.map(script => script.length)),
    gzipBytes: sum(scripts.map(script => gzipSync(script, { level: 9 }).length)),
  }
}
