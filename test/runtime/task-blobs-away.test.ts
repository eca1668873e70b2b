import { describe, expect, test } from 'vitest'
import { Failure } from '../../src/lib/failure.ts'
import type { Blobs } from '../../src/runtime/blobs.ts'
import { append, marks, recordsOf } from './small-world.ts'
import { run, sumsOf, taskWorld, upTo } from './task-world.ts'

/** A store that can go away; counts how often it was asked to write. */
function goingAway(blobs: Blobs) {
  const state = { away: true, puts: 0, code: 'BLOBS_UNREACHABLE' as const as Failure['code'] }
  const here = <T>(call: () => Promise<T>): Promise<T> =>
    state.away ? Promise.reject(new Failure(state.code, 'no answer')) : call()
  const store: Blobs = {
    put: (address, bytes) => {
      state.puts++
      return here(() => blobs.put(address, bytes))
    },
    get: address => here(() => blobs.get(address)),
    list: prefix => here(() => blobs.list(prefix)),
    delete: address => here(() => blobs.delete(address)),
  }
  return { state, store }
}

describe('a store of blobs that is away', () => {
  test('does not stop the stream; the snapshot is made when it is back, and a new life needs none until then', async () => {
    const { log, codec, blobs, task: of, sums } = await taskWorld({ ats: upTo(40) })
    const { state, store } = goingAway(blobs)
    const task = of({ blobs: store, snapshotBytes: 200, unitSteps: 1 })
    expect(await run(task)).toEqual([])
    expect(await sums()).toEqual(sumsOf(upTo(40)))
    expect(task.why).toMatch(/^no snapshot for now: no answer/)
    // tried a few times while 40 units were committed, not by each
    expect(state.puts).toBeGreaterThan(2)
    expect(state.puts).toBeLessThan(40)
    expect(await blobs.list('')).toEqual([])
    // everything is in the changelog
    await append(log, marks(codec, 'events', [41], 1))
    const next = of({ blobs: store, snapshotBytes: 1e9 })
    expect(await run(next)).toEqual([])
    expect(next.takenCount).toBe(1)
    state.away = false
    await append(log, marks(codec, 'events', [42], 1))
    const last = of({ blobs: store, snapshotBytes: 1 })
    expect(await run(last)).toEqual([])
    expect(last.why).toBeNull()
    expect(await blobs.list('snapshots/sum-1/')).toHaveLength(1)
    expect((await recordsOf(log, 'sum.changelog', 1)).map(({ key }) => key)).toEqual(['snapshot'])
    expect(await sums()).toEqual(sumsOf(upTo(42)))
  })

  test('that goes away between a snapshot and the tidying up leaves a committed snapshot', async () => {
    const { blobs, task: of, sums, log, codec } = await taskWorld({ ats: [1, 2] })
    const { state, store } = goingAway(blobs)
    const half: Blobs = { ...store, put: (address, bytes) => blobs.put(address, bytes) }
    expect(await run(of({ blobs: half, snapshotBytes: 1 }))).toEqual([])
    await append(log, marks(codec, 'events', [3], 1))
    state.away = false
    expect(await run(of({ blobs: store, snapshotBytes: 1 }))).toEqual([])
    expect(await sums()).toEqual([1, 3, 6])
  })

  test('any other failure of a snapshot throws the life away', async () => {
    const { blobs, task: of } = await taskWorld({ ats: [1] })
    const { state, store } = goingAway(blobs)
    state.code = 'LOG_UNREACHABLE'
    expect(await run(of({ blobs: store, snapshotBytes: 1 }), 2)).not.toEqual([])
  })
})
