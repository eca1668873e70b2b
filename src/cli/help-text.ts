// Help, made from the table of commands: examples first.

import { type Flags, globalFlags, settingFlags } from './arguments.ts'
import type { Command, Flag } from './command.ts'
import type { CommandEntry } from './command-table.ts'

export function rootHelp(table: readonly CommandEntry[]): string[] {
  const width = Math.max(...table.map(({ name }) => name.length))
  return [
    'slipstream: flight delays, predicted while the flights happen',
    '',
    '  slipstream up                                          start it and open the page',
    '  slipstream predict --flight UA1545 --origin EWR --destination IAH --departure 2013-02-09T15:00Z',
    '  slipstream topics tail flights.predictions --limit 5   what was predicted last',
    '',
    'commands',
    ...table.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'flags of every command',
    ...flagLines({ ...globalFlags, ...dataDirFlag }),
    '',
    `${everySetting} \`slipstream help COMMAND\` says more.`,
  ]
}

const everySetting = 'Every setting is a flag too: `slipstream config explain` lists them.'

/** @param path the names that lead to it: `topics tail` */
export function commandHelp(command: Command, path: string): string[] {
  const { summary, examples, usage, flags, commands } = command
  const lines = [
    `slipstream ${path}: ${summary}`,
    '',
    ...examples.map(example => `  ${example}`),
    '',
    `usage: ${usage}`,
  ]
  if (commands) {
    const width = Math.max(...commands.map(({ name }) => name.length))
    lines.push('', 'commands', ...commands.map(each => `  ${each.name.padEnd(width)}  ${each.summary}`))
  }
  const own = { ...flags, ...settingsNamedIn(usage) }
  if (Object.keys(own).length > 0) lines.push('', 'flags', ...flagLines(own))
  return [...lines, '', 'flags of every command', ...flagLines({ ...globalFlags, ...dataDirFlag }), '', everySetting]
}

/** Help as the one document of --json. */
export function rootDocument(table: readonly CommandEntry[]): object {
  return { commands: table.map(({ name, summary }) => ({ name, summary })) }
}

export function commandDocument({ name, summary, usage, flags, examples, commands }: Command): object {
  return { name, summary, usage, flags, examples, ...(commands ? { commands: commands.map(commandDocument) } : {}) }
}

/** The settings that a command's usage speaks of: it has them as every command does, and they are explained with its own. */
function settingsNamedIn(usage: string): Flags {
  const named: Record<string, Flag> = {}
  for (const [, name = '', value] of usage.matchAll(/--([a-z][a-z-]*)(?: ([^\s\]|]+))?/g)) {
    const flag = settingFlags[name]
    if (flag && name !== 'data-dir') named[name] = { ...flag, ...(value === undefined ? {} : { value }) }
  }
  return named
}

const dataDirFlag: Flags = { 'data-dir': { ...(settingFlags['data-dir'] as Flag), value: 'DIR' } }

function flagLines(flags: Flags): string[] {
  const names = Object.entries(flags).map(([name, { short, value, type }]) => {
    const placeholder = type === 'string' ? ` ${value ?? 'VALUE'}` : ''
    return `${short === undefined ? '' : `-${short}, `}--${name}${placeholder}`
  })
  const width = Math.max(...names.map(name => name.length))
  return Object.values(flags).map(({ about }, at) => `  ${(names[at] ?? '').padEnd(width)}  ${about}`)
}
