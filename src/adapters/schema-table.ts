// The rules of a registry of schemas, without a place to keep it: ids from 1 up, never reused; the same schema has one
// id, whatever its white space and under however many subjects; a subject's next schema must be able to read what its
// last one wrote (BACKWARD), for which avsc is asked.

import { Failure } from '../lib/failure.ts'
import { parseAvro } from './avro-type.ts'

/** A schema under a subject; the rows of a subject are in the order in which they came. */
export type SchemaTableRow = { readonly id: number; readonly subject: string; readonly schema: string }

export class SchemaTable {
  readonly rows: SchemaTableRow[]
  readonly #texts = new Map<number, string>()
  readonly #ids = new Map<string, number>()
  /** By subject: the ids it has had. */
  readonly #subjects = new Map<string, number[]>()

  constructor(rows: readonly SchemaTableRow[] = []) {
    this.rows = []
    for (const row of rows) this.#take(row)
  }

  has(id: number): boolean {
    return this.#texts.has(id)
  }

  /** @throws Failure SCHEMA_UNKNOWN */
  byId(id: number): string {
    const text = this.#texts.get(id)
    if (text === undefined) throw new Failure('SCHEMA_UNKNOWN', `there is no schema ${id} in this registry`)
    return text
  }

  /** Of the schemas that the subject has or had. */
  idsOf(subject: string): readonly number[] {
    return this.#subjects.get(subject) ?? []
  }

  /** @returns the id of a schema that the subject has or had */
  find(subject: string, schema: string): number | undefined {
    const id = this.#ids.get(withoutSpace(schema))
    return id !== undefined && this.#subjects.get(subject)?.includes(id) ? id : undefined
  }

  /** @throws Failure SCHEMA_INCOMPATIBLE */
  add(subject: string, schema: string): number {
    const found = this.find(subject, schema)
    if (found !== undefined) return found
    const lastId = this.#subjects.get(subject)?.at(-1)
    assertReads(subject, schema, lastId === undefined ? undefined : this.byId(lastId))
    const id = this.#ids.get(withoutSpace(schema)) ?? this.#texts.size + 1
    this.#take({ id, subject, schema })
    return id
  }

  #take(row: SchemaTableRow): void {
    this.rows.push(row)
    if (!this.#texts.has(row.id)) this.#texts.set(row.id, row.schema)
    this.#ids.set(withoutSpace(row.schema), row.id)
    this.#subjects.set(row.subject, [...(this.#subjects.get(row.subject) ?? []), row.id])
  }
}

/** @throws Failure SCHEMA_INCOMPATIBLE when the new schema is none, or cannot read what was written with the last one */
export function assertReads(subject: string, schema: string, last: string | undefined): void {
  try {
    const reader = parseAvro(schema)
    if (last !== undefined) reader.createResolver(parseAvro(last))
  } catch (error) {
    throw new Failure('SCHEMA_INCOMPATIBLE', `${subject} cannot be registered: ${(error as Error).message}`, {
      help: 'Give new fields a default; never change the type of a field.',
      cause: error,
    })
  }
}

/** The same for every way of writing the same JSON. */
export function withoutSpace(schema: string): string {
  try {
    return JSON.stringify(JSON.parse(schema))
  } catch {
    return schema
  }
}
