import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { globalFlags, settingFlags } from '../../src/cli/arguments.ts'
import type { Command } from '../../src/cli/command.ts'
import { commandTable } from '../../src/cli/command-table.ts'
import { readSchemas } from '../../src/cli/records.ts'
import { recordsSource } from '../../src/cli/records-source.ts'
import { cli, documentOf } from './cli.ts'

test.each(commandTable)('$name says of itself what the table says', async ({ name, summary, load }) => {
  const { command } = await load()
  expect(command).toMatchObject({ name, summary })
  expect(command.examples.length).toBeGreaterThan(0)
})

test('no command redefines a flag that all commands have', async () => {
  const everywhere = Object.keys({ ...globalFlags, ...settingFlags })
  const flagsOf = ({ flags, commands = [] }: Command): string[] => [...Object.keys(flags), ...commands.flatMap(flagsOf)]
  for (const { load } of commandTable) {
    expect(flagsOf((await load()).command).filter(flag => everywhere.includes(flag))).toEqual([])
  }
})

test('help of a command as JSON names its flags', async () => {
  const help = documentOf<{ flags: object }>(await cli(['help', 'topics', 'tail', '--json']))
  expect(Object.keys(help.flags)).toContain('from-beginning')
})

test('help of a command that is not there is a usage error', async () => {
  expect((await cli(['help', 'topics', 'head'])).code).toBe(2)
})

test('completion knows every command and the flags of one', async () => {
  const { code, out } = await cli(['completion', 'bash'])
  expect(code).toBe(0)
  for (const { name } of commandTable) expect(out).toContain(name)
  expect(out).toMatch(/'topics tail'\) words='--from-beginning /)
})

test('version names the program, its pipeline and Node', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const shown = documentOf(await cli(['version', '--json']))
  expect(shown).toEqual({ version, pipeline: expect.stringMatching(/^1-[0-9a-f]{12}$/), node: process.versions.node })
  expect(documentOf(await cli(['version', '--json', '--lateness', '20']))['pipeline']).not.toBe(shown['pipeline'])
})

test('config explain says where a value came from', async () => {
  const explained = documentOf(await cli(['config', 'explain', 'partitions', '--partitions', '4', '--json']))
  expect(explained).toMatchObject({ name: 'partitions', value: 4, from: 'flag' })
  expect((await cli(['config', 'get', 'partition'])).err).toContain('Did you mean "partitions"?')
})

test('src/records.ts is what `records` prints', () => {
  const schemas = readSchemas(new URL('../../schemas/', import.meta.url))
  const written = readFileSync(new URL('../../src/records.ts', import.meta.url), 'utf8')
  expect(recordsSource(schemas)).toBe(written)
})

test('pipeline draws every stage and topic', async () => {
  const { out } = await cli(['pipeline'])
  const { stages, topics } = documentOf<Record<'stages' | 'topics', { name: string }[]>>(
    await cli(['pipeline', '--json']),
  )
  expect(stages.length).toBeGreaterThan(0)
  for (const { name } of [...stages, ...topics]) expect(out).toContain(name)
})
