import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { ClockFake } from '../../src/adapters/clock-fake.ts'
import { Failure, failureIn } from '../../src/lib/failure.ts'
import { ArtefactStore, artefactAddress } from '../../src/runtime/artefacts.ts'
import { allMoved } from './small-world.ts'

const bytes = Buffer.from('a forest')
const hash = createHash('sha256').update(bytes).digest('hex')
const retryMs = 1000

function open(read: (bytes: Uint8Array) => string = found => Buffer.from(found).toString()) {
  const blobs = new BlobsMemory()
  const clock = new ClockFake()
  const seen = { reads: 0, loaded: 0, troubles: [] as (string | undefined)[] }
  const store = new ArtefactStore<string>({
    blobs,
    clock,
    retryMs,
    read: found => {
      seen.reads++
      return read(found)
    },
    onLoaded: () => {
      seen.loaded++
    },
    onTrouble: (of, error) => seen.troubles.push(`${of === hash} ${failureIn(error)?.code}`),
  })
  return { blobs, clock, seen, store }
}

describe('the artefacts', () => {
  test('an artefact is missing when first asked for, loaded once, and here ever after', async () => {
    const { blobs, seen, store } = open()
    await blobs.put(artefactAddress(hash), bytes)
    expect([store.get(hash), store.get(hash)]).toEqual([null, null])
    expect(store.missing).toEqual([hash])
    await allMoved()
    expect([store.get(hash), store.get(hash)]).toEqual(['a forest', 'a forest'])
    expect(store.missing).toEqual([])
    expect(seen).toEqual({ reads: 1, loaded: 1, troubles: [] })
  })

  test('an altered artefact is MODEL_CORRUPT, never read, and tried again until the original is back', async () => {
    const { blobs, clock, seen, store } = open()
    await blobs.put(artefactAddress(hash), Buffer.from('b forest'))
    store.get(hash)
    await allMoved()
    await clock.advance(2 * retryMs)
    // at 0, 1000 and 2000 ms
    expect(seen).toEqual({ reads: 0, loaded: 0, troubles: Array(3).fill('true MODEL_CORRUPT') })
    expect([store.get(hash), store.missing]).toEqual([null, [hash]])
    await blobs.put(artefactAddress(hash), bytes)
    await clock.advance(retryMs - 1)
    expect(store.get(hash)).toBe(null)
    await clock.advance(1)
    expect(store.get(hash)).toBe('a forest')
    expect(seen.loaded).toBe(1)
  })

  test('an artefact that is not there yet is waited for', async () => {
    const { blobs, clock, seen, store } = open()
    store.get(hash)
    await allMoved()
    expect(seen.troubles).toEqual(['true BLOB_MISSING'])
    await blobs.put(artefactAddress(hash), bytes)
    await clock.advance(retryMs)
    expect(store.get(hash)).toBe('a forest')
  })

  test('an artefact that cannot be read does not count as here', async () => {
    const { blobs, seen, store } = open(() => {
      throw new Failure('MODEL_MISFIT', 'it has 3 features, not 4')
    })
    await blobs.put(artefactAddress(hash), bytes)
    store.get(hash)
    await allMoved()
    expect(store.get(hash)).toBe(null)
    expect(seen).toEqual({ reads: 1, loaded: 0, troubles: ['true MODEL_MISFIT'] })
  })

  test('nothing is tried again once the store is closed', async () => {
    const { blobs, clock, seen, store } = open()
    store.get(hash)
    await allMoved()
    store.close()
    await blobs.put(artefactAddress(hash), bytes)
    await clock.advance(10 * retryMs)
    expect(store.get(hash)).toBe(null)
    expect(seen).toEqual({ reads: 0, loaded: 0, troubles: ['true BLOB_MISSING'] })
    expect(clock.nextAt).toBeUndefined()
  })
})
