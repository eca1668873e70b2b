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
