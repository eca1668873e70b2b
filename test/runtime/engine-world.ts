// Engines on a page of two stages, each passing marks on to the next topic.

import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { ClockFake } from '../../src/adapters/clock-fake.ts'
import { type LogFaults, LogMemory } from '../../src/adapters/log-memory.ts'
import { failureIn } from '../../src/lib/failure.ts'
import { Budget } from '../../src/runtime/budget.ts'
import { Engine, type EngineOptions } from '../../src/runtime/engine.ts'
import { Engines } from '../../src/runtime/engines.ts'
import type { Stage } from '../../src/runtime/stage.ts'
import { type Pipeline, stage } from '../../src/runtime/topology.ts'
import { allMoved, append, instantsOf, marks, openCodec } from './small-world.ts'

/** Passes marks on from one topic to another, each raised by one. */
export function passing(name: string, from: string, to: string): Stage<null> {
  return {
    name,
    layout: 1,
    open: io => ({
      step: () => {
        const record = io.input(from).peek()
        if (!record) return false
        io.input(from).take()
        io.output(to).emit('Mark', record.key, { at: (record.value as { at: number }).at + 1 })
        return true
      },
    }),
  }
}

export const page: Pipeline<null> = {
  topics: [
    { name: 'in', partitions: 'N', cleanup: 'delete' },
    { name: 'middle', partitions: 'N', cleanup: 'delete' },
    { name: 'out', partitions: 'N', cleanup: 'delete' },
    { name: 'dead', partitions: 'N', cleanup: 'delete' },
  ],
  nodes: [
    stage(passing('first', 'in', 'middle'), { reads: ['in'], writes: ['middle'] }),
    stage(passing('second', 'middle', 'out'), { reads: ['middle'], writes: ['out'] }),
  ],
  deadLetters: 'dead',
}

type Setting = { faults?: LogFaults; seed?: number } & Partial<EngineOptions<null>>

export async function engineWorld({ faults = {}, seed, ...options }: Setting = {}) {
  const log = new LogMemory(seed === undefined ? { faults } : { faults, kafkaMode: { seed, slowMarkers: true } })
  const codec = await openCodec()
  const clock = new ClockFake()
  const troubles: string[] = []
  const engine = new Engine<null>({
    pipeline: page,
    settings: null,
    partitions: 2,
    folds: [],
    log,
    codec,
    clock,
    blobs: new BlobsMemory(),
    artefacts: { get: () => null },
    budget: new Budget(1e6),
    backoffMs: { first: 50, max: 300 },
    unitSteps: 10,
    unitBytes: 1e6,
    fetchBytes: 1e5,
    snapshotBytes: 1e9,
    onTrouble: (task, error) => troubles.push(`${task} at ${clock.now()}: ${failureIn(error)?.code ?? String(error)}`),
    ...options,
  })
  const write = (ats: readonly number[], partition = 0) => append(log, marks(codec, 'in', ats, partition))
  const out = (partition = 0) => instantsOf(log, codec, 'out', partition)
  const engines = new Engines([engine], () => clock.turn())
  return { log, codec, clock, engine, engines, troubles, write, out }
}

/** What a promise has come to by now. */
export async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = 'waits'
  promise.then(
    value => {
      state = value ?? 'done'
    },
    error => {
      state = failureIn(error)?.code ?? error
    },
  )
  await allMoved()
  await allMoved()
  return state
}

/** An agreement of which a test says what it is. */
export function shared(tasks: readonly string[] | null) {
  let own = tasks && new Set(tasks)
  const listeners = new Set<() => void>()
  const confirmed: string[] = []
  const letGo: string[] = []
  return {
    owns: (task: string) => own?.has(task) ?? null,
    confirm: async (task: string) => {
      confirmed.push(task)
      return own?.has(task) ?? false
    },
    onChange: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    hasLetGo: (task: string) => void letGo.push(task),
    give: (next: readonly string[]) => {
      own = new Set(next)
      for (const listener of listeners) listener()
    },
    confirmed,
    letGo,
  }
}
