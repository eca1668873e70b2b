// The rules of the house, each a function from files to breaches, so that test/house-rules.test.ts can run them on the
// project and on small invented ones. The sentence behind most of them:
//
//   Nouns know no verbs, verbs know no engines, and only src/app.ts knows which engine it is.

/** Texts by path from the project's root, with forward slashes. */
export type Files = ReadonlyMap<string, string>

/** Breaches, each as `path: what is wrong and what to do instead`; none when the rule holds. */
export type Rule = (files: Files) => string[]

const nouns = ['flights', 'features', 'forest', 'drift', 'registry']

/** What each folder or file of src may import besides itself. Think twice before adding a word. */
const mayImport: Readonly<Record<string, readonly string[] | 'everything'>> = {
  cli: ['app', 'config', 'flows', 'pipeline', 'runtime', 'server', 'flights', 'drift', 'forest'],
  app: 'everything',
  server: ['pipeline', 'runtime', 'config', ...nouns],
  web: [],
  flows: ['runtime'],
  pipeline: ['runtime', 'stages'],
  stages: ['runtime', ...nouns],
  jobs: ['runtime', ...nouns],
  adapters: ['runtime', 'forest', 'flights'],
  features: ['flights'],
  runtime: [],
  config: [],
  flights: [],
  forest: [],
  drift: [],
  registry: [],
  records: [],
  lib: [],
}
const forAll = ['lib', 'records']
/** Types are gone when the code runs: the page knows what the server sends, and nothing of the server is in the page. */
const mayImportTypes: Readonly<Record<string, readonly string[]>> = { web: ['server'] }

const pure = ['lib', 'stages', 'runtime', 'pipeline', 'flows', 'records', ...nouns]
const withTwins = ['lib', 'stages', 'runtime', ...nouns]
const ports = ['log', 'schemas', 'blobs', 'warehouse', 'clock', 'workers', 'trainer']

