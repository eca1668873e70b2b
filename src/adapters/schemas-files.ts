// schemas-files: a registry of schemas in one JSON file of the data folder.
//
// A file and not a table of the log, because an id must outlive what it names: it is on disk (fsync) before `register`
// answers, while the log's last commits may be lost with the power. So no record can name an id that is not known. It
// also serves whatever log is in use, and can be read with any editor.

import { Failure } from '../lib/failure.ts'
import type { Schemas } from '../runtime/schemas.ts'
import { readRows, writeRows } from './schema-file.ts'
import { SchemaTable, type SchemaTableRow } from './schema-table.ts'

export class SchemasFiles implements Schemas {
  readonly #file: string
  #saved: readonly SchemaTableRow[]
  #table: SchemaTable
  /** The write that will hold everything added so far, so that schemas registered together cost one. */
  #saving: Promise<void> | undefined

  /** @param file where the registry is, made with the first schema. @throws Failure STATE_CORRUPT */
  constructor(file: string) {
    this.#file = file
    this.#saved = readRows(file)
    this.#table = new SchemaTable(this.#saved)
  }

  async register(subject: string, schema: string): Promise<number> {
    const found = this.#table.find(subject, schema)
    const id = found ?? this.#table.add(subject, schema)
    // another caller's schema may still be on its way to the disk
    if (found === undefined) this.#saving ??= this.#save()
    await this.#saving
    return id
  }

  async idsOf(subject: string): Promise<readonly number[]> {
    return this.#table.idsOf(subject)
  }

  async byId(id: number): Promise<string> {
    // another process, the owner of the folder, may have added to it
    if (!this.#table.has(id)) {
      this.#saved = readRows(this.#file)
      this.#table = new SchemaTable(this.#saved)
    }
    return this.#table.byId(id)
  }

  async #save(): Promise<void> {
    await Promise.resolve()
    this.#saving = undefined
    const rows = [...this.#table.rows]
    try {
      writeRows(this.#file, rows)
      this.#saved = rows
    } catch (error) {
      // no id is given out that is not on disk
      this.#table = new SchemaTable(this.#saved)
      throw new Failure('LOG_UNREACHABLE', `cannot write ${this.#file}: ${(error as Error).message}`, { cause: error })
    }
  }
}
