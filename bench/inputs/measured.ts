// A process of its own for what is measured, so that its peak memory and its CPU time are nobody else's. What Linux
// reports as a child's peak starts with that of its parent, so whoever calls this should stay small.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { round } from './numbers.ts'

export type Usage = {
  /** All threads, from start to end. */
  cpuSeconds: number
  peakRssMiB: number
}

export type Measured = { document: Record<string, unknown>; usage: Usage; wallSeconds: number }

export const slipstream: string = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const usage = new URL('usage.mjs', import.meta.url).href

/** Runs a script under this Node and takes the JSON document on its last line. @throws when it does not end with 0 */
export async function runMeasured(
  script: string,
  args: readonly string[],
  nodeFlags: readonly string[] = [],
): Promise<Measured> {
  const flags = ['--disable-warning=ExperimentalWarning', '--import', usage, ...nodeFlags]
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...flags, script, ...args], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
  const [said, told] = [textOf(child.stdout), textOf(child.stdio[3] as NodeJS.ReadableStream)]
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  const wallSeconds = round((performance.now() - startedAt) / 1000)
  if (code !== 0) throw new Error(`${[script, ...args].join(' ')} ended with ${signal ?? code}`)
  const { cpuSeconds, peakRssMiB } = JSON.parse(await told) as Usage
  const document = JSON.parse((await said).trim().split('\n').at(-1) as string) as Record<string, unknown>
  return { document, usage: { cpuSeconds: round(cpuSeconds), peakRssMiB: Math.round(peakRssMiB) }, wallSeconds }
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = ''
  for await (const chunk of stream ?? []) text += String(chunk)
  return text
}
