// Finds the command that was asked for, reads its flags, runs it, and turns whatever happens into output and an exit code.

import { type Config, configure, type Explained } from '../config.ts'
import { Failure } from '../lib/failure.ts'
import { glance, globalFlags, parse, settingFlags, settingsIn } from './arguments.ts'
import type { Command, CommandIo, FlagValues } from './command.ts'
import { type CommandEntry, commandTable } from './command-table.ts'
import { exitCode } from './exit-code.ts'
import { commandDocument, commandHelp, rootDocument, rootHelp } from './help-text.ts'
import { didYouMean } from './suggest.ts'
import { type Sink, Terminal } from './terminal.ts'

export type Invocation = {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Sink
  readonly stderr: Sink
  readonly table?: readonly CommandEntry[]
}

const echoMs = 1000
const everyFlag = { ...globalFlags, ...settingFlags }

/** @returns the exit code */
export async function run({ argv, env, stdout, stderr, table = commandTable }: Invocation): Promise<number> {
  const { flags } = glance(argv, everyFlag)
  const terminal = new Terminal({
    stdout,
    stderr,
    env,
    json: flags['json'] === true,
    quiet: flags['quiet'] === true,
    verbose: flags['verbose'] === true,
    noColor: flags['no-color'] === true,
    now: () => performance.now(),
  })
  try {
    const code = await dispatch(argv, terminal, table)
    await terminal.end()
    return code
  } catch (error) {
    return await terminal.fail(error)
  }
}

async function dispatch(argv: readonly string[], terminal: Terminal, table: readonly CommandEntry[]): Promise<number> {
  const name = glance(argv, everyFlag).args[0]
  if (name === undefined) {
    if (argv.includes('--version'))
      return dispatch([...argv.filter(word => word !== '--version'), 'version'], terminal, table)
    const { flags } = parse(argv, everyFlag)
    show(terminal, flags, { lines: rootHelp(table), document: rootDocument(table) })
    return exitCode.ok
  }
  const command = await loadCommand(name, table)
  const { found, path, flags, args } = select(command, argv)
  if (flags['help'] === true || found.commands) {
    show(terminal, flags, { lines: commandHelp(found, path), document: commandDocument(found) })
    return exitCode.ok
  }
  return await found.run(ioOf(terminal, flags, args))
}

type Help = { readonly lines: readonly string[]; readonly document: object }

function show(terminal: Terminal, flags: FlagValues, { lines, document }: Help): void {
  for (const line of flags['json'] === true ? [JSON.stringify(document)] : lines) terminal.line(line)
}

/** @throws Failure USAGE */
export async function loadCommand(name: string, table: readonly CommandEntry[] = commandTable): Promise<Command> {
  const entry = table.find(each => each.name === name)
  if (entry) return (await entry.load()).command
  const names = table.map(each => each.name)
  throw new Failure('USAGE', `there is no command "${name}"`, {
    help: didYouMean(name, names, '`slipstream help` lists the commands.'),
  })
}

/** @throws Failure USAGE */
export function subcommand({ name: groupName, commands = [] }: Command, name: string): Command {
  const found = commands.find(each => each.name === name)
  if (found) return found
  const names = commands.map(each => each.name)
  throw new Failure('USAGE', `${groupName} has no command "${name}"`, {
    help: didYouMean(name, names, `It has ${names.join(', ')}.`),
  })
}

type Selected = { found: Command; path: string; flags: FlagValues; args: readonly string[] }

function select(command: Command, argv: readonly string[]): Selected {
  const { name, commands } = command
  const all = Object.assign({}, command.flags, ...(commands ?? []).map(each => each.flags), everyFlag)
  const [, second] = glance(argv, all).args
  if (!commands || second === undefined) {
    const { flags, args } = parse(argv, { ...command.flags, ...everyFlag })
    return { found: command, path: name, flags, args: args.slice(1) }
  }
  const found = subcommand(command, second)
  const { flags, args } = parse(argv, { ...found.flags, ...everyFlag })
  return { found, path: `${name} ${second}`, flags, args: args.slice(2) }
}

function ioOf(terminal: Terminal, flags: FlagValues, args: readonly string[]): CommandIo {
  const json = flags['json'] === true
  let configured: { config: Config; explained: Explained[] } | undefined
  const configuration = () => (configured ??= configure(settingsIn(flags)))
  let signal: AbortSignal | undefined
  return {
    flags,
    args,
    json,
    isTty: terminal.isTty,
    get config() {
      return configuration().config
    },
    get explained() {
      return configuration().explained
    },
    out: line => {
      if (!json) terminal.line(line)
    },
    err: line => terminal.narrate(line),
    document: value => {
      if (json) terminal.line(JSON.stringify(value))
    },
    record: value => terminal.line(JSON.stringify(value)),
    drained: () => terminal.drained(),
    progress: step => terminal.progress(step),
    color: (color, text) => terminal.color(color, text),
    interruption: () => (signal ??= onInterrupt()),
  }
}

/** A signal that comes again at once is its own echo: npm passes on what the terminal has sent to everybody. */
function onInterrupt(): AbortSignal {
  const abort = new AbortController()
  let firstAt = 0
  const onSignal = () => {
    const now = performance.now()
    if (!abort.signal.aborted) firstAt = now
    else if (now - firstAt > echoMs) process.exit(exitCode.interrupted)
    abort.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return abort.signal
}
