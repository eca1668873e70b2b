import { readdirSync, readFileSync } from 'node:fs'
import avro from 'avsc'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { SchemasMemory } from '../../src/adapters/schemas-memory.ts'
import { wireHeaderBytes } from '../../src/runtime/schemas.ts'
import { describeCodec } from '../contracts/codec.ts'

describeCodec('codec-avro', (schemas, texts) => CodecAvro.open(schemas, texts))

test('takes every schema of schemas/, in the order in which they come', async () => {
  const folder = new URL('../../schemas/', import.meta.url)
  const files = readdirSync(folder).filter(file => file.endsWith('.avsc'))
  const schemas = new SchemasMemory()
  await CodecAvro.open(
    schemas,
    files.map(file => readFileSync(new URL(file, folder), 'utf8')),
  )
  for (const [at, file] of files.entries()) {
    expect(JSON.parse(await schemas.byId(at + 1))).toMatchObject({
      name: file.replace('.avsc', ''),
      namespace: 'slipstream',
    })
  }
})

test('a reader decodes what is registered under the names of our records, and registers nothing', async () => {
  const note = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'Note', namespace: 'test', fields })
  const text = { name: 'text', type: 'string' }
  const count = { name: 'count', type: 'int', default: 7 }
  const schemas = new SchemasMemory()
  const [older, same] = [
    await CodecAvro.open(schemas, [note(text)]),
    await CodecAvro.open(schemas, [note({ ...text, doc: 'In other words.' }, count)]),
  ]
  const reader = await CodecAvro.openReader(schemas, [note(text, count)])
  const old = older.encode('Note', { text: 'a' })
  expect(reader.decode(old)).toEqual({ name: 'Note', value: { text: 'a', count: 7 } })
  expect(reader.fingerprint(old)).toBe(older.fingerprint(old))
  expect(reader.decode(same.encode('Note', { text: 'b', count: 1 })).value).toEqual({ text: 'b', count: 1 })
  await expect(schemas.byId(3)).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
  expect(() => reader.encode('Note', { text: 'c', count: 1 })).toThrow('a reader writes nothing')
})

test('bytes and values of every schema of schemas/ are those of avsc itself', async () => {
  const folder = new URL('../../schemas/', import.meta.url)
  const files = readdirSync(folder).filter(file => file.endsWith('.avsc'))
  const texts = files.map(file => readFileSync(new URL(file, folder), 'utf8'))
  const codec = await CodecAvro.open(new SchemasMemory(), texts)
  for (const text of texts) {
    const reference = avro.Type.forSchema(JSON.parse(text))
    const { name } = JSON.parse(text) as { name: string }
    const equal = (value: unknown) => {
      const bytes = codec.encode(name, value)
      expect(Buffer.from(bytes.subarray(wireHeaderBytes))).toEqual(reference.toBuffer(value))
      expect(codec.decode(bytes).value).toEqual(reference.fromBuffer(reference.toBuffer(value)))
    }
    fc.assert(fc.property(valueOf(reference as unknown as Shape), equal), { numRuns: 10 })
  }
})

type Shape = {
  readonly typeName: string
  readonly fields: readonly { readonly name: string; readonly type: Shape }[]
  readonly symbols: readonly string[]
  readonly types: readonly Shape[]
  readonly itemsType: Shape
  readonly valuesType: Shape
}

/** Any value of a type, with the lengths and sizes at which bytes change. */
function valueOf(type: Shape): fc.Arbitrary<unknown> {
  switch (type.typeName) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'int':
      return fc.oneof(fc.integer({ min: -9000, max: 9000 }), fc.integer())
    case 'long':
      return fc.oneof(fc.integer({ min: -9000, max: 9000 }), fc.integer({ min: 2 ** 33, max: 2 ** 42 }))
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0)
    case 'string':
      return fc.oneof(fc.string({ maxLength: 130 }), fc.string({ unit: 'grapheme', maxLength: 70 }))
    case 'bytes':
      return fc.uint8Array({ maxLength: 9 }).map(bytes => Buffer.from(bytes))
    case 'enum':
      return fc.constantFrom(...type.symbols)
    case 'array':
      return fc.array(valueOf(type.itemsType), { maxLength: 4 })
    case 'map':
      return fc.dictionary(fc.string(), valueOf(type.valuesType), { maxKeys: 3 })
    case 'record':
      return fc.record(Object.fromEntries(type.fields.map(field => [field.name, valueOf(field.type)])))
    default:
      return fc.oneof(...type.types.map(valueOf))
  }
}
