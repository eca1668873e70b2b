// What every codec promises (the second port of src/runtime/schemas.ts): bytes are the Confluent wire format.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { SchemasMemory } from '../../src/adapters/schemas-memory.ts'
import { type Codec, wireHeaderBytes } from '../../src/runtime/schemas.ts'
import { failureOf, type Open, record, text, wire } from './codec-samples.ts'
import { describeWriters } from './codec-writers.ts'

/** Every kind of type that is in schemas/, in one record. */
const everything = JSON.stringify({
  type: 'record',
  name: 'Everything',
  namespace: 'test',
  doc: 'Not part of the canonical form.',
  fields: [
    { name: 'text', type: 'string' },
    { name: 'count', type: 'int' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'share', type: 'double' },
    { name: 'holds', type: 'boolean' },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['LANDED', 'CANCELLED'] } },
    { name: 'bytes', type: 'bytes' },
    { name: 'maybe', type: ['null', 'string'] },
    { name: 'maybeCount', type: ['null', 'int'] },
    { name: 'maybeAt', type: ['null', 'long'] },
    { name: 'either', type: ['int', 'string'] },
    {
      name: 'legs',
      type: { type: 'array', items: { type: 'record', name: 'Leg', fields: [{ name: 'miles', type: 'int' }] } },
    },
    { name: 'best', type: ['null', 'Leg'] },
    { name: 'first', type: 'Kind' },
    { name: 'counts', type: { type: 'map', values: 'long' } },
    { name: 'revision', type: 'int', default: 7 },
  ],
})

const whole = {
  text: 'ORD ✈ Zürich',
  count: -3,
  at: 1_356_998_400_000,
  share: 0.25,
  holds: true,
  kind: 'LANDED',
  bytes: new Uint8Array([0, 1, 255]),
  maybe: null,
  maybeCount: null,
  maybeAt: 5,
  either: 'x',
  legs: [{ miles: 1 }, { miles: 2 }],
  best: { miles: 3 },
  first: 'CANCELLED',
  counts: { a: 1, b: -2 },
  revision: 1,
}

export function describeCodec(name: string, open: Open): void {
  describe(name, () => {
    describeValues(open)
    describeChecks(open)
    describeWriters(open)
    describeForeignBytes(open)
  })
}

