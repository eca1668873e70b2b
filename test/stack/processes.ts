// Processes of the program on the brokers, and folders for what they keep beside their topics. All that a test starts ends
// with it, however it ends; folders and topics go with the file.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach } from 'vitest'
import type { Command } from '../../scripts/proof/children.ts'
import type { Worker } from '../../scripts/proof/workers.ts'
import type { Stores } from '../../src/app.ts'
import { readAll } from '../../src/runtime/digest.ts'
import { deleteTopics } from './brokers.ts'

const root = mkdtempSync(path.join(tmpdir(), 'slipstream-stack-'))
let folders = 0
let running: Command[] = []

/** For a file that starts processes or needs folders: leaves nothing behind. */
export function cleanUp(): void {
  afterEach(async () => {
    for (const { child } of running) child.kill('SIGKILL')
    await Promise.all(running.map(({ ended }) => ended))
    running = []
  })
  afterAll(async () => {
    await deleteTopics()
    rmSync(root, { recursive: true, force: true })
  })
}

/** The name of a folder that is not there yet. */
export function newFolder(): string {
  return path.join(root, `${folders++}`)
}

/** Ends a process with the test. */
export function run<C extends Command>(command: C): C {
  running.push(command)
  return command
}

/** Ends all that run as an operator would. @returns what each ended with */
export async function endAll(): Promise<(number | null)[]> {
  for (const { child } of running) child.kill('SIGTERM')
  return (await Promise.all(running.map(({ ended }) => ended))).map(({ code }) => code)
}

/** Which of some workers held a job last: the newest of its name, as one started in the place of another has its name. */
export async function holderOf(job: string, { log }: Pick<Stores, 'log'>, workers: readonly Worker[]): Promise<number> {
  let by = ''
  for await (const { key, value } of readAll(log, 'jobs.changelog', 0)) {
    if (key === job && value) by = (JSON.parse(Buffer.from(value).toString()) as { by: string }).by
  }
  return workers.findLastIndex(worker => worker.name() === by)
}
