// slipstream records: writes src/records.ts anew from schemas/.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { recordsSource } from './records-source.ts'

/** Reads every schema of a folder, sorted by name. */
export function readSchemas(folder: URL): unknown[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.avsc'))
  return files.sort().map(file => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
}

export function writeRecords(root: URL): void {
  writeFileSync(new URL('src/records.ts', root), recordsSource(readSchemas(new URL('schemas/', root))))
}
