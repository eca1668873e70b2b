import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SchemasMemory } from '../src/adapters/schemas-memory.ts'

const now = new URL('../schemas/', import.meta.url)
const released = new URL('./golden/schemas-released/', import.meta.url)
const names = readdirSync(released).filter(file => file.endsWith('.avsc'))

type Field = { name: string; type: unknown; default?: unknown }
type RecordSchema = { name: string; namespace: string; fields: Field[] }

async function register(...texts: string[]): Promise<void> {
  const schemas = new SchemasMemory()
  for (const text of texts) {
    const { name, namespace } = JSON.parse(text) as RecordSchema
    await schemas.register(`${namespace}.${name}`, text)
  }
}

describe('schemas, held against those of the last release', () => {
  test('there is a release to hold them against', () => {
    expect(names.length).toBeGreaterThan(20)
  })

  test.each(names)('%s is still there and reads what was written then', async file => {
    const before = readFileSync(new URL(file, released), 'utf8')
    const after = readFileSync(new URL(file, now), 'utf8')
    const [old, present] = [before, after].map(text => JSON.parse(text) as RecordSchema) as [RecordSchema, RecordSchema]
    expect(`${present.namespace}.${present.name}`).toBe(`${old.namespace}.${old.name}`)
    await expect(register(before, after)).resolves.toBeUndefined()
  })

  test('a field without a default, and another type, would be noticed', async () => {
    const text = readFileSync(new URL('Mark.avsc', released), 'utf8')
    const schema = JSON.parse(text) as RecordSchema
    const [first] = schema.fields as [Field]
    const more = { ...schema, fields: [...schema.fields, { name: 'more', type: 'string' }] }
    const other = { ...schema, fields: [{ ...first, type: 'boolean' }, ...schema.fields.slice(1)] }
    for (const changed of [more, other]) {
      await expect(register(text, JSON.stringify(changed))).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' })
    }
  })
})
