// slipstream completion: a script for the shell that completes commands, their commands and their flags.

import { Failure } from '../lib/failure.ts'
import { globalFlags, settingFlags } from './arguments.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { commandTable } from './command-table.ts'

const usage = 'slipstream completion bash|zsh'

export const command: Command = {
  name: 'completion',
  summary: 'completion of commands and flags for a shell',
  usage,
  flags: {},
  examples: ['source <(slipstream completion bash)', 'slipstream completion zsh > ~/.zfunc/_slipstream'],
  async run(io: CommandIo): Promise<number> {
    const [shell = ''] = namedArgs(io, usage, ['SHELL'])
    const script = scripts[shell]
    if (!script)
      throw new Failure('USAGE', `there is no completion for "${shell}"`, { field: 'SHELL', help: `usage: ${usage}` })
    const text = script(await words(io))
    io.out(text)
    io.document({ shell, script: text })
    return 0
  },
}

/** What may follow each path of names: '' is the start of the line. */
type Words = ReadonlyMap<string, readonly string[]>

async function words(io: CommandIo): Promise<Words> {
  const found = new Map<string, readonly string[]>([['', commandTable.map(({ name }) => name)]])
  for (const { name, load } of commandTable) {
    try {
      addWords(found, name, (await load()).command)
    } catch (error) {
      io.err(`${name} is left out: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  found.set('help', found.get('') ?? [])
  found.set('completion', ['bash', 'zsh'])
  return found
}

function addWords(found: Map<string, readonly string[]>, path: string, { flags, commands = [] }: Command): void {
  found.set(path, [...commands.map(({ name }) => name), ...Object.keys(flags).map(flag => `--${flag}`)])
  for (const each of commands) addWords(found, `${path} ${each.name}`, each)
}

const everywhere = [...Object.keys(globalFlags), ...Object.keys(settingFlags)].map(flag => `--${flag}`)

const scripts: Readonly<Record<string, (found: Words) => string>> = {
  bash: found => `${body(found)}\ncomplete -o default -F _slipstream slipstream`,
  // zsh runs the same function in its bash mode
  zsh: found =>
    `#compdef slipstream\nautoload -Uz bashcompinit && bashcompinit\n${body(found)}\ncomplete -o default -F _slipstream slipstream`,
}

function body(found: Words): string {
  const cases = [...found].map(([path, each]) => `    '${path}') words='${each.join(' ')}' ;;`)
  return `_slipstream() {
  local path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *) [ "$(wc -w <<<"$path")" -lt 2 ] && path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words ${everywhere.join(' ')}" -- "\${COMP_WORDS[COMP_CWORD]}"))
}`
}
