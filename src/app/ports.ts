// The ports of a data folder beside its log: any thread of the program opens its own.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BlobsFiles } from '../adapters/blobs-files.ts'
import { ClockWall } from '../adapters/clock-wall.ts'
import { CodecAvro } from '../adapters/codec-avro.ts'
import { SchemasFiles } from '../adapters/schemas-files.ts'
import type { Blobs } from '../runtime/blobs.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Codec } from '../runtime/schemas.ts'

const schemaFolder = new URL('../../schemas/', import.meta.url)

export type Ports = {
  readonly codec: Codec
  readonly blobs: Blobs
  readonly clock: Clock
  /** Ids of the schemas in this log, by record name. */
  readonly schemaIds: Readonly<Record<string, number>>
}

/** @throws Failure STATE_CORRUPT */
export async function openPorts(folder: string): Promise<Ports> {
  const schemas = new SchemasFiles(join(folder, 'schemas.json'))
  const texts = schemaTexts()
  const codec = await CodecAvro.open(schemas, texts)
  const schemaIds: Record<string, number> = {}
  for (const text of texts) {
    const { name, namespace } = JSON.parse(text) as { name: string; namespace: string }
    schemaIds[name] = await schemas.register(`${namespace}.${name}`, text)
  }
  return { codec, schemaIds, blobs: new BlobsFiles(join(folder, 'blobs')), clock: new ClockWall() }
}

/** The schemas of schemas/, as text. */
function schemaTexts(): string[] {
  const files = readdirSync(schemaFolder).filter(file => file.endsWith('.avsc'))
  return files.sort().map(file => readFileSync(new URL(file, schemaFolder), 'utf8'))
}
