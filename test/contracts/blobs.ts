// What every store of blobs promises (src/runtime/blobs.ts).

import { beforeEach, describe, expect, test } from 'vitest'
import { failureIn } from '../../src/lib/failure.ts'
import type { Blobs } from '../../src/runtime/blobs.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (found: Uint8Array): string => new TextDecoder().decode(found)

/** @param open an empty store */
export function describeBlobs(name: string, open: () => Blobs | Promise<Blobs>): void {
  describe(name, () => {
    let blobs: Blobs
    beforeEach(async () => {
      blobs = await open()
    })

    test.each(['model', 'models/3f9a', 'snapshots/score-0/a/b/c.bin', 'a-b_c.d=e@f+g'])(
      'gives back %s',
      async address => {
        await blobs.put(address, bytes('content'))
        expect(text(await blobs.get(address))).toBe('content')
      },
    )

    test('keeps empty blobs and large ones', async () => {
      const large = new Uint8Array(3_000_000).map((_, at) => at % 251)
      await blobs.put('empty', new Uint8Array(0))
      await blobs.put('large', large)
      expect(await blobs.get('empty')).toHaveLength(0)
      expect(Buffer.from(await blobs.get('large')).equals(large)).toBe(true)
    })

    test('keeps what was put, whatever its bytes are used for before or after', async () => {
      const backing = bytes('..content..')
      await blobs.put('part', backing.subarray(2, 9))
      backing.fill(0)
      ;(await blobs.get('part')).fill(0)
      expect(text(await blobs.get('part'))).toBe('content')
    })

    test('the second blob of an address takes the place of the first', async () => {
      await blobs.put('a/b', bytes('a longer first one'))
      await blobs.put('a/b', bytes('second'))
      expect(text(await blobs.get('a/b'))).toBe('second')
      expect(await blobs.list('')).toEqual(['a/b'])
    })

    test('many puts at once of one address leave one of them, whole', async () => {
      const contents = Array.from({ length: 8 }, (_, at) => `${at}`.repeat(100_000))
      await Promise.all(contents.map(content => blobs.put('same', bytes(content))))
      expect(contents).toContain(text(await blobs.get('same')))
    })

    test('lists the addresses with a prefix, sorted', async () => {
      const addresses = ['b/2', 'a/1', 'a/10', 'a/b/c', 'ab', 'a/2']
      for (const address of addresses) await blobs.put(address, bytes(address))
      expect(await blobs.list('')).toEqual(['a/1', 'a/10', 'a/2', 'a/b/c', 'ab', 'b/2'])
      expect(await blobs.list('a/')).toEqual(['a/1', 'a/10', 'a/2', 'a/b/c'])
      expect(await blobs.list('a/1')).toEqual(['a/1', 'a/10'])
      expect(await blobs.list('a')).toEqual(['a/1', 'a/10', 'a/2', 'a/b/c', 'ab'])
      expect(await blobs.list('c')).toEqual([])
      expect(await blobs.list('c/d/')).toEqual([])
    })

    test('what was deleted is gone; deleting it again is fine', async () => {
      await blobs.put('a/1', bytes('one'))
      await blobs.put('a/2', bytes('two'))
      await blobs.delete('a/1')
      await blobs.delete('a/1')
      await blobs.delete('never/there')
      expect(await codeOf(blobs.get('a/1'))).toBe('BLOB_MISSING')
      expect(await blobs.list('a/')).toEqual(['a/2'])
    })

    test('what was never put is missing, a folder of blobs too', async () => {
      await blobs.put('a/1', bytes('one'))
      expect(await codeOf(blobs.get('b'))).toBe('BLOB_MISSING')
      expect(await codeOf(blobs.get('a'))).toBe('BLOB_MISSING')
      expect(await codeOf(blobs.get('a/1/2'))).toBe('BLOB_MISSING')
    })

    const foul = [
      '',
      '/',
      '/etc/passwd',
      '..',
      '../a',
      'a/../../b',
      'a//b',
      'a/',
      './a',
      'a\\b',
      'a\0b',
      '.a',
      'C:/a',
      'x'.repeat(2000),
    ]
    test.each(foul)('refuses the address %j', async address => {
      expect(await codeOf(blobs.put(address, bytes('foul')))).toBe('BLOB_MISSING')
      expect(await codeOf(blobs.get(address))).toBe('BLOB_MISSING')
      expect(await codeOf(blobs.delete(address))).toBe('BLOB_MISSING')
      expect(await blobs.list('')).toEqual([])
    })
  })
}

async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => failureIn(error)?.code,
  )
}
