// A log with one topic of marks, and tasks whose stage sums them.

import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { LogMemory, type LogMemoryOptions } from '../../src/adapters/log-memory.ts'
import { failureIn } from '../../src/lib/failure.ts'
import type { Rejected } from '../../src/records.ts'
import { Budget } from '../../src/runtime/budget.ts'
import { Chunks } from '../../src/runtime/chunks.ts'
import type { Append, Claim } from '../../src/runtime/log.ts'
import type { Stage } from '../../src/runtime/stage.ts'
import { Task, type TaskOptions } from '../../src/runtime/task.ts'
import { stage, type Topic, type Wiring } from '../../src/runtime/topology.ts'
import { append, instantsOf, marks, openCodec, recordsOf } from './small-world.ts'

const topics: readonly Topic[] = [
  { name: 'events', partitions: 'N', cleanup: 'delete' },
  { name: 'sums', partitions: 'N', cleanup: 'delete' },
  { name: 'dead', partitions: 'N', cleanup: 'delete' },
]
export const wiring: Wiring = { reads: ['events'], writes: ['sums'] }

/** Keeps what was committed, unit by unit. */
export class LogSeen extends LogMemory {
  readonly units: Append[][] = []

  override async claim(task: string): Promise<Claim> {
    const claim = await super.claim(task)
    const commit = async (appends: readonly Append[]) => {
      await claim.commit(appends)
      if (task !== 'writer of the test') this.units.push([...appends])
    }
    return { commit, release: () => claim.release() }
  }
}

export type Hooks = { before?: () => void; took?: (at: number) => void; poisoned?: (at: number) => void }

/** Emits the running sum of the instants, which it keeps in a row. */
export function summing({ before, took, poisoned }: Hooks = {}): Stage<null> {
  return {
    name: 'sum',
    layout: 1,
    open: io => {
      const input = io.input('events')
      const sums = io.table<number>('sums')
      return {
        step: () => {
          before?.()
          const record = input.peek()
          if (!record) return false
          input.take()
          const { at } = record.value as { at: number }
          const sum = (sums.get('all') ?? 0) + at
          sums.set('all', sum)
          io.reached(at)
          io.output('sums').emit('Watermark', record.key, { at: sum })
          took?.(at)
          return true
        },
        poisoned: record => poisoned?.((record.value as { at: number }).at),
        balance: () => ({ sum: sums.get('all') ?? 0 }),
        lookup: key => sums.get(key),
      }
    },
  }
}

type Setting = { ats?: readonly number[]; of?: Stage<null>; how?: LogMemoryOptions; wired?: Wiring }

export async function taskWorld({ ats = [], of = summing(), how = {}, wired = wiring }: Setting = {}) {
  const log = new LogSeen(how)
  const codec = await openCodec()
  await log.createTopics([
    ...topics.map(({ name, cleanup }) => ({ name, cleanup, partitions: 2 })),
    { name: 'sum.changelog', partitions: 2, cleanup: 'delete' },
  ])
  if (ats.length > 0) await append(log, marks(codec, 'events', ats, 1))
  const blobs = new BlobsMemory()
  const budget = new Budget(1e6)
  const task = (more: Partial<TaskOptions<null>> = {}) =>
    new Task<null>({
      node: stage(of, wired),
      settings: null,
      partition: 1,
      partitions: 2,
      topics,
      deadLetters: 'dead',
      log,
      codec,
      blobs,
      budget,
      artefacts: { get: () => null },
      shared: () => ({ shared: { view: null, has: () => true }, reached: () => undefined }),
      unitSteps: 100,
      unitBytes: 1e6,
      fetchBytes: 1e5,
      chunks: new Chunks(new Map()),
      snapshotBytes: 1e9,
      tells: false,
      ...more,
    })
  const sums = () => instantsOf(log, codec, 'sums', 1)
  const letters = async () => {
    const records = await recordsOf(log, 'dead', 1)
    return records.map(({ key, value, headers }) => {
      return { key, headers, letter: codec.decode(value as Uint8Array).value as Rejected }
    })
  }
  return { log, codec, blobs, budget, task, sums, letters }
}

/** Lives on through failures until it parks, at most so many times. @returns what failed */
export async function run(task: Task<null>, lives = 50): Promise<string[]> {
  const failed: string[] = []
  for (let turn = 0; turn < 500; turn++) {
    try {
      if (task.state === 'created' || task.state === 'failed') await task.open()
      if (!(await task.unit())) return failed
    } catch (error) {
      failed.push(String(error))
      await task.fail(error)
      if (failureIn(error)?.code === 'TASK_FENCED' || failed.length === lives) return failed
    }
  }
  throw new Error('the task never parks')
}

export const sumsOf = (ats: readonly number[]) => ats.map((_, index) => ats.slice(0, index + 1).reduce((a, b) => a + b))
export const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
