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
    'Every setting is a flag too: `slipstream config explain` lists them. `slipstream help COMMAND` says more.',
  ]
}

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
  if (Object.keys(flags).length > 0) lines.push('', 'flags', ...flagLines(flags))
  return [...lines, '', 'flags of every command', ...flagLines({ ...globalFlags, ...dataDirFlag })]
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
