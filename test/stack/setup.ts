// The brokers and the registry that the `stack` tests run against: those of `npm run stack` if they are up, else some
// started for the tests alone and stopped behind them. SLIPSTREAM_TEST_BROKERS says how many brokers.

import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { hasKafkaParts } from '../../scripts/stack/parts.ts'
import { isAlive } from '../../scripts/stack/processes.ts'
import { type Stack, StackFolder } from '../../scripts/stack/stack.ts'
import './java.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** As host:port; empty when there is no Java to run brokers with. */
    readonly brokers: string[]
    readonly registry: NonNullable<Stack['registry']> | null
  }
}

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const running = new StackFolder().read()
  if (running?.kafka && running.processes.every(isAlive)) return provide(project, running)
  if (!hasKafkaParts()) return provide(project, undefined)
  const own = new StackFolder(path.join(import.meta.dirname, '..', '..', '.slipstream', 'test-stack'))
  const brokers = Number(process.env['SLIPSTREAM_TEST_BROKERS'] ?? 1)
  const stack = await own.up({
    brokers,
    parts: ['kafka', 'registry'],
    fresh: true,
    tell: line => process.stderr.write(`${line}\n`),
  })
  provide(project, stack)
  return async () => {
    await own.down()
  }
}

function provide(project: TestProject, stack: Stack | undefined): undefined {
  project.provide('brokers', [...(stack?.kafka?.bootstrap ?? [])])
  project.provide('registry', stack?.registry ?? null)
}
