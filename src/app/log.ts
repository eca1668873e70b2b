// Which log the settings ask for. On the embedded engine it is a file of the data folder, on Kafka the topics of a
// cluster: then the data folder holds what lies beside them (blobs, schemas).

import { accessSync, constants, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import type { LogKafka, LogKafkaOptions } from '../adapters/log-kafka.ts'
import { type LogShare, LogSqlite } from '../adapters/log-sqlite.ts'
import type { Config } from '../config.ts'
import { Failure } from '../lib/failure.ts'
import type { Log, TopicSpec } from '../runtime/log.ts'

/** What another thread of the program needs to open the same log. */
export type ThreadLog =
  | { readonly engine: 'embedded'; readonly share: LogShare }
  | { readonly engine: 'kafka'; readonly options: LogKafkaOptions }

export type OpenLog = {
  readonly log: Log
  readonly forThread: () => ThreadLog
  /** How the cluster is reached, if it lies on one. */
  readonly kafka?: LogKafkaOptions
  /** How topics that are there are kept otherwise than they should be. */
  readonly differences: (specs: readonly TopicSpec[]) => Promise<readonly { topic: string; problem: string }[]>
}

/** @throws Failure USAGE, DATA_DIR_LOCKED, STATE_CORRUPT */
export async function openLog(config: Config, access: 'owner' | 'reader'): Promise<OpenLog> {
  const { dataDir } = config
  if (access === 'owner') makeFolder(dataDir)
  if (engineOf(config) === 'kafka') {
    const options = kafkaOptions(config)
    const log = await openKafka(options)
    const forThread = () => ({ engine: 'kafka', options }) as const
    return { log, forThread, kafka: options, differences: specs => log.differences(specs) }
  }
  const log = access === 'reader' ? LogSqlite.openReadOnly(dataDir) : LogSqlite.open(dataDir)
  return { log, forThread: () => ({ engine: 'embedded', share: log.share() }), differences: async () => [] }
}

/** @throws Failure USAGE when a file is in the way, or it may not be written */
function makeFolder(dataDir: string): void {
  try {
    makeMissing(dataDir)
    accessSync(dataDir, constants.W_OK | constants.X_OK)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const help = 'Name a folder that this user can write with --data-dir.'
    throw new Failure('USAGE', `${dataDir} cannot be a data folder: ${why}`, { field: 'dataDir', help, cause })
  }
}

/** One folder after the other: told to make them all, Node tries for ever where nothing can be made, as in /proc. */
function makeMissing(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  const parent = dirname(folder)
  if (parent !== folder) makeMissing(parent)
  try {
    mkdirSync(folder)
  } catch (error) {
    // another process may have been quicker
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}

export async function openInThread(from: ThreadLog): Promise<Log> {
  return from.engine === 'kafka' ? openKafka(from.options) : LogSqlite.join(from.share)
}

/** The client is loaded by those who use it. */
async function openKafka(options: LogKafkaOptions): Promise<LogKafka> {
  const { LogKafka } = await import('../adapters/log-kafka.ts')
  return new LogKafka(options)
}

/** What must be handed over with it, not copied. */
export function portsOf(from: ThreadLog): MessagePort[] {
  return from.engine === 'kafka' ? [] : [from.share.port]
}

/** @throws Failure USAGE */
export function engineOf({ engine }: Pick<Config, 'engine'>): 'embedded' | 'kafka' {
  if (engine === 'embedded' || engine === 'kafka') return engine
  throw new Failure('USAGE', `engine is "${engine}", but takes embedded or kafka`, { field: 'engine' })
}

/** @throws Failure USAGE when no broker is named, or a user without a password or a way to prove it */
export function kafkaOptions(config: Config): LogKafkaOptions {
  const { kafkaBrokers, kafkaClientId: clientId, kafkaPrefix: prefix, kafkaReplicas } = config
  const named = kafkaBrokers
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '')
  const brokers = named.length > 0 ? named : brokersOfStack()
  const bad = brokers.find(each => !isBroker(each))
  if (bad !== undefined) {
    const help = 'Write them as b1:9092,b2:9092.'
    throw new Failure('USAGE', `kafkaBrokers has "${bad}", which is not host:port`, { field: 'kafkaBrokers', help })
  }
  const replicas = kafkaReplicas === 0 ? -1 : kafkaReplicas
  return { brokers, clientId, prefix, replicas, retentionDays: retentionDays(), ...saslOf(config), ...tlsOf(config) }
}

function isBroker(text: string): boolean {
  const port = Number(/^[^:\s]+:(\d+)$/.exec(text)?.[1])
  return port > 0 && port < 65_536
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

function saslOf({ kafkaSasl, kafkaUser: username, kafkaPassword: password }: Config): Pick<LogKafkaOptions, 'sasl'> {
  if (kafkaSasl === 'none') return {}
  const mechanism = mechanisms.find(each => each === kafkaSasl)
  if (!mechanism) {
    throw new Failure('USAGE', `kafkaSasl is "${kafkaSasl}", but takes none, ${mechanisms.join(', ')}`, {
      field: 'kafkaSasl',
    })
  }
  if (username === '' || password === '') {
    const help = 'Set SLIPSTREAM_KAFKA_USER and SLIPSTREAM_KAFKA_PASSWORD.'
    throw new Failure('USAGE', `kafkaSasl is ${mechanism}, without a user and a password`, { field: 'kafkaUser', help })
  }
  return { sasl: { mechanism, username, password } }
}

const tlsFiles = { kafkaCaFile: 'ca', kafkaCertFile: 'cert', kafkaKeyFile: 'key' } as const
type TlsFile = keyof typeof tlsFiles

function tlsOf(config: Config): Pick<LogKafkaOptions, 'tls'> {
  const { kafkaTls, kafkaCertFile, kafkaKeyFile } = config
  const given = (Object.keys(tlsFiles) as TlsFile[]).filter(setting => config[setting] !== '')
  if (kafkaTls === 'off') {
    if (given.length === 0) return {}
    // who names certificates takes the connection for encrypted
    const help = 'Set --kafka-tls on, or leave the file out.'
    throw new Failure('USAGE', `${given[0]} is set, and kafkaTls is off`, { field: 'kafkaTls', help })
  }
  if ((kafkaCertFile === '') !== (kafkaKeyFile === '')) {
    const lacking = kafkaCertFile === '' ? 'kafkaCertFile' : 'kafkaKeyFile'
    throw new Failure('USAGE', `a certificate and its key go together, and ${lacking} is empty`, { field: lacking })
  }
  return { tls: Object.fromEntries(given.map(setting => [tlsFiles[setting], text(setting, config[setting])])) }
}

function text(field: TlsFile, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Failure('USAGE', `${field} is ${file}, which cannot be read`, { field, cause })
  }
}

/** Those that `npm run stack` has started, if it has. */
function brokersOfStack(): string[] {
  const own = new URL('../../.slipstream/stack.json', import.meta.url)
  for (const file of [resolve('.slipstream/stack.json'), own]) {
    try {
      const { kafka } = JSON.parse(readFileSync(file, 'utf8')) as { kafka?: { bootstrap: string[] } }
      if (kafka) return kafka.bootstrap
    } catch {
      // none here
    }
  }
  throw new Failure('USAGE', 'the engine is kafka, and no broker is named', {
    field: 'kafkaBrokers',
    help: 'Set --kafka-brokers HOST:PORT,... or start some here: npm run stack -- up',
  })
}

/** As topics/ says. */
function retentionDays(): Record<string, number> {
  const folder = new URL('../../topics/', import.meta.url)
  const days: Record<string, number> = {}
  for (const file of readdirSync(folder)) {
    const contract = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
      name: string
      retentionDays: number | null
    }
    if (contract.retentionDays !== null) days[contract.name] = contract.retentionDays
  }
  return days
}
