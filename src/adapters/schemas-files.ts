// schemas-files: a registry of schemas in one JSON file of the data folder.
//
// A file and not a table of the log, because an id must outlive what it names: it is on disk (fsync) before `register`
// answers, while the log's last commits may be lost with the power. So no record can name an id that is not known. It
// also serves whatever log is in use, and can be read with any editor.

import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { Failure } from '../lib/failure.ts'
import type { Schemas } from '../runtime/schemas.ts'
import { SchemaTable, type SchemaTableRow } from './schema-table.ts'

const layout = 1

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

function readRows(file: string): SchemaTableRow[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new Failure('LOG_UNREACHABLE', `cannot read ${file}: ${(error as Error).message}`, { cause: error })
  }
  try {
    const content = JSON.parse(text) as { layout: number; schemas: SchemaTableRow[] }
    if (content.layout !== layout) throw new Error(`layout ${content.layout}; this version knows ${layout}`)
    for (const { id, subject, schema } of content.schemas) {
      if (!Number.isInteger(id) || typeof subject !== 'string' || typeof schema !== 'string')
        throw new Error('not rows')
    }
    return content.schemas
  } catch (error) {
    throw new Failure('STATE_CORRUPT', `${file} is not a registry of schemas: ${(error as Error).message}`, {
      help: 'Put back a copy of the file. Without it the records of this data folder cannot be read.',
      cause: error,
    })
  }
}

/** Whole or not at all, and on disk on return. */
function writeRows(file: string, schemas: readonly SchemaTableRow[]): void {
  const folder = path.dirname(file)
  mkdirSync(folder, { recursive: true })
  const written = `${file}.new`
  const handle = openSync(written, 'w')
  try {
    writeSync(handle, `${JSON.stringify({ layout, schemas }, null, 1)}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(written, file)
  const folderHandle = openSync(folder, 'r')
  try {
    fsyncSync(folderHandle)
  } finally {
    closeSync(folderHandle)
  }
}
