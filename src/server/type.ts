// Builders of JSON schemas, called and typed as TypeBox's. TypeBox itself is 700 modules, which took a fifth of the time
// in which a killed process comes back; of it only the types are used. test/server/type.test.ts keeps the schemas equal.

import type { TSchema, Type as TypeBox } from 'typebox'

type Builders = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Partial'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unsafe'
>

type Options = Readonly<Record<string, unknown>>
type Properties = Readonly<Record<string, TSchema>>

/** Schemas of properties that may be missing. */
const optional = new WeakSet<TSchema>()

const of = (type: string) => (options?: Options) => ({ type, ...options })

function object(properties: Properties, options?: Options) {
  const required = Object.keys(properties).filter(name => !optional.has(properties[name] as TSchema))
  return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options }
}

function mayMiss(schema: TSchema): TSchema {
  const copy = { ...schema }
  optional.add(copy)
  return copy
}

export const Type = {
  Array: (items: TSchema, options?: Options) => ({ type: 'array', items, ...options }),
  Boolean: of('boolean'),
  Integer: of('integer'),
  Literal: (value: string | number | boolean) => ({ type: typeof value, const: value }),
  Null: of('null'),
  Number: of('number'),
  Object: object,
  Optional: mayMiss,
  Partial: ({ properties }: { properties: Properties }, options?: Options) => {
    const all = Object.entries(properties).map(([name, schema]) => [name, mayMiss(schema)] as const)
    return object(Object.fromEntries(all), options)
  },
  Record: (_key: TSchema, value: TSchema, options?: Options) => ({
    type: 'object',
    patternProperties: { '^.*$': value },
    ...options,
  }),
  String: of('string'),
  Union: (anyOf: readonly TSchema[], options?: Options) => ({ anyOf, ...options }),
  Unsafe: (schema: TSchema) => ({ ...schema }),
} as unknown as Builders
