// What a command is and what it is given. The table of all commands is command-table.ts, how one is found and run is
// run.ts; help, completion and the errors of flags are made from what stands here.

import type { Config, Explained } from '../config.ts'
import { Failure } from '../lib/failure.ts'

export type Flag = {
  readonly type: 'string' | 'boolean'
  /** What it does, for help; names the default. */
  readonly about: string
  /** What stands for the value in help, such as DIR. */
  readonly value?: string
  /** One letter. */
  readonly short?: string
}

/** By name without dashes; undefined: not given. */
export type FlagValues = Readonly<Record<string, string | boolean | undefined>>

export type Command = {
  readonly name: string
  /** One line, lower case, no full stop. */
  readonly summary: string
  readonly usage: string
  readonly flags: Readonly<Record<string, Flag>>
  readonly examples: readonly string[]
  /** Of a group: `topics` has `tail` and others, and `run` is then not called. */
  readonly commands?: readonly Command[]
  /** @returns the exit code (exit-code.ts). @throws Failure, which is printed and gives its own */
  run(io: CommandIo): Promise<number>
}

export type Color = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim'

/** A bar with its share. */
export type Progress = { readonly label: string; readonly done: number; readonly total: number }

export interface CommandIo {
  readonly flags: FlagValues
  /** What stands behind the command's name and is no flag. */
  readonly args: readonly string[]
  /** @throws Failure USAGE on first use, when a setting is wrong */
  readonly config: Config
  /** Each setting and where its value came from. */
  readonly explained: readonly Explained[]
  readonly json: boolean
  /** Whether stdout is a terminal. */
  readonly isTty: boolean
  /** A line of data for people, on stdout; nothing in --json mode. */
  out(line: string): void
  /** A line of narration on stderr; nothing with --quiet. */
  err(line: string): void
  /** The one JSON document of --json mode, on stdout; nothing otherwise. */
  document(value: unknown): void
  /** One of many JSON documents, a line each, on stdout in either mode. */
  record(value: unknown): void
  /** Resolves once stdout has taken what was written; for long outputs and for ones that somebody follows. */
  drained(): Promise<void>
  /** How far it is, on stderr: redrawn on a terminal, else a line at most every 2 s; nothing with --quiet. */
  progress(step: string | Progress): void
  /** The text in a colour, if stdout shows colours. */
  color(color: Color, text: string): string
  /** Aborted by the first Ctrl-C or SIGTERM. From then on the command ends itself; a second one ends the process. */
  interruption(): AbortSignal
}

/** A command that only holds others. */
export function group(name: string, summary: string, commands: readonly Command[]): Command {
  return {
    name,
    summary,
    usage: `slipstream ${name} ${commands.map(each => each.name).join('|')}`,
    flags: {},
    examples: commands.flatMap(each => each.examples.slice(0, 1)),
    commands,
    run: () => Promise.reject(new Failure('USAGE', `${name} is a group of commands`)),
  }
}

/** The text of a flag, if it was given. */
export function textFlag({ flags }: CommandIo, name: string): string | undefined {
  const value = flags[name]
  return typeof value === 'string' ? value : undefined
}

/** @throws Failure USAGE unless the flag holds a whole number from `min` on */
export function wholeFlag(io: CommandIo, name: string, min = 0): number | undefined {
  const text = textFlag(io, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value
  throw new Failure('USAGE', `--${name} is "${text}", but takes a whole number from ${min} on`, { field: name })
}

/** The arguments by name. @throws Failure USAGE when one is missing or one is too many */
export function namedArgs(io: CommandIo, usage: string, names: readonly string[]): string[] {
  const missing = names[io.args.length]
  if (missing !== undefined)
    throw new Failure('USAGE', `${missing} is missing`, { field: missing, help: `usage: ${usage}` })
  const extra = io.args[names.length]
  if (extra !== undefined)
    throw new Failure('USAGE', `"${extra}" is one argument too many`, { help: `usage: ${usage}` })
  return [...io.args]
}