function describeValues(open: Open): void {
  let codec: Codec
  beforeEach(async () => {
    codec = await open(new SchemasMemory(), [everything])
  })

  test('decoded is what was encoded, of every type', () => {
    const { name, value } = codec.decode(codec.encode('Everything', whole))
    expect(name).toBe('Everything')
    const { bytes, ...rest } = value as typeof whole
    const { bytes: bytesWritten, ...restWritten } = whole
    expect(rest).toEqual(restWritten)
    expect([...bytes]).toEqual([...bytesWritten])
  })

  test('any value comes back', () => {
    const long = fc.maxSafeInteger()
    const leg = fc.record({ miles: fc.integer() })
    const value = fc.record({
      text: fc.string({ unit: 'grapheme', maxLength: 100 }),
      count: fc.integer(),
      at: long,
      share: fc.double({ noNaN: true, noDefaultInfinity: true }),
      holds: fc.boolean(),
      kind: fc.constantFrom('LANDED', 'CANCELLED'),
      bytes: fc.uint8Array(),
      maybe: fc.option(fc.string({ unit: 'grapheme' })),
      maybeCount: fc.option(fc.integer()),
      maybeAt: fc.option(long),
      either: fc.oneof(fc.integer(), fc.string()),
      legs: fc.array(leg),
      best: fc.option(leg),
      first: fc.constantFrom('LANDED', 'CANCELLED'),
      counts: fc.dictionary(fc.string({ unit: 'grapheme' }), long),
      revision: fc.integer(),
    })
    fc.assert(
      fc.property(value, given => {
        const decoded = codec.decode(codec.encode('Everything', given)).value as typeof given
        const counts = (found: typeof given) => Object.entries(found.counts)
        // -0 is written as 0 but for doubles
        expect({ ...decoded, bytes: [...decoded.bytes], counts: counts(decoded) }).toEqual({
          ...given,
          bytes: [...given.bytes],
          counts: counts(given),
        })
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    0,
    -1,
    63,
    64,
    -64,
    -65,
    2 ** 27,
    2 ** 28,
    2 ** 30 - 1,
    2 ** 30,
    -(2 ** 30),
    -(2 ** 30) - 1,
    2 ** 31,
    2 ** 34 - 1,
    2 ** 34,
    -(2 ** 34),
    2 ** 35,
    1_356_998_400_000,
    -1_356_998_400_001,
    2 ** 41 - 1,
    2 ** 41,
    -(2 ** 41),
    2 ** 41 + 1,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ])('the long %d keeps its value', at => {
    expect(codec.decode(codec.encode('Everything', { ...whole, at })).value).toMatchObject({ at })
  })

  test('writes a zero byte, the id and the body as Avro has it', async () => {
    const schemas = new SchemasMemory()
    await schemas.register('test.Other', record([text], { name: 'Other' }))
    const own = await open(schemas, [
      record([{ name: 'at', type: 'long' }, text, { name: 'maybe', type: ['null', 'int'] }]),
    ])
    // zigzag: 64 is 128; 'ab' has 2 characters, hence 4; branch 1 is 2; -1 is 1
    const bytes = own.encode('Note', { at: 64, text: 'ab', maybe: -1 })
    expect([...bytes]).toEqual([...wire(2, 128, 1, 4, 97, 98, 2, 1)])
  })

  test('takes the default of a field that is left out', () => {
    const { revision: _, ...rest } = whole
    expect(codec.decode(codec.encode('Everything', rest)).value).toMatchObject({ revision: 7 })
  })

  test('records encoded before stay as they are, large ones among them', () => {
    const texts = Array.from({ length: 3000 }, (_, at) => (at % 500 === 0 ? `${at}`.repeat(40_000) : `${at}`))
    const encoded = texts.map(each => codec.encode('Everything', { ...whole, text: each }))
    const found = encoded.map(bytes => (codec.decode(bytes).value as typeof whole).text)
    expect(found).toEqual(texts)
  })

  test('lists of lists come back, and records that hold themselves', async () => {
    const own = await open(new SchemasMemory(), [
      record([
        { name: 'text', type: 'string' },
        { name: 'table', type: { type: 'array', items: { type: 'array', items: ['null', 'int', 'string'] } } },
        { name: 'inner', type: ['null', 'Note'], default: null },
        { name: 'notes', type: { type: 'array', items: 'Note' }, default: [] },
      ]),
    ])
    const leaf = { text: 'leaf', table: [], inner: null, notes: [] }
    const value = {
      text: 'top',
      table: [[1, null, 'x'], [], [2]],
      inner: leaf,
      notes: [leaf, { ...leaf, inner: leaf }],
    }
    expect(own.decode(own.encode('Note', value)).value).toEqual(value)
    expect(own.decode(own.encode('Note', { text: 'leaf', table: [] })).value).toEqual(leaf)
  })

  test('reads from any place in a buffer, Buffer or Uint8Array', () => {
    const bytes = codec.encode('Everything', whole)
    const backing = new Uint8Array(bytes.length + 20).fill(255)
    backing.set(bytes, 7)
    const view = backing.subarray(7, 7 + bytes.length)
    expect(codec.decode(view).value).toMatchObject({ text: whole.text })
    expect(codec.decode(Buffer.from(view)).value).toMatchObject({ text: whole.text })
  })

  test('the fingerprint is the SHA-256 of the canonical schema, whatever the id', async () => {
    const schemas = new SchemasMemory()
    const canonical = '{"name":"test.Note","type":"record","fields":[{"name":"text","type":"string"}]}'
    const source = record([{ ...text, doc: 'What it says.' }], { doc: 'A note.' })
    const before = await open(schemas, [source])
    const fingerprint = createHash('sha256').update(canonical).digest('hex')
    expect(before.fingerprint(before.encode('Note', { text: '' }))).toBe(fingerprint)

    const others = new SchemasMemory()
    await others.register('test.Other', record([text], { name: 'Other' }))
    const elsewhere = await open(others, [source])
    const bytes = elsewhere.encode('Note', { text: '' })
    expect(bytes[4]).toBe(2)
    expect(elsewhere.fingerprint(bytes)).toBe(fingerprint)
  })
}

function describeChecks(open: Open): void {
  const wrong: [what: string, change: object, code: string, field: string][] = [
    ['a field is not there', { text: undefined }, 'FIELD_MISSING', 'text'],
    ['an optional field is not there', { maybe: undefined }, 'FIELD_MISSING', 'maybe'],
    ['a string is a number', { text: 5 }, 'FIELD_TYPE', 'text'],
    ['a number is a string', { count: '5' }, 'FIELD_TYPE', 'count'],
    ['an int has a fraction', { count: 1.5 }, 'FIELD_TYPE', 'count'],
    ['an int is too large', { count: 2 ** 31 }, 'FIELD_TYPE', 'count'],
    ['a long is too large', { at: 2 ** 53 }, 'FIELD_TYPE', 'at'],
    ['a long is a date', { at: new Date(0) }, 'FIELD_TYPE', 'at'],
    ['a long is a date of this century', { at: new Date(1_356_998_400_000) }, 'FIELD_TYPE', 'at'],
    ['a long is a text', { at: '1356998400000' }, 'FIELD_TYPE', 'at'],
    ['a long has a fraction', { at: 1_356_998_400_000.5 }, 'FIELD_TYPE', 'at'],
    ['a number is not finite', { share: Number.NaN }, 'FIELD_TYPE', 'share'],
    ['a boolean is a word', { holds: 'true' }, 'FIELD_TYPE', 'holds'],
    ['a symbol is unknown', { kind: 'LOST' }, 'FIELD_TYPE', 'kind'],
    ['a symbol is a word that every object knows', { kind: 'constructor' }, 'FIELD_TYPE', 'kind'],
    ['a symbol is a list', { first: ['LANDED'] }, 'FIELD_TYPE', 'first'],
    ['bytes are a string', { bytes: 'abc' }, 'FIELD_TYPE', 'bytes'],
    ['an optional field has another type', { maybe: 5 }, 'FIELD_TYPE', 'maybe'],
    ['an optional int has a fraction', { maybeCount: 0.5 }, 'FIELD_TYPE', 'maybeCount'],
    ['no branch fits', { either: true }, 'FIELD_TYPE', 'either'],
    ['a list is an object', { legs: {} }, 'FIELD_TYPE', 'legs'],
    ['an item is wrong', { legs: [{ miles: 1 }, { miles: 'far' }] }, 'FIELD_TYPE', 'legs[1].miles'],
    ['an item lacks a field', { legs: [{}] }, 'FIELD_MISSING', 'legs[0].miles'],
    ['a field of a field is wrong', { best: { miles: null } }, 'FIELD_TYPE', 'best.miles'],
    ['a value of a map is wrong', { counts: { a: 'one' } }, 'FIELD_TYPE', 'counts.a'],
  ]

  test.each(wrong)('refuses a value in which %s', async (_what, change, code, field) => {
    const codec = await open(new SchemasMemory(), [everything])
    const value = { ...whole, ...change }
    expect(failureOf(() => codec.check('Everything', value))).toMatchObject({ code, field })
    expect(failureOf(() => codec.encode('Everything', value))).toMatchObject({ code, field })
    // and goes on
    codec.check('Everything', whole)
    expect(codec.decode(codec.encode('Everything', whole)).value).toMatchObject({ text: whole.text })
  })

  test.each([null, undefined, 5, 'text', [], [whole]])('refuses %j in the place of a record', async value => {
    const codec = await open(new SchemasMemory(), [everything])
    expect(failureOf(() => codec.check('Everything', value))?.code).toMatch(/^FIELD_(TYPE|MISSING)$/)
    expect(failureOf(() => codec.encode('Everything', value))?.code).toMatch(/^FIELD_(TYPE|MISSING)$/)
  })

  test('names the first of several wrong fields', async () => {
    const codec = await open(new SchemasMemory(), [everything])
    const value = { ...whole, holds: 1, count: 'x', kind: 'y' }
    expect(failureOf(() => codec.check('Everything', value))).toMatchObject({ field: 'count' })
  })
}

function describeForeignBytes(open: Open): void {
  let codec: Codec
  beforeEach(async () => {
    codec = await open(new SchemasMemory(), [everything])
  })
  const codeOf = (bytes: Uint8Array) => failureOf(() => codec.decode(bytes))?.code

  test.each([
    ['nothing', new Uint8Array(0)],
    ['less than a header', new Uint8Array([0, 0, 0, 1])],
    ['another magic byte', new Uint8Array([1, 0, 0, 0, 1, 0])],
    ['JSON', new TextEncoder().encode('{"flightId":"UA-1"}')],
  ])('refuses %s', (_what, bytes) => {
    expect(codeOf(bytes)).toBe('FLIGHT_MALFORMED')
    expect(failureOf(() => codec.fingerprint(bytes))?.code).toBe('FLIGHT_MALFORMED')
  })

  test('refuses a body that breaks off anywhere, and one that goes on', () => {
    const bytes = codec.encode('Everything', whole)
    for (let length = wireHeaderBytes; length < bytes.length; length++) {
      expect(codeOf(bytes.subarray(0, length)), `${length} of ${bytes.length} bytes`).toBe('FLIGHT_MALFORMED')
    }
    expect(codeOf(new Uint8Array([...bytes, 0]))).toBe('FLIGHT_MALFORMED')
  })

  const single = async (type: unknown) => open(new SchemasMemory(), [record([{ name: 'value', type }])])
  const endless = [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 127]
  test.each([
    ['an int beyond 32 bits', 'int', [128, 128, 128, 128, 16]],
    ['a long beyond 53 bits', 'long', [255, 255, 255, 255, 255, 255, 255, 255, 1]],
    ['a number without end', 'int', endless],
    ['a long without end', 'long', endless],
    ['a number that is none', 'double', [0, 0, 0, 0, 0, 0, 248, 127]],
    ['a symbol that does not exist', { type: 'enum', name: 'Kind', symbols: ['A'] }, [2]],
    ['a branch that does not exist', ['null', 'int'], [4, 0]],
    ['a text of negative length', 'string', [1]],
    ['a text longer than its bytes', 'string', [200, 1, 97]],
    ['bytes without end', 'bytes', endless],
    ['a thousand million items', { type: 'array', items: 'int' }, [128, 168, 214, 185, 7, 2]],
    ['a block of many items', { type: 'array', items: 'int' }, [255, 167, 214, 185, 7, 2, 2]],
    ['a map of many entries', { type: 'map', values: 'int' }, [128, 168, 214, 185, 7, 2]],
  ])('refuses %s', async (_what, type, body) => {
    const own = await single(type)
    expect(failureOf(() => own.decode(wire(1, ...body)))?.code).toBe('FLIGHT_MALFORMED')
  })

  test('whatever the bytes, the answer is a record or a refusal', async () => {
    const folder = new URL('../../schemas/', import.meta.url)
    const files = readdirSync(folder).filter(file => file.endsWith('.avsc'))
    const texts = files.map(file => readFileSync(new URL(file, folder), 'utf8'))
    const all = await open(new SchemasMemory(), texts)
    const bytes = fc.record({ id: fc.integer({ min: 1, max: texts.length }), body: fc.uint8Array({ maxLength: 300 }) })
    fc.assert(
      fc.property(bytes, ({ id, body }) => {
        const failure = failureOf(() => {
          const { name, value } = all.decode(wire(id, ...body))
          all.check(name, value)
        })
        expect([undefined, 'FLIGHT_MALFORMED']).toContain(failure?.code)
      }),
      { numRuns: 2000 },
    )
  })
}
