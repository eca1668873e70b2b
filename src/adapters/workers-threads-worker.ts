// Runs in the thread: imports the module and hands on what its `work` yields, as credits allow.

import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../lib/assert.ts'
import { type Job, movable, packError, type Told } from './workers-threads-protocol.ts'

const port = parentPort
assert(port !== null, 'this module runs in a thread')

const { module, input, ahead } = workerData as Job
let credits = ahead
let wake: (() => void) | undefined

port.on('message', () => {
  credits++
  wake?.()
})

try {
  const { work } = (await import(module)) as { work: (input: unknown) => AsyncIterable<unknown> }
  const items = work(input)[Symbol.asyncIterator]()
  for (;;) {
    // an item is not even made before there is a credit for it
    while (credits === 0) await new Promise<void>(resolve => void (wake = resolve))
    credits--
    const { done, value } = await items.next()
    if (done === true) break
    tell({ kind: 'item', item: value }, movable(value))
  }
  tell({ kind: 'end' })
} catch (error) {
  tell({ kind: 'error', error: packError(error) })
} finally {
  port.close()
}

function tell(told: Told, moved: ArrayBuffer[] = []): void {
  port?.postMessage(told, moved)
}
