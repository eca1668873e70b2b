import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hashOf, pack, unpack } from '../../src/forest/flat.ts'
import type { Model } from '../../src/forest/model.ts'
import { Failure } from '../../src/lib/failure.ts'
import { anySetSketch, anySketch, categorical, modelOf } from './models.ts'

const model = modelOf([
  [0, 123, true, 0.1, [1, 0, false, 0.2, 0.9]],
  [2, 17, false, [0, -5, true, 0.3, 0.4], 0.5],
])

function failureOf(bytes: Uint8Array): Failure {
  try {
    unpack(bytes)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('the bytes were accepted')
}

/** The same file with another header or other arrays, under a hash that fits: what a wrong program could write. */
function forge(change: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const changed = change(pack(model))
  const body = changed.subarray(0, changed.length - 32)
  changed.set(createHash('sha256').update(body).digest(), changed.length - 32)
  return changed
}

function forgeHeader(from: string, to: string): Uint8Array {
  return forge(bytes => {
    const at = Buffer.from(bytes).indexOf(from)
    if (at < 0 || from.length !== to.length) throw new Error('replace text of the header by text of the same length')
    bytes.set(Buffer.from(to), at)
    return bytes
  })
}

describe('a packed model', () => {
  test('unpacks from a Buffer too, whose slices share its memory', () => {
    expect(unpack(Buffer.concat([Buffer.alloc(3), pack(model)]).subarray(3))).toEqual(model)
  })

  test('unpacks to the same model, and packs to the same bytes again', () => {
    const bytes = pack(model)
    expect(unpack(bytes)).toEqual(model)
    expect(Buffer.from(pack(unpack(bytes))).equals(bytes)).toBe(true)
  })

  test('holds any trees', () => {
    fc.assert(
      fc.property(fc.array(anySketch(3, 5), { minLength: 1, maxLength: 5 }), sketches => {
        const any = modelOf(sketches, {
          kind: 'gradient-boosting',
          calibration: null,
          interval: null,
          parent: 'c0ffee',
        })
        const bytes = pack(any)
        expect(unpack(bytes)).toEqual(any)
        expect(hashOf(pack(unpack(bytes)))).toBe(hashOf(bytes))
      }),
      { numRuns: 50 },
    )
  })

  test('is written in layout 2 when a node asks for a set of categories, and only then', () => {
    const layoutIn = (bytes: Uint8Array) => new DataView(bytes.buffer).getUint32(8, true)
    fc.assert(
      fc.property(fc.array(anySetSketch(2, 70, 4), { minLength: 1, maxLength: 4 }), sketches => {
        const any = modelOf(sketches, { features: categorical(2, 70) })
        const bytes = pack(any)
        expect(layoutIn(bytes)).toBe(any.trees.setStarts.length > 0 ? 2 : 1)
        expect(unpack(bytes)).toEqual(any)
        expect(Buffer.from(pack(unpack(bytes))).equals(bytes)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test('keeps the bytes of layout 1, as the first version wrote them', () => {
    const first = readFileSync(new URL('../golden/forest/layout-1.forest', import.meta.url))
    expect(first.readUInt32LE(8)).toBe(1)
    expect(Buffer.from(pack(unpack(first))).equals(first)).toBe(true)
  })

  test('keeps the bytes of the model that comes with the program', () => {
    const seed = readFileSync(new URL('../../data/models/seed.forest', import.meta.url))
    expect(hashOf(pack(unpack(seed)))).toBe(hashOf(seed))
  })

  test('does not depend on the order in which fields were written', () => {
    const turned = Object.fromEntries(Object.entries(model).reverse()) as unknown as Model
    expect(hashOf(pack(turned))).toBe(hashOf(pack(model)))
  })

  test('can be unpacked from the middle of a larger buffer', () => {
    const bytes = pack(model)
    const larger = new Uint8Array(bytes.length + 3)
    larger.set(bytes, 3)
    expect(unpack(larger.subarray(3))).toEqual(model)
  })

  test('begins with its name, its layout and its length', () => {
    const bytes = pack(model)
    expect(Buffer.from(bytes.subarray(0, 8)).toString()).toBe('SLIPFLAT')
    expect(new DataView(bytes.buffer).getUint32(8, true)).toBe(1)
    expect(new DataView(bytes.buffer).getUint32(16, true)).toBe(bytes.length)
    expect(bytes.length % 8).toBe(0)
  })
})

describe('a damaged model file', () => {
  const bytes = pack(model)

  test('is refused wherever it was cut', () => {
    for (let length = 0; length < bytes.length; length++)
      expect(failureOf(bytes.subarray(0, length)).code).toBe('MODEL_CORRUPT')
  })

  test('is refused whichever bit was flipped', () => {
    for (let bit = 0; bit < 8 * bytes.length; bit += 3) {
      const flipped = bytes.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(failureOf(flipped).code).toBe('MODEL_CORRUPT')
    }
  })

  test('says what is wrong', () => {
    const other = bytes.slice()
    other[8] = 9
    expect(failureOf(Buffer.from('PK\x03\x04zipfile')).message).toContain('not a model file: it starts with "PK')
    expect(failureOf(other).message).toContain('layout 9 is unknown')
    expect(failureOf(bytes.subarray(0, 40)).message).toContain('cut off after 40 bytes')
    expect(failureOf(bytes.subarray(0, 400)).message).toContain(`400 bytes, of ${bytes.length} announced`)
    other[8] = 1
    other[300] = (other[300] as number) ^ 1
    expect(failureOf(other).message).toContain('its hash does not fit')
    expect(failureOf(new Uint8Array([...bytes, 0])).field).toBe('length')
  })

  test('is refused under a right hash if a field is wrong', () => {
    expect(failureOf(forgeHeader('random-forest', 'random-forrst')).field).toBe('kind')
    expect(failureOf(forgeHeader('"threshold":2500', '"threshold":25e3')).field).toBe('header')
    expect(failureOf(forgeHeader('"threshold":2500', '"threshold":true')).field).toBe('threshold')
    expect(failureOf(forgeHeader('"remap":[0,2,1]', '"remap":[0,2.1]')).field).toBe('features[1].remap[1]')
    expect(failureOf(forgeHeader('"raw":[0.1,0.4]', '"raw":[0.4,0.1]')).field).toBe('calibration.raw')
    expect(failureOf(forgeHeader('"why":"The first model."', '"why":"The first model",')).field).toBe('header')
    expect(failureOf(forgeHeader('"name":"carrier"', '"name":"\\u0061b"')).field).toBe('header')
    expect(failureOf(forgeHeader('"name":"leaves"', '"name":"neaves"')).field).toBe('arrays[6]')
    expect(failureOf(forgeHeader('"count":6,"name":"leaves"', '"count":9,"name":"leaves"')).field).toBe('leaves')
    expect(failureOf(forgeHeader('"count":6,"name":"leaves"', '"count":5,"name":"leaves"')).code).toBe('MODEL_CORRUPT')
  })

  test('is refused if it does not say where it came from', () => {
    const silent = { ...model, trainedOn: { ...model.trainedOn, why: '' } }
    expect(() => pack(silent)).toThrow('trainedOn.why must not be empty')
  })
})

test('the training rows of the leaves come back, and must fit', () => {
  const model = modelOf([[0, 1, true, 0.25, [1, 1, false, 1, 2]]])
  const withCovers = (leafCovers: Float64Array) => ({ ...model, trees: { ...model.trees, leafCovers } })
  const bytes = pack(withCovers(Float64Array.of(3, 0, 5)))
  expect([...(unpack(bytes).trees.leafCovers ?? [])]).toEqual([3, 0, 5])
  expect(pack(unpack(bytes))).toEqual(bytes)
  for (const wrong of [
    [1, 2],
    [1, 2, -1],
    [1, 2, Number.NaN],
  ]) {
    expect(() => pack(withCovers(Float64Array.from(wrong)))).toThrow(expect.objectContaining({ code: 'MODEL_CORRUPT' }))
  }
})
