// The schema registry and the S3 server that the `stores` tests run against: those of `npm run stack` if they are up,
// else some started for the tests alone and stopped behind them.

import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { assertTools } from '../../scripts/stack/parts.ts'
import { isAlive } from '../../scripts/stack/processes.ts'
import { type PartName, type Stack, StackFolder } from '../../scripts/stack/stack.ts'
import '../stack/java.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Null when this machine has nothing to run it with. */
    readonly registry: NonNullable<Stack['registry']> | null
    readonly s3: NonNullable<Stack['s3']> | null
  }
}

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const running = new StackFolder().read()
  if (running?.registry && running.s3 && running.processes.every(isAlive)) return provide(project, running)
  const parts = (['registry', 's3'] as const).filter(canRun)
  if (parts.length === 0) return provide(project, undefined)
  const own = new StackFolder(path.join(import.meta.dirname, '..', '..', '.slipstream', 'test-stores'))
  const stack = await own.up({ brokers: 1, parts, fresh: true, tell: line => process.stderr.write(`${line}\n`) })
  provide(project, stack)
  return async () => {
    await own.down()
  }
}

function provide(project: TestProject, stack: Stack | undefined): undefined {
  project.provide('registry', stack?.registry ?? null)
  project.provide('s3', stack?.s3 ?? null)
}

function canRun(part: PartName): boolean {
  try {
    assertTools({ kafka: false, registry: part === 'registry', s3: part === 's3' })
    return true
  } catch {
    return false
  }
}
