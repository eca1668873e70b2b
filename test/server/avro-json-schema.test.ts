import fs from 'node:fs'
import path from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { type AvroRecord, avroToJsonSchema, isInstant } from '../../src/server/avro-json-schema.ts'

const folder = path.join(import.meta.dirname, '../../schemas')

describe('the JSON schema of a record', () => {
  const schema = avroToJsonSchema({
    type: 'record',
    name: 'Leg',
    doc: 'One leg.',
    fields: [
      { name: 'origin', type: 'string', doc: 'IATA code.', knowable: 'schedule' },
      { name: 'departedAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'tail', type: ['null', 'string'], default: null },
      { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
      { name: 'kinds', type: { type: 'array', items: 'Kind' }, default: [] },
    ],
  })

  test('requires what has no default and refuses other fields', () => {
    expect(schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['origin', 'departedAt', 'kind'],
      description: 'One leg.',
    })
  })

  test('keeps docs, defaults and from when on a field can be known', () => {
    expect(schema['properties']).toMatchObject({
      origin: { type: 'string', description: 'IATA code.', 'x-knowable': 'schedule' },
      tail: { anyOf: [{ type: 'null' }, { type: 'string' }], default: null },
    })
  })

  test('finds a type by its name once it was defined', () => {
    expect(schema['properties']).toMatchObject({ kinds: { items: { type: 'string', enum: ['A', 'B'] } } })
  })

  test('takes instants as text and as milliseconds', () => {
    const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } })
    const validate = ajv.compile(schema)
    const leg = { origin: 'EWR', kind: 'A' }
    expect(validate({ ...leg, departedAt: '2013-02-08T18:30:00Z' })).toBe(true)
    expect(validate({ ...leg, departedAt: 1_360_348_200_000 })).toBe(true)
    expect(validate({ ...leg, departedAt: null })).toBe(false)
  })
})

test('a whole number of 32 bits takes no other', () => {
  const validate = new Ajv2020().compile(avroToJsonSchema('int'))
  expect([2 ** 31 - 1, -(2 ** 31)].map(value => validate(value))).toEqual([true, true])
  expect([2 ** 31, 1.5, '1', null].map(value => validate(value))).toEqual([false, false, false, false])
})

test('an instant is found behind a union', () => {
  const instant = { type: 'long', logicalType: 'timestamp-millis' }
  expect(isInstant(instant)).toBe(true)
  expect(isInstant(['null', instant])).toBe(true)
  expect(isInstant('long')).toBe(false)
})

test('every schema of the project converts', () => {
  const files = fs.readdirSync(folder).filter(file => file.endsWith('.avsc'))
  expect(files.length).toBeGreaterThan(20)
  for (const file of files) {
    const record = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')) as AvroRecord
    const { properties } = avroToJsonSchema(record) as { properties: object }
    expect(Object.keys(properties), file).toEqual(record.fields.map(field => field.name))
  }
})
