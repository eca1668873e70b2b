// The ports of a data folder beside its log: any thread of the program opens its own.

import { join } from 'node:path'
import { BlobsFiles } from '../adapters/blobs-files.ts'
import { ClockWall } from '../adapters/clock-wall.ts'
import { CodecAvro } from '../adapters/codec-avro.ts'
import { SchemasFiles } from '../adapters/schemas-files.ts'
import type { Blobs } from '../runtime/blobs.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Codec, Schemas } from '../runtime/schemas.ts'
import { openRegistry, ownSchemas } from './own-schemas.ts'
import type { Places } from './places.ts'

export type Ports = {
  readonly codec: Codec
  readonly blobs: Blobs
  readonly clock: Clock
  /** Ids of the schemas in this log, by record name; a reader has none. */
  readonly schemaIds: Readonly<Record<string, number>>
}

/**
 * @param access `owner` registers our schemas; `reader` changes nothing, so that the program that owns the place, perhaps
 * an older one, finds it as it left it
 * @throws Failure STATE_CORRUPT, USAGE; of a registry SCHEMAS_UNREACHABLE, SCHEMA_INCOMPATIBLE, SCHEMA_ID_CHANGED
 */
export async function openPorts(places: Places, access: 'owner' | 'reader'): Promise<Ports> {
  const schemas = await schemasIn(places, access)
  const texts = ownSchemas().map(({ text }) => text)
  const codec = access === 'owner' ? await CodecAvro.open(schemas, texts) : await CodecAvro.openReader(schemas, texts)
  return { codec, schemaIds: codec.ids, blobs: await openBlobs(places), clock: new ClockWall() }
}

/** A registry is asked for what it has not answered yet: a process starts without it. */
async function schemasIn({ folder, registry }: Places, access: 'owner' | 'reader'): Promise<Schemas> {
  const asks = { asks: 'new', readOnly: access === 'reader' } as const
  return registry ? openRegistry(folder, registry, asks) : new SchemasFiles(join(folder, 'schemas.json'))
}

/** The client is loaded by those who use it. */
export async function openBlobs({ folder, s3 }: Places): Promise<Blobs> {
  if (!s3) return new BlobsFiles(join(folder, 'blobs'))
  const { BlobsS3 } = await import('../adapters/blobs-s3.ts')
  return new BlobsS3(s3)
}
