// What every registry of schemas promises (src/runtime/schemas.ts).

import { beforeEach, describe, expect, test } from 'vitest'
import { failureIn } from '../../src/lib/failure.ts'
import type { Schemas } from '../../src/runtime/schemas.ts'

type Field = { name: string; type: unknown; default?: unknown }

/** A schema of the record `test.Note`. */
export function note(...fields: Field[]): string {
  return JSON.stringify({ type: 'record', name: 'Note', namespace: 'test', fields })
}

const id = { name: 'id', type: 'string' }
const count = { name: 'count', type: 'int' }
const author = { name: 'author', type: ['null', 'string'], default: null }
const first = note(id, count)

/** @param open an empty registry */
export function describeSchemas(name: string, open: () => Schemas | Promise<Schemas>): void {
  describe(name, () => {
    let schemas: Schemas
    beforeEach(async () => {
      schemas = await open()
    })

    test('a schema has one id, however often it is registered and however it is spaced', async () => {
      const given = await schemas.register('test.Note', first)
      expect(given).toBeGreaterThan(0)
      expect(await schemas.register('test.Note', first)).toBe(given)
      expect(await schemas.register('test.Note', JSON.stringify(JSON.parse(first), null, 2))).toBe(given)
    })

    test('other schemas have other ids, and each is found by its id', async () => {
      const texts = [first, note(id, count, author)]
      const ids: number[] = []
      for (const text of texts) ids.push(await schemas.register('test.Note', text))
      expect(new Set(ids).size).toBe(2)
      for (const [at, text] of texts.entries()) {
        expect(JSON.parse(await schemas.byId(ids[at] ?? 0))).toEqual(JSON.parse(text))
      }
    })

    test('schemas registered at once all have their own ids', async () => {
      const texts = Array.from({ length: 20 }, (_, at) => note(id, { name: `field${at}`, type: 'int' }))
      const ids = await Promise.all(texts.map((text, at) => schemas.register(`test.Note${at}`, text)))
      expect(new Set(ids).size).toBe(20)
      for (const [at, text] of texts.entries())
        expect(JSON.parse(await schemas.byId(ids[at] ?? 0))).toEqual(JSON.parse(text))
    })

    test('a subject may have an earlier schema again', async () => {
      const given = await schemas.register('test.Note', first)
      await schemas.register('test.Note', note(id, count, author))
      expect(await schemas.register('test.Note', first)).toBe(given)
    })

    test.each([
      ['a field with a default more', note(id, count, author)],
      ['a field less', note(id)],
      ['an int that becomes a long', note(id, { name: 'count', type: 'long' })],
      ['a field that becomes optional', note({ name: 'id', type: ['null', 'string'] }, count)],
    ])('accepts %s', async (_what, next) => {
      const given = await schemas.register('test.Note', first)
      expect(await schemas.register('test.Note', next)).not.toBe(given)
    })

    test.each([
      ['a field without a default more', note(id, count, { name: 'author', type: 'string' }), /author/],
      ['another type', note(id, { name: 'count', type: 'string' }), /string|count/i],
      ['a narrower type', note(id, { name: 'count', type: 'boolean' }), /boolean|count/i],
    ])('refuses %s, and goes on with what it had', async (_what, next, reason) => {
      const given = await schemas.register('test.Note', first)
      const failure = await failureOf(schemas.register('test.Note', next))
      expect(failure?.code).toBe('SCHEMA_INCOMPATIBLE')
      expect(failure?.message).toMatch(reason)
      expect(await schemas.register('test.Note', first)).toBe(given)
    })

    test('refuses what is no schema', async () => {
      expect((await failureOf(schemas.register('test.Note', '{"type": "recor')))?.code).toBe('SCHEMA_INCOMPATIBLE')
      expect((await failureOf(schemas.register('test.Note', '{"type": "nothing"}')))?.code).toBe('SCHEMA_INCOMPATIBLE')
    })

    test('the ids of a subject are found without giving any', async () => {
      expect(await schemas.idsOf('test.Note', first)).toEqual([])
      const given = await schemas.register('test.Note', first)
      const next = await schemas.register('test.Note', note(id, count, author))
      expect(await schemas.idsOf('test.Note', first)).toEqual([given, next])
      expect(await schemas.idsOf('test.Note', note(id))).toEqual([given, next])
      expect(await schemas.idsOf('test.Other', first)).toEqual([])
    })

    test('an id that was never given is unknown', async () => {
      await schemas.register('test.Note', first)
      for (const unknown of [0, 999_999, 2 ** 32 - 1]) {
        expect((await failureOf(schemas.byId(unknown)))?.code).toBe('SCHEMA_UNKNOWN')
      }
    })
  })
}

async function failureOf(call: Promise<unknown>) {
  return call.then(
    () => undefined,
    (error: unknown) => failureIn(error),
  )
}
