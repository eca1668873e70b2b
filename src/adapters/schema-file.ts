// Schemas and their ids as rows of one JSON file.

import { readFileSync } from 'node:fs'
import { Failure } from '../lib/failure.ts'
import type { SchemaTableRow } from './schema-table.ts'
import { writeWhole } from './whole-file.ts'

const layout = 1

/** None when there is no file. @throws Failure LOG_UNREACHABLE, STATE_CORRUPT */
export function readRows(file: string): SchemaTableRow[] {
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
export function writeRows(file: string, schemas: readonly SchemaTableRow[]): void {
  writeWhole(file, `${JSON.stringify({ layout, schemas }, null, 1)}\n`)
}
