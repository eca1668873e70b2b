import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { SharedTurn } from '../../src/adapters/shared-turn.ts'

const module = new URL('../../src/adapters/shared-turn.ts', import.meta.url).href

/** A thread that adds one to a number `times` times, reading it and writing it back in two steps, each in its turn. */
function adding(turn: SharedTurn, sum: SharedArrayBuffer, times: number): Worker {
  const code = `
    const { workerData: { module, memory, sum, times } } = require('node:worker_threads')
    import(module).then(({ SharedTurn }) => {
      const turn = new SharedTurn(memory)
      const words = new Int32Array(sum)
      for (let i = 0; i < times; i++) {
        turn.enter()
        const before = words[0]
        for (let wait = 0; wait < 50; wait++) Atomics.load(words, 1)
        words[0] = before + 1
        turn.changed()
        turn.leave()
      }
    })`
  return new Worker(code, { eval: true, workerData: { module, memory: turn.memory, sum, times } })
}

test('threads that take turns lose nothing of each other, and every change is counted', async () => {
  const turn = new SharedTurn()
  const sum = new SharedArrayBuffer(8)
  const workers = [adding(turn, sum, 20_000), adding(turn, sum, 20_000), adding(turn, sum, 20_000)]
  await Promise.all(workers.map(worker => once(worker, 'exit')))
  expect([new Int32Array(sum)[0], turn.changes]).toEqual([60_000, 60_000])
})

test('the count of changes goes on below zero rather than beyond 32 bits', () => {
  const turn = new SharedTurn()
  new Int32Array(turn.memory)[1] = 2 ** 31 - 1
  expect([turn.changed(), turn.changes]).toEqual([-(2 ** 31), -(2 ** 31)])
})
