// The command line inside a test: the same run, with its outputs in strings.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CommandEntry } from '../../src/cli/command-table.ts'
import { run } from '../../src/cli/run.ts'
import type { Sink } from '../../src/cli/terminal.ts'

export type Ran = { code: number; out: string; err: string }

export type RunOptions = {
  env?: Record<string, string>
  tty?: boolean
  table?: readonly CommandEntry[]
}

export async function cli(argv: readonly string[], { env = {}, tty = false, table }: RunOptions = {}): Promise<Ran> {
  const [stdout, stderr] = [new Written(tty), new Written(tty)]
  const code = await run({ argv, env, stdout, stderr, ...(table ? { table } : {}) })
  return { code, out: stdout.text, err: stderr.text }
}

export class Written implements Sink {
  text = ''
  readonly isTTY: boolean
  readonly columns = 80

  constructor(isTTY = false) {
    this.isTTY = isTTY
  }

  write(text: string): boolean {
    this.text += text
    return true
  }

  once(): void {}
}

/** The one JSON document that a command printed. */
export function documentOf<T = Record<string, unknown>>({ out }: Ran): T {
  return JSON.parse(out) as T
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
