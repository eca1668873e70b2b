import type { Schemas } from '../runtime/schemas.ts'
import { SchemaTable } from './schema-table.ts'

/** A registry for tests and simulations: gone with its object. */
export class SchemasMemory implements Schemas {
  readonly #table = new SchemaTable()

  async register(subject: string, schema: string): Promise<number> {
    return this.#table.add(subject, schema)
  }

  async idsOf(subject: string): Promise<readonly number[]> {
    return this.#table.idsOf(subject)
  }

  async byId(id: number): Promise<string> {
    return this.#table.byId(id)
  }
}