const impurities: [pattern: RegExp, instead: string][] = [
  [/\bDate\.now\b/, 'take `at: Instant` as an argument'],
  [/\bnew Date\(\s*\)/, 'take `at: Instant` as an argument'],
  [/\bperformance\.now\b/, 'take the time as an argument, or measure outside'],
  [/\bMath\.random\b/, 'take a seeded generator as an argument'],
  [/\bprocess\.env\b/, 'add a setting to src/config.ts and take its value as an argument'],
  [/['"](node:)?(fs|fs\/promises|net|http|https|sqlite|worker_threads|child_process)['"]/, 'use a port of src/runtime'],
]

/** `src/drift/psi.ts` belongs to `drift`, `src/app.ts` to `app`. */
function unitOf(path: string): string | undefined {
  return /^src\/([^/.]+)/.exec(path)?.[1]
}

const isCode = (path: string): boolean => /\.(ts|tsx|mjs)$/.test(path)

/** The text without comments. */
function withoutComments(text: string): string {
  const tokens = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
  return text.replace(tokens, token => (token.startsWith('/') ? '' : token))
}

/** What a file imports, loads later or hands to a worker. */
function importsOf(text: string): string[] {
  const code = withoutComments(text)
  const forms = /(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)(['"])([^'"\n]+)\1/g
  return [...code.matchAll(forms)].map(match => match[2] ?? '')
}

function withoutTypeImports(text: string): string {
  return withoutComments(text).replace(/\b(import|export) type [^'"]*\bfrom\s*(['"])[^'"\n]+\2/g, '')
}

/** The path that a relative import means. */
function resolve(from: string, to: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of to.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** Runs `check` on each file of src that belongs to a unit. */
function eachSource(files: Files, check: (path: string, text: string, unit: string) => string[]): string[] {
  return [...files].flatMap(([path, text]) => {
    const unit = unitOf(path)
    return unit !== undefined && isCode(path) ? check(path, text, unit) : []
  })
}

const purity: Rule = files =>
  eachSource(files, (path, text, unit) => {
    if (!pure.includes(unit)) return []
    const code = withoutComments(text)
    return impurities.flatMap(([pattern, instead]) => {
      const found = pattern.exec(code)
      return found ? [`${path}: ${found[0]} in ${unit}; ${instead}`] : []
    })
  })

const direction: Rule = files =>
  eachSource(files, (path, text, unit) => {
    const allowed = mayImport[unit]
    if (!allowed) return [`${path}: ${unit} has no row in the dependency table of test/house-rules.ts`]
    const runs = importsOf(withoutTypeImports(text))
    return importsOf(text).flatMap(to => {
      if (!to.startsWith('.')) return []
      const target = unitOf(resolve(path, to))
      if (target === undefined || target === unit) return []
      if (forAll.includes(target) || allowed === 'everything' || allowed.includes(target)) return []
      if (mayImportTypes[unit]?.includes(target) && !runs.includes(to)) return []
      return [`${path}: ${unit} may not import ${target} (${to})`]
    })
  })

const thirdParties: Rule = files =>
  eachSource(files, (path, text, unit) => {
    if (['adapters', 'server', 'web', 'cli'].includes(unit)) return []
    return importsOf(text).flatMap(to => {
      if (to.startsWith('.') || to.startsWith('node:')) return []
      if (unit === 'config' && /^typebox(\/|$)/.test(to)) return []
      if ((unit === 'runtime' || nouns.includes(unit)) && to.startsWith('@stdlib/stats-')) return []
      return [`${path}: ${to} may not be imported in ${unit}; put it behind a port, in src/adapters`]
    })
  })

const fileLines: Rule = files =>
  [...files].flatMap(([path, text]) => {
    if (!isCode(path) || path === 'src/records.ts') return []
    const lines = text.split('\n').length - 1
    return lines > 400 ? [`${path}: ${lines} lines; 400 at most, cut it where the subject changes`] : []
  })

const headings = (text: string): string[] => [...text.matchAll(/^## (\S+)$/gm)].map(match => match[1] ?? '')

const failures: Rule = files => {
  const table = files.get('src/lib/failure.ts') ?? ''
  const codes = [...table.matchAll(/^ {2}([A-Z][A-Z_]+): \{ blame:/gm)].map(match => match[1] ?? '')
  const sections = headings(files.get('docs/failures.md') ?? '')
  return [
    ...codes.filter(code => !sections.includes(code)).map(code => `docs/failures.md: no section for ${code}`),
    ...sections.filter(code => !codes.includes(code)).map(code => `src/lib/failure.ts: no code ${code}`),
    ...sections.filter((code, at) => sections.indexOf(code) !== at).map(code => `docs/failures.md: ${code} twice`),
  ]
}

/** Settings are named `SLIPSTREAM_X` after those in src/config.ts and src/config/; the manual names the same ones. */
const settings: Rule = files => {
  const texts = [...files].flatMap(([path, text]) => (unitOf(path) === 'config' ? [text] : []))
  const config = texts.length === 0 ? undefined : texts.join('\n')
  const manual = files.get('docs/settings.md')
  if (config === undefined || manual === undefined) return []
  // the environment's name of a setting follows from its own
  const envOf = (name: string) => `SLIPSTREAM_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
  const here = new Set([...config.matchAll(/^ {2}(\w+): \{\s*kind: /gm)].map(match => envOf(match[1] ?? '')))
  const there = new Set(manual.match(/\bSLIPSTREAM_[A-Z0-9_]*[A-Z0-9]/g))
  return [
    ...[...here].filter(name => !there.has(name)).map(name => `docs/settings.md: ${name} is not described`),
    ...[...there].filter(name => !here.has(name)).map(name => `src/config.ts: no setting ${name}`),
  ]
}

const contracts: Rule = files => {
  const suites = ports
    .filter(port => files.has(`src/runtime/${port}.ts`) && !files.has(`test/contracts/${port}.ts`))
    .filter(port => [...files.keys()].some(path => path.startsWith(`src/adapters/${port}-`)))
    .map(port => `test/contracts/${port}.ts: the port ${port} has adapters but no contract suite`)
  const runs = [...files.keys()].flatMap(path => {
    const [, name, port = ''] = /^src\/adapters\/(([a-z]+)-[^/]+)\.ts$/.exec(path) ?? []
    if (!name || !ports.includes(port) || !files.has(`test/contracts/${port}.ts`)) return []
    if (isPartOfAnother(path, files)) return []
    const tests = files.get(`test/adapters/${name}.test.ts`)
    if (tests && importsOf(tests).includes(`../contracts/${port}.ts`)) return []
    return [`test/adapters/${name}.test.ts: ${path} does not run test/contracts/${port}.ts`]
  })
  return [...suites, ...runs]
}

/** `log-sqlite-reader.ts` is a part of `log-sqlite.ts`, not an adapter of its own. */
function isPartOfAnother(path: string, files: Files): boolean {
  const words = path.replace(/\.ts$/, '').split('-')
  return words.some((_, count) => count > 1 && files.has(`${words.slice(0, count).join('-')}.ts`))
}

/** Files without a test of their own name, and why. */
export const withoutTwin: Readonly<Record<string, string>> = {
  'src/lib/assert.ts': 'one line',
}

/** A file has logic when it defines a function; types, ports and tables have none. */
function hasLogic(text: string): boolean {
  return /\b(function|class)\b|\bconst\s+\w+[^=\n]*=\s*(async\s*)?[^=\n]*=>/.test(withoutComments(text))
}

const twins: Rule = files =>
  eachSource(files, (path, text, unit) => {
    if (!withTwins.includes(unit) || !hasLogic(text) || path in withoutTwin) return []
    const stem = path.replace(/^src\//, 'test/').replace(/\.tsx?$/, '')
    const has = [...files.keys()].some(each => each === `${stem}.test.ts` || each.startsWith(`${stem}-`))
    return has ? [] : [`${path}: no test; expected ${stem}.test.ts, or ${stem}-….test.ts`]
  })

const leftovers: Rule = files =>
  [...files].flatMap(([path, text]) => {
    if (!isCode(path) || path.startsWith('test/house-rules')) return []
    const found: string[] = []
    const mark = /\b(FIXME|TODO|XXX)\b/.exec(text)
    if (mark) found.push(`${path}: ${mark[0]}; do it now, or write it down in docs/decisions.md`)
    if (/^src\/(?!cli\/)/.test(path) && /\bconsole\./.test(withoutComments(text))) {
      found.push(`${path}: console. outside src/cli; return it, or take a logger`)
    }
    return found
  })

const names: Rule = files =>
  [...files.keys()].flatMap(path => {
    if (!isCode(path)) return []
    const file = path.split('/').at(-1) ?? ''
    const vague = /(^|[/-])(utils?|helpers?|common|manager|service|impl|base)([/.-]|$)/.exec(
      path.replace(/^src\/web\//, ''),
    )
    if (vague) return [`${path}: ${vague[2]} says nothing; name the file after what it holds`]
    return /^[a-z0-9]+([-.][a-z0-9]+)*$/.test(file) ? [] : [`${path}: file names are kebab-case`]
  })

const skips: Rule = files =>
  [...files].flatMap(([path, text]) => {
    if (!path.startsWith('test/') || path === 'test/skips.ts' || path.startsWith('test/house-rules')) return []
    const found = /\.(skip|skipIf|only|todo|runIf|fails)\(/.exec(withoutComments(text))
    return found ? [`${path}: ${found[0]}); use skipUnless of test/skips.ts, which tells the reader`] : []
  })

export const rules = {
  purity,
  direction,
  thirdParties,
  fileLines,
  failures,
  settings,
  contracts,
  twins,
  leftovers,
  names,
  skips,
} satisfies Record<string, Rule>
