// Our schemas, and what a registry makes of them.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type {
  RegistryAccess,
  SchemaState,
  SchemasRegistry,
  SchemasRegistryOptions,
} from '../adapters/schemas-registry.ts'
import { failureIn } from '../lib/failure.ts'
import type { Places } from './places.ts'

const schemaFolder = new URL('../../schemas/', import.meta.url)

export type OwnSchema = {
  readonly name: string
  /** RecordNameStrategy: the record's full name. */
  readonly subject: string
  readonly text: string
}

/** Those of schemas/, by file name: an empty registry gives them the same ids each time. */
export function ownSchemas(): OwnSchema[] {
  const files = readdirSync(schemaFolder).filter(file => file.endsWith('.avsc'))
  return files.sort().map(file => {
    const text = readFileSync(new URL(file, schemaFolder), 'utf8')
    const { name, namespace } = JSON.parse(text) as { name: string; namespace: string }
    return { name, subject: `${namespace}.${name}`, text }
  })
}

/** The client is loaded by those who use it. */
export async function openRegistry(
  folder: string,
  access: RegistryAccess,
  how: Pick<SchemasRegistryOptions, 'asks' | 'readOnly'> = {},
): Promise<SchemasRegistry> {
  const { SchemasRegistry } = await import('../adapters/schemas-registry.ts')
  return new SchemasRegistry({ ...access, ...how, file: join(folder, 'schemas-registry.json') })
}

export type SchemaDifference = {
  readonly subject: string
  readonly state: Exclude<SchemaState, 'registered'> | 'refused'
  /** Why it is refused. */
  readonly problem: string | null
}

/**
 * What `registerSchemas` would change; the registry stays as it is.
 * @returns null when schemas are kept in the data folder
 * @throws Failure SCHEMAS_UNREACHABLE
 */
export async function schemaDifferences({ folder, registry }: Places): Promise<SchemaDifference[] | null> {
  if (!registry) return null
  const schemas = await openRegistry(folder, registry, { readOnly: true })
  const found: SchemaDifference[] = []
  for (const { subject, text } of ownSchemas()) {
    try {
      const state = await schemas.stateOf(subject, text)
      if (state !== 'registered') found.push({ subject, state, problem: null })
    } catch (error) {
      const failure = failureIn(error)
      if (failure?.code !== 'SCHEMA_INCOMPATIBLE') throw error
      found.push({ subject, state: 'refused', problem: failure.message })
    }
  }
  return found
}

/**
 * Has the registry check our schemas (BACKWARD) and give them their ids; idempotent.
 * @returns how many have an id there; null when schemas are kept in the data folder
 * @throws Failure SCHEMA_INCOMPATIBLE with the registry's reason, SCHEMA_ID_CHANGED, SCHEMAS_UNREACHABLE
 */
export async function registerSchemas({ folder, registry }: Places): Promise<number | null> {
  if (!registry) return null
  const schemas = await openRegistry(folder, registry)
  const own = ownSchemas()
  for (const { subject, text } of own) await schemas.register(subject, text)
  return own.length
}
