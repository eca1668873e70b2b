// The rules themselves are in house-rules.ts. Here they run on the project, and each is shown to bite.

import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type Files, rules, withoutTwin } from './house-rules.ts'

const root = path.join(import.meta.dirname, '..')

function readProject(): Files {
  const files = new Map<string, string>()
  for (const folder of ['src', 'test', 'bench', 'scripts', 'bin', 'docs']) {
    if (!fs.existsSync(path.join(root, folder))) continue
    for (const entry of fs.readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|tsx|mjs|md)$/.test(entry.name)) continue
      const file = path.join(entry.parentPath, entry.name)
      files.set(path.relative(root, file).split(path.sep).join('/'), fs.readFileSync(file, 'utf8'))
    }
  }
  return files
}

const project = readProject()

test.each(Object.entries(rules))('the project keeps the rule %s', (_name, rule) => {
  expect(rule(project)).toEqual([])
})

test('there is a project to check', () => {
  expect([...project.keys()]).toContain('src/lib/failure.ts')
})

test.each(Object.keys(withoutTwin))('%s is still there to be an exception', file => {
  expect([...project.keys()]).toContain(file)
})

const psi = 'src/drift/psi.ts'

type Breach = [what: string, rule: keyof typeof rules, files: Record<string, string>, message: RegExp]

const breaches: Breach[] = [
  ['a noun reads the clock', 'purity', { [psi]: 'const at = Date.now()' }, /psi\.ts: Date\.now in drift; take `at/],
  ['a stage draws', 'purity', { 'src/stages/score.ts': 'Math.random()' }, /score\.ts: Math\.random in stages/],
  ['the runtime reads a file', 'purity', { 'src/runtime/task.ts': "import fs from 'node:fs'" }, /use a port/],
  ['page one asks the environment', 'purity', { 'src/pipeline.ts': 'process.env.X' }, /add a setting/],
  ['today is made up', 'purity', { 'src/flights/row.ts': 'new Date( )' }, /row\.ts: new Date/],
  [
    'a noun knows the runtime',
    'direction',
    { [psi]: "import { move } from '../runtime/task.ts'" },
    /drift may not import runtime/,
  ],
  [
    'a type is an import too',
    'direction',
    { [psi]: "import type { T } from '../stages/score.ts'" },
    /drift may not import stages/,
  ],
  [
    'a stage knows an engine',
    'direction',
    { 'src/stages/score.ts': "import '../adapters/log-sqlite.ts'" },
    /stages may not import adapters/,
  ],
  [
    'an engine is loaded later',
    'direction',
    { 'src/runtime/task.ts': "await import('../adapters/log-memory.ts')" },
    /runtime may not import adapters/,
  ],
  [
    'the page takes code of the server',
    'direction',
    { 'src/web/feed.ts': "import type { A } from '../server/loop.ts'\nimport { b } from '../server/server.ts'" },
    /web may not import server .*server.ts/,
  ],
  ['a folder appears', 'direction', { 'src/misc/a.ts': '' }, /misc has no row/],
  [
    'a noun takes a package',
    'thirdParties',
    { [psi]: "import { mean } from 'lodash'" },
    /lodash may not be imported in drift/,
  ],
  ['the config takes another package', 'thirdParties', { 'src/config.ts': "import ajv from 'ajv'" }, /ajv may not/],
  ['a file grows', 'fileLines', { [psi]: 'x\n'.repeat(401) }, /psi\.ts: 401 lines/],
  [
    'a code is not explained',
    'failures',
    { 'src/lib/failure.ts': "  NEW_CODE: { blame: 'ours'" },
    /no section for NEW_CODE/,
  ],
  ['an explained code is gone', 'failures', { 'docs/failures.md': '## OLD_CODE' }, /no code OLD_CODE/],
  [
    'a setting is not described',
    'settings',
    { 'src/config.ts': "  rateLimit: { kind: 'number' },", 'docs/settings.md': '' },
    /SLIPSTREAM_RATE_LIMIT is not described/,
  ],
  [
    'a described setting is gone',
    'settings',
    { 'src/config.ts': '', 'docs/settings.md': 'SLIPSTREAM_PORT' },
    /no setting SLIPSTREAM_PORT/,
  ],
  [
    'a port promises nothing',
    'contracts',
    { 'src/runtime/log.ts': '', 'src/adapters/log-memory.ts': '' },
    /no contract suite/,
  ],
  [
    'an adapter keeps out of it',
    'contracts',
    { 'test/contracts/log.ts': '', 'src/adapters/log-memory.ts': '' },
    /does not run/,
  ],
  ['logic is not tested', 'twins', { [psi]: 'export function psi() {}' }, /expected test\/drift\/psi\.test\.ts/],
  ['something is left for later', 'leftovers', { 'bench/replay.ts': '// TODO later' }, /TODO/],
  ['a stage talks', 'leftovers', { 'src/stages/score.ts': 'console.log(1)' }, /console\. outside/],
  ['a name says nothing', 'names', { 'src/lib/string-utils.ts': '' }, /utils says nothing/],
  ['a name is in another case', 'names', { 'src/lib/someThing.ts': '' }, /kebab-case/],
  [
    'a test is skipped without a word',
    'skips',
    { 'test/drift/psi.test.ts': "test.skip('x', () => {})" },
    /use skipUnless/,
  ],
]

test.each(breaches)('%s: the rule %s says so', (_what, rule, files, message) => {
  const found = rules[rule](new Map(Object.entries(files)))
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(message)
})

const fine: [what: string, files: Record<string, string>][] = [
  ['a comment may name what code may not', { [psi]: '// never Date.now(), nor console.log\nexport const bins = 10\n' }],
  ['a given instant may become a date', { [psi]: 'export const year = new Date(0).getUTCFullYear()\n' }],
  [
    'everybody may use lib and records',
    { 'src/web/page.ts': "import '../lib/time.ts'\nimport type { A } from '../records.ts'\n" },
  ],
  ['features may know flights', { 'src/features/hour.ts': "import '../flights/airports.ts'\n" }],
  ['typebox is for the config', { 'src/config.ts': "import { Type } from 'typebox'\n" }],
  [
    'a port has no logic',
    { 'src/runtime/log.ts': 'export interface Log {\n  read(topic: string): Promise<void>\n}\n' },
  ],
  [
    'an adapter in two files runs one contract',
    {
      'test/contracts/log.ts': '',
      'src/adapters/log-sqlite.ts': '',
      'src/adapters/log-sqlite-reader.ts': '',
      'test/adapters/log-sqlite.test.ts': "import { describeLog } from '../contracts/log.ts'\n",
    },
  ],
]

test.each(fine)('%s', (_what, files) => {
  const map = new Map(Object.entries(files))
  expect(Object.values(rules).flatMap(rule => rule(map))).toEqual([])
})
