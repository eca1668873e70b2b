// The documents say what is so: links lead somewhere, generated parts are what is generated, every topic, event, code and
// metric has its words, and every command that is named exists.

import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { nodeEnvironment, nodeFlags } from '../bin/bootstrap.mjs'
import { generatedDocs } from '../scripts/docs.ts'
import { commandTable } from '../src/cli/command-table.ts'
import { loadCommand } from '../src/cli/run.ts'
import { featuresPage } from '../src/features/page.ts'
import { features } from '../src/features/table.ts'
import { failureCodes } from '../src/lib/failure.ts'
import { topics } from '../src/pipeline.ts'
import { eventNames } from '../src/server/events.ts'

const root = path.join(import.meta.dirname, '..')
const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8')
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'data/nycflights13/README.md',
  ...fs
    .readdirSync(path.join(root, 'docs'))
    .filter(file => file.endsWith('.md'))
    .map(file => `docs/${file}`),
]

/** What a page links to or shows, without addresses on the web and places on the page itself. */
function linksOf(text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
    ([, link, shown]) => link ?? shown ?? '',
  )
  return links.filter(link => !/^(https?:|#)/.test(link)).map(link => link.replace(/#.*$/, ''))
}

/** The commands named in a page's code: `slipstream topics tail`, `node bin/slipstream.mjs topics tail`. */
function commandsIn(text: string): string[][] {
  const code = [...text.matchAll(/```[a-z]*\n[\s\S]*?```|`[^`\n]+`/g)].map(([span]) => span).join('\n')
  const calls = [...code.matchAll(/(?:\bslipstream(?:\.mjs)?) +([a-z]+)(?: +([a-z]+))?/g)]
  return calls.map(([, name = '', second = '']) => [name, second])
}

test.each(pages)('every link of %s leads to a file', page => {
  const missing = linksOf(read(page)).filter(link => !fs.existsSync(path.join(root, path.dirname(page), link)))
  expect(missing).toEqual([])
})

test('the diagram and the commands of the README and docs/settings.md are what is generated', async () => {
  for (const [page, text] of Object.entries(await generatedDocs())) expect([page, read(page)]).toEqual([page, text])
})

test('docs/features.md is what the table prints', () => {
  expect(read('docs/features.md')).toBe(featuresPage(features))
})

test('every topic has a row in docs/consuming.md', () => {
  const text = read('docs/consuming.md')
  expect(topics.map(({ name }) => name).filter(name => !text.includes(`\`${name}\``))).toEqual([])
})

test('every event has a row in docs/producing.md', () => {
  const text = read('docs/producing.md')
  expect(eventNames.filter(name => !text.includes(`| \`${name}\` |`))).toEqual([])
})

test('every reason to skip a flight has a row in docs/consuming.md', () => {
  const { fields } = JSON.parse(read('schemas/PredictionSkipped.avsc')) as {
    fields: { name: string; type: { symbols: string[] } }[]
  }
  const reasons = fields.find(({ name }) => name === 'reason')?.type.symbols ?? []
  const text = read('docs/consuming.md')
  expect(reasons.length).toBeGreaterThan(3)
  expect(reasons.filter(reason => !text.includes(`| \`${reason}\` |`))).toEqual([])
})

test('every code has a section in docs/failures.md that says what happened, what happens next and what to do', () => {
  const sections = new Map(
    read('docs/failures.md')
      .split(/^## /m)
      .slice(1)
      .map(section => [section.split('\n')[0], section]),
  )
  const parts = ['**What happened.**', '**What Slipstream does next.**', '**What you do.**']
  const poor = failureCodes.filter(code => !parts.every(part => sections.get(code)?.includes(part)))
  expect(poor).toEqual([])
})

test('every metric that docs/operating.md names is one', () => {
  const source = `${read('src/server/meters.ts')}${read('src/server/task-metrics.ts')}`
  const named = [...read('docs/operating.md').matchAll(/`(?:slipstream_(\w+)|(http_\w+))/g)]
  expect(named.length).toBeGreaterThan(5)
  const names = named.map(([, own, other]) => own ?? other ?? '')
  expect(names.filter(name => !source.includes(`'${name}'`) && !source.includes(`'slipstream_${name}'`))).toEqual([])
})

test.each(pages)('every command that %s names exists', async page => {
  const known = new Map<string, string[]>()
  for (const { name } of commandTable) {
    known.set(name, (await loadCommand(name)).commands?.map(each => each.name) ?? [])
  }
  const wrong = commandsIn(read(page)).filter(([name = '', second = '']) => {
    const own = known.get(name)
    return own === undefined || (own.length > 0 && second !== '' && !own.includes(second))
  })
  expect(wrong).toEqual([])
})

test.each(pages)('%s leaves nothing to be filled in', page => {
  expect(read(page)).not.toMatch(
    /\b(T[O]DO|TBD|F[I]XME|X[X]X|lorem ipsum|coming soon|to be (written|done|added))\b|figure:|\u2014/i,
  )
})

test.each(['light', 'dark'])('the %s picture is there and weighs at most 300 KB', scheme => {
  const bytes = fs.readFileSync(path.join(root, `docs/images/live-${scheme}.png`))
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  expect(bytes.length).toBeLessThanOrEqual(300 * 1024)
})

test('a decision has five lines, each with its word; evidence may follow behind a blank one', () => {
  const words = ['Decided', 'Because', 'Instead of', 'Costs', 'Look again when']
  for (const decision of read('docs/decisions.md').split(/^## /m).slice(1)) {
    const [title, , ...rest] = decision.trimEnd().split('\n')
    const lines = rest.slice(0, rest.includes('') ? rest.indexOf('') : rest.length)
    expect([title, lines.map(line => /^- \*\*([^.*]+?)\.?\*\*/.exec(line)?.[1])]).toEqual([title, words])
  }
})

test('the image has a fixed Node 24 in each stage and runs like the command line, as a user without rights', () => {
  const lines = read('Dockerfile').split('\n')
  const images = lines.filter(line => line.startsWith('FROM ')).map(line => line.split(' ')[1])
  expect(images.length).toBe(2)
  for (const image of images) expect(image).toMatch(/^node:24\.\d+\.\d+-/)
  expect(lines).toContain('USER node')
  const entry = lines.find(line => line.startsWith('ENTRYPOINT '))?.slice('ENTRYPOINT '.length) ?? '[]'
  expect(JSON.parse(entry)).toEqual(['node', ...nodeFlags, 'src/cli/main.ts'])
  const settings = lines.find(line => line.startsWith('ENV '))?.split(' ')
  for (const [name, value] of Object.entries(nodeEnvironment)) expect(settings).toContain(`${name}=${value}`)
})

test('deploy/embedded.yml opens its port to this machine alone and lets the container write to its volume only', () => {
  const text = read('deploy/embedded.yml')
  expect([...text.matchAll(/- "([^"]*:8080)"/g)].map(([, port]) => port)).toEqual(['127.0.0.1:8080:8080'])
  expect(text).toMatch(/^ {4}read_only: true$/m)
  expect(text).toMatch(/^ {6}- data:\/data$/m)
})
