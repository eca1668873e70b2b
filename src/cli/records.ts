// slipstream records: writes src/records.ts anew from schemas/.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { projectRoot } from './contracts.ts'
import { recordsSource } from './records-source.ts'

export const command: Command = {
  name: 'records',
  summary: 'write src/records.ts anew from schemas/',
  usage: 'slipstream records',
  flags: {},
  examples: ['slipstream records'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, command.usage, [])
    writeRecords(projectRoot)
    io.out('src/records.ts is written')
    io.document({ written: 'src/records.ts' })
    return 0
  },
}

/** Reads every schema of a folder, sorted by name. */
export function readSchemas(folder: URL): unknown[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.avsc'))
  return files.sort().map(file => JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
}

export function writeRecords(root: URL): void {
  writeFileSync(new URL('src/records.ts', root), recordsSource(readSchemas(new URL('schemas/', root))))
}
