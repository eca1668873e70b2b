import type { FastifySchemaCompiler } from 'fastify'
import type { TObject, TSchema } from 'typebox'
import { check } from './check.ts'

/** The server's validator: bodies as they are, query parameters with their numbers read. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  return (value: unknown) => {
    try {
      return { value: check(schema, httpPart === 'querystring' ? withNumbers(schema as TObject, value) : value) }
    } catch (error) {
      return { error: error as Error }
    }
  }
}

/** Text that is a whole number becomes one where the schema wants one; all else is left for the check to refuse. */
function withNumbers({ properties }: TObject, value: unknown): unknown {
  const entries = Object.entries(value as Record<string, unknown>)
  return Object.fromEntries(
    entries.map(([name, text]) => {
      const isNumber = (properties[name] as { type?: string } | undefined)?.type === 'integer'
      return [name, isNumber && typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text]
    }),
  )
}
