// The pieces that the JSON schemas of several components are made of.

import type { TSchema } from 'typebox'
import { Type } from './type.ts'

export const strict = { additionalProperties: false }

export const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

/** What `name` means, by reference. */
export function ref<T>(name: string) {
  return Type.Unsafe<T>({ $ref: `${name}#` })
}

export const instant = (description: string) => Type.Integer({ description: `${description}, epoch milliseconds.` })

export const count = Type.Integer({ minimum: 0 })

export const listOf = <Schema extends TSchema>(item: Schema, description?: string) =>
  Type.Array(item, description === undefined ? {} : { description })
