// Codec contract, continued: records of other writers, whose schemas are older, newer, or none of ours.

import { expect, test } from 'vitest'
import { SchemasMemory } from '../../src/adapters/schemas-memory.ts'
import type { Schemas } from '../../src/runtime/schemas.ts'
import { failureOf, type Open, record, text, wire } from './codec-samples.ts'

export function describeWriters(open: Open): void {
  const older = record([text, { name: 'gone', type: 'long' }, { name: 'count', type: 'int' }])
  const ours = record([
    text,
    { name: 'count', type: 'long' },
    { name: 'author', type: ['null', 'string'], default: null },
  ])

  const newer = record([
    text,
    { name: 'gone', type: 'long' },
    { name: 'count', type: 'int' },
    { name: 'author', type: ['null', 'string'], default: null },
  ])

  test('a record of an older schema is read as one of ours', async () => {
    const schemas = new SchemasMemory()
    const writer = await open(schemas, [older])
    const codec = await open(schemas, [ours])
    const bytes = writer.encode('Note', { text: 'hello', gone: 9, count: 3 })
    expect(codec.decode(bytes)).toEqual({ name: 'Note', value: { text: 'hello', count: 3, author: null } })
    expect(codec.fingerprint(bytes)).toBe(writer.fingerprint(bytes))
    expect(codec.fingerprint(codec.encode('Note', { text: '', count: 0 }))).not.toBe(codec.fingerprint(bytes))
  })

  test('a record of a newer schema is read as one of ours, once it was learned', async () => {
    const schemas = new SchemasMemory()
    const codec = await open(schemas, [older])
    const writer = await open(schemas, [newer])
    const bytes = writer.encode('Note', { text: 'hello', gone: 9, count: 3, author: 'me' })
    expect(failureOf(() => codec.decode(bytes))?.code).toBe('SCHEMA_UNKNOWN')
    expect(await codec.learn()).toBe(true)
    expect(codec.decode(bytes)).toEqual({ name: 'Note', value: { text: 'hello', gone: 9, count: 3 } })
  })

  test('learns nothing of ids that nobody gave, nor without a reason', async () => {
    const codec = await open(new SchemasMemory(), [ours])
    expect(await codec.learn()).toBe(false)
    expect(failureOf(() => codec.decode(wire(77, 0)))?.code).toBe('SCHEMA_UNKNOWN')
    expect(failureOf(() => codec.fingerprint(wire(78, 0)))?.code).toBe('SCHEMA_UNKNOWN')
    expect(await codec.learn()).toBe(false)
  })

  test('a record that cannot be read as ours is of an unknown schema', async () => {
    const schemas = new SchemasMemory()
    const writer = await open(schemas, [record([{ name: 'text', type: 'int' }])])
    const bytes = writer.encode('Note', { text: 5 })
    // another subject, so that the registry lets it pass
    const register: Schemas['register'] = (_, each) => schemas.register('else', each)
    const codec = await open({ byId: id => schemas.byId(id), idsOf: async () => [], register }, [ours])
    expect(failureOf(() => codec.decode(bytes))?.code).toBe('SCHEMA_UNKNOWN')
    await codec.learn()
    expect(failureOf(() => codec.decode(bytes))).toMatchObject({
      code: 'SCHEMA_UNKNOWN',
      message: expect.stringContaining('cannot be read as ours'),
    })
  })

  test('a record that is none of ours goes by its full name', async () => {
    const schemas = new SchemasMemory()
    const writer = await open(schemas, [record([text], { namespace: 'stranger' })])
    const codec = await open(schemas, [ours])
    const bytes = writer.encode('Note', { text: 'hi' })
    expect(failureOf(() => codec.decode(bytes))?.code).toBe('SCHEMA_UNKNOWN')
    await codec.learn()
    expect(codec.decode(bytes)).toEqual({ name: 'stranger.Note', value: { text: 'hi' } })
  })
}
