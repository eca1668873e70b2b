import fs from 'node:fs'
import path from 'node:path'
import TypeBox from 'typebox'
import { expect, test } from 'vitest'
import { Type } from '../../src/server/type.ts'

const built = (T: typeof Type) => {
  const flight = T.Object(
    {
      id: T.String({ minLength: 1 }),
      number: T.Optional(T.Integer({ minimum: 1, description: 'of the carrier' })),
      label: T.Union([T.Boolean(), T.Null()], { description: 'unknown: null' }),
    },
    { $id: 'Flight', additionalProperties: false },
  )
  return [
    flight,
    T.Partial(flight, { additionalProperties: false }),
    T.Object({ a: T.Optional(T.String()) }),
    T.Object({}),
    T.Array(T.Number({ maximum: 1 }), { maxItems: 3 }),
    T.Record(T.String(), T.Integer(), { description: 'by reason' }),
    T.Union([T.Literal('a'), T.Literal(5), T.Literal(true)]),
    T.Unsafe<string>({ $ref: 'Flight#' }),
    T.Optional(T.Boolean({ description: 'either' })),
  ]
}

test('schemas are those that TypeBox makes, to the letter', () => {
  const ours = built(Type)
  const theirs = built(TypeBox as unknown as typeof Type)
  expect(ours.map(schema => JSON.stringify(schema))).toEqual(theirs.map(schema => JSON.stringify(schema)))
})

test('a schema that is optional in one object is required in another', () => {
  const name = Type.String()
  Type.Object({ name: Type.Optional(name) })
  expect(JSON.parse(JSON.stringify(Type.Object({ name })))).toMatchObject({ required: ['name'] })
})

test('the program never loads TypeBox', () => {
  const src = path.join(import.meta.dirname, '../../src')
  const files = fs.readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => /\.tsx?$/.test(file))
  const loading = files.filter(file =>
    /^import (?!type ).*'typebox'/m.test(fs.readFileSync(path.join(src, file), 'utf8')),
  )
  expect(loading).toEqual([])
})
