import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { SchemasMemory } from '../../src/adapters/schemas-memory.ts'
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
