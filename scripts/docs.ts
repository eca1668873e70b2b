// The generated parts of the documents: README.md's diagram and table of commands, and docs/settings.md. test/docs.test.ts
// fails when they are not what this prints; docs/features.md is kept by test/features/page.test.ts.
//
//   node scripts/docs.ts     writes them anew
//
// In README.md a generated part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`.

import { readFileSync, writeFileSync } from 'node:fs'
import type { Command } from '../src/cli/command.ts'
import { commandTable } from '../src/cli/command-table.ts'
import { settingsManual } from '../src/config.ts'
import { pipeline } from '../src/pipeline.ts'
import { diagram } from '../src/runtime/topology.ts'

const root = new URL('../', import.meta.url)

/** @returns the texts as they must be, by path from the project's root */
export async function generatedDocs(): Promise<Record<string, string>> {
  const readme = readFileSync(new URL('README.md', root), 'utf8')
  const drawn = withPart(readme, 'diagram', `\`\`\`mermaid\n${diagram(pipeline)}\n\`\`\``)
  return {
    'README.md': withPart(drawn, 'commands', await commandsPage()),
    'docs/settings.md': settingsManual(),
  }
}

function withPart(text: string, name: string, part: string): string {
  const [start, end] = [`<!-- generated: ${name} -->`, `<!-- end of ${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`README.md has no place for the ${name}: ${start} ... ${end}`)
  return `${text.slice(0, from)}${start}\n\n${part}\n\n${text.slice(to)}`
}

/** Every command; a group stands for its commands. */
async function commandsPage(): Promise<string> {
  const rows: string[] = []
  for (const { name, summary, load } of commandTable) {
    const { commands }: Command = (await load()).command
    if (!commands) rows.push(row(name, summary))
    for (const each of commands ?? []) rows.push(row(`${name} ${each.name}`, each.summary))
  }
  return ['| `slipstream ...` | what it does |', '| --- | --- |', ...rows].join('\n')
}

function row(name: string, summary: string): string {
  return `| \`${name}\` | ${summary} |`
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await generatedDocs())) writeFileSync(new URL(path, root), text)
}
