// Where the ports beside the log are, by the settings: schemas and blobs in the data folder, or on a registry and an S3
// server. On Kafka, what `npm run stack` has started is taken where no setting names another, as with its brokers.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { BlobsS3Options } from '../adapters/blobs-s3.ts'
import type { RegistryAccess } from '../adapters/schemas-registry.ts'
import type { ClickhouseAccess } from '../adapters/warehouse-clickhouse.ts'
import type { Config } from '../config.ts'
import { Failure } from '../lib/failure.ts'

/** As data, so that threads and processes of the program can be told. Holds keys: never print it. */
export type Places = {
  readonly folder: string
  /** Without it, schema ids lie in the folder. */
  readonly registry?: RegistryAccess
  /** Without it, blobs lie in the folder. */
  readonly s3?: BlobsS3Options
}

/** @throws Failure USAGE when one setting is there without the other that it needs */
export function placesOf(config: Config): Places {
  const onStack = config.engine === 'kafka' && config.kafkaBrokers === '' ? stack() : {}
  const registry = registryOf(config) ?? (onStack.registry ? { url: onStack.registry.url } : undefined)
  const s3 = s3Of(config) ?? s3OfStack(config, onStack.s3)
  return { folder: config.dataDir, ...(registry ? { registry } : {}), ...(s3 ? { s3 } : {}) }
}

/** The ClickHouse server of the settings; undefined when there is none. */
export function clickhouseOf(config: Config): ClickhouseAccess | undefined {
  const { clickhouseUrl: url, clickhouseUser: user, clickhousePassword: password } = config
  const { clickhouseDatabase: database, clickhouseCluster: cluster } = config
  return url === '' ? undefined : { url, user, password, database, cluster }
}

function registryOf(config: Config): RegistryAccess | undefined {
  const { schemaRegistryUrl: url, schemaRegistryUser: user, schemaRegistryPassword: password } = config
  if (user !== '' && password === '') {
    const help = 'Set SLIPSTREAM_SCHEMA_REGISTRY_PASSWORD.'
    throw new Failure('USAGE', 'schemaRegistryUser is without a password', { field: 'schemaRegistryUser', help })
  }
  return url === '' ? undefined : { url, user, password }
}

function s3Of(config: Config): BlobsS3Options | undefined {
  const { s3Bucket: bucket, s3Endpoint: endpoint, s3Region: region, s3Prefix: prefix } = config
  const { s3AccessKey: accessKey, s3SecretKey: secretKey } = config
  if ((accessKey === '') !== (secretKey === '')) {
    const help = 'Set SLIPSTREAM_S3_ACCESS_KEY and SLIPSTREAM_S3_SECRET_KEY, or neither.'
    throw new Failure('USAGE', 'one of the two S3 keys is missing', { field: 's3AccessKey', help })
  }
  if (bucket !== '') return { endpoint, region, bucket, prefix, accessKey, secretKey }
  if (endpoint === '') return undefined
  throw new Failure('USAGE', 's3Endpoint is without a bucket', { field: 's3Bucket', help: 'Set --s3-bucket NAME.' })
}

type Stack = {
  readonly registry?: { readonly url: string }
  readonly s3?: {
    readonly url: string
    readonly bucket: string
    readonly accessKey: string
    readonly secretKey: string
  }
}

function s3OfStack({ s3Region: region, s3Prefix, kafkaPrefix }: Config, s3: Stack['s3']): BlobsS3Options | undefined {
  if (!s3) return undefined
  const { url: endpoint, bucket, accessKey, secretKey } = s3
  // pipelines that share its brokers share its bucket
  const own = kafkaPrefix === '' ? '' : `${kafkaPrefix}/`
  return { endpoint, region, bucket, prefix: s3Prefix === '' ? own : s3Prefix, accessKey, secretKey }
}

/** What `npm run stack` has written, here or beside the program. */
function stack(): Stack {
  for (const file of [resolve('.slipstream/stack.json'), new URL('../../.slipstream/stack.json', import.meta.url)]) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Stack
    } catch {
      // none here
    }
  }
  return {}
}

const kept = [
  'schemaRegistryUrl',
  'schemaRegistryUser',
  's3Bucket',
  's3Endpoint',
  's3Region',
  's3Prefix',
  'clickhouseUrl',
  'clickhouseUser',
  'clickhouseDatabase',
  'clickhouseCluster',
] as const satisfies readonly (keyof Config)[]

/** What a data folder that was begun with them goes on with; passwords and keys are not kept. */
export function keptPlaces(config: Config): Partial<Config> {
  const { schemaRegistryUrl, s3Bucket, clickhouseUrl } = config
  const isUsed = (name: string) =>
    (name.startsWith('schemaRegistry') && schemaRegistryUrl !== '') ||
    (name.startsWith('s3') && s3Bucket !== '') ||
    (name.startsWith('clickhouse') && clickhouseUrl !== '')
  return Object.fromEntries(kept.filter(name => isUsed(name) && config[name] !== '').map(name => [name, config[name]]))
}
