// The floor under a replay: what it costs to read the same events from the same source thread, decode each and append
// its bytes to one topic of the same log. No stage, no state, no mark; what a pipeline adds is what lies above it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WorkersThreads } from '../../src/adapters/workers-threads.ts'
import { openStores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { eventTypes } from '../../src/flights/event-order.ts'
import type { SourceChunk } from '../../src/jobs/replay.ts'
import type { Append } from '../../src/runtime/log.ts'

const unitRecords = 2000
const topic = 'floor'
const sourceModule = new URL('../../src/adapters/source-folder-worker.ts', import.meta.url).href

/** @param from first local scheduled day, @param to last, inclusive */
export async function runFloor(from: string, to: string): Promise<{ events: number; seconds: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-floor-'))
  const { config } = configure({ dataDir: folder })
  const stores = await openStores(config, 'owner')
  try {
    await stores.log.createTopics([{ name: topic, partitions: 1, cleanup: 'delete' }])
    const claim = await stores.log.claim(topic)
    const ids = Object.fromEntries(eventTypes.map(name => [name, stores.schemaIds[name] as number]))
    const input = { folder: config.source, from, to, inject: '', seed: 1, ids, skipItems: 0 }
    const startedAt = performance.now()
    let events = 0
    let out: Append[] = []
    for await (const { keys, ends, bytes } of new WorkersThreads().run<SourceChunk>(sourceModule, input)) {
      for (let i = 0; i < keys.length; i++) {
        const value = bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i])
        if (stores.codec.decode(value).name === '') throw new Error('a record has a name')
        out.push({ topic, partition: 0, key: keys[i] as string, value })
        events++
        if (out.length < unitRecords) continue
        await claim.commit(out)
        out = []
      }
    }
    if (out.length > 0) await claim.commit(out)
    return { events, seconds: (performance.now() - startedAt) / 1000 }
  } finally {
    await stores.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
