// schemas-registry: a Confluent-compatible registry of schemas, over HTTP.
//
//   R1  The registry is asked when a process starts and for ids that nobody here has met, never for a record: what it
//       answered is kept in a file of the data folder, since an id never changes its meaning. With it a process starts,
//       and a stage goes on, while the registry is away.
//   R2  An id that is unknown is asked for once, and again only after a while: a stream of bad records is no load on it.
//   R3  Schemas are registered one after the other, so that an empty registry gives them the ids it gave them before.
//   R4  A registry that gives a schema another id than it once did has lost its memory: refused, because records are
//       about that carry the old ids.

import registryClient from '@kafkajs/confluent-schema-registry'
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel'
import { Failure, failureIn } from '../lib/failure.ts'
import type { Schemas } from '../runtime/schemas.ts'
import { readRows, writeRows } from './schema-file.ts'
import { assertReads, type SchemaTableRow, withoutSpace } from './schema-table.ts'

// it is CommonJS: Node finds only some of its names by itself
const { SchemaRegistry, SchemaType } = registryClient

export type RegistryAccess = {
  /** Of its Confluent API, as http://localhost:8081 or http://localhost:8080/apis/ccompat/v7. */
  readonly url: string
  /** Empty: none is sent. */
  readonly user?: string
  readonly password?: string
}

export type SchemasRegistryOptions = RegistryAccess & {
  /** Where its answers are kept. */
  readonly file: string
  /** `new`: a schema whose id is in the file is not asked for again. */
  readonly asks?: 'always' | 'new'
  /** Leaves the file as it is. */
  readonly readOnly?: boolean
  /** How long one request may take. */
  readonly timeoutMs?: number
  /** How long an unknown id stays unknown without being asked for. */
  readonly forgetMs?: number
  readonly now?: () => number
}

/** What registering a schema would do. */
export type SchemaState = 'registered' | 'new subject' | 'new version'

/** Ids are signed 32-bit integers at the registry. */
const idMax = 2 ** 31 - 1

const patience = { timeoutMs: 5000, forgetMs: 10_000, now: Date.now }

type ClientOptions = ConstructorParameters<typeof SchemaRegistry>[0]
type Middleware = NonNullable<ClientOptions['middlewares']>[number]

export class SchemasRegistry implements Schemas {
  readonly #o: Required<SchemasRegistryOptions>
  readonly #registry: InstanceType<typeof SchemaRegistry>
  readonly #rows: SchemaTableRow[]
  readonly #texts: Map<number, string>
  /** By id: until when it is not asked for. */
  readonly #unknown = new Map<number, number>()
  /** What the registry answered, word for word; the client has it parsed. */
  readonly #answered = new Map<number, string>()
  #turn: Promise<unknown> = Promise.resolve()

  /** @throws Failure STATE_CORRUPT when the file is none, USAGE when the URL is none */
  constructor(options: SchemasRegistryOptions) {
    this.#o = { user: '', password: '', asks: 'always', readOnly: false, ...patience, ...options }
    const { url, user, password, file } = this.#o
    assertUrl(url)
    this.#rows = readRows(file)
    this.#texts = new Map(this.#rows.map(({ id, schema }) => [id, schema]))
    this.#registry = new SchemaRegistry({
      host: url.replace(/\/$/, ''),
      clientId: 'slipstream',
      retry: { retries: 0 },
      middlewares: [this.#middleware],
      ...(user === '' ? {} : { auth: { username: user, password } }),
    })
  }

  register(subject: string, schema: string): Promise<number> {
    const turn = this.#turn.then(() => this.#register(subject, schema))
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async idsOf(subject: string, schema: string): Promise<readonly number[]> {
    const rows = this.#rows.filter(row => row.subject === subject)
    const ids = rows.map(({ id }) => id)
    if (rows.some(row => same(row.schema, schema))) return ids
    const id = await this.#idAsked(subject, schema)
    if (id === undefined) return ids
    // what was asked for is what is there
    if (!this.#texts.has(id)) this.#keep({ id, subject, schema })
    return [...ids, id]
  }

  async byId(id: number): Promise<string> {
    const text = this.#texts.get(id)
    if (text !== undefined) return text
    if (id < 1 || id > idMax || (this.#unknown.get(id) ?? 0) > this.#o.now()) throw unknown(id)
    try {
      await this.#ask(() => this.#registry.getSchema(id))
    } catch (error) {
      if (statusOf(error) === undefined) throw error
      if (statusOf(error) === 404) {
        if (this.#unknown.size > 10_000) this.#unknown.clear()
        this.#unknown.set(id, this.#o.now() + this.#o.forgetMs)
        throw unknown(id, error)
      }
      throw this.#unreachable(error)
    }
    const found = this.#answered.get(id)
    if (found === undefined) throw unknown(id)
    this.#keep({ id, subject: '', schema: found })
    return found
  }

  /**
   * What `register` would do; nothing is changed.
   * @throws Failure SCHEMA_INCOMPATIBLE, SCHEMAS_UNREACHABLE
   */
  async stateOf(subject: string, schema: string): Promise<SchemaState> {
    if ((await this.#idAsked(subject, schema)) !== undefined) return 'registered'
    let latest: number
    try {
      latest = await this.#ask(() => this.#registry.getLatestSchemaId(subject))
    } catch (error) {
      if (statusOf(error) === 404) return 'new subject'
      throw this.#refusal(subject, error)
    }
    assertReads(subject, schema, await this.byId(latest))
    return 'new version'
  }

  /** The id that the registry has for a schema of a subject. @throws Failure SCHEMA_INCOMPATIBLE, SCHEMAS_UNREACHABLE */
  async #idAsked(subject: string, schema: string): Promise<number | undefined> {
    const avro = { type: SchemaType.AVRO, schema: withoutSpace(schema) } as const
    try {
      return await this.#ask(() => this.#registry.getRegistryIdBySchema(subject, avro))
    } catch (error) {
      // its class for "not there" has no status
      if ((error as Error).name === 'ConfluentSchemaRegistryError') return undefined
      throw this.#refusal(subject, error)
    }
  }

  async #register(subject: string, schema: string): Promise<number> {
    const known = this.#rows.find(row => row.subject === subject && same(row.schema, schema))
    if (known && this.#o.asks === 'new') return known.id
    let id: number
    try {
      // some registries take another spacing for another schema
      const avro = { type: SchemaType.AVRO, schema: withoutSpace(schema) } as const
      const asked = () => this.#registry.register(avro, { subject })
      id = (await this.#ask(asked)).id
    } catch (error) {
      const failure = this.#refusal(subject, error)
      if (known && failure.code === 'SCHEMAS_UNREACHABLE') return known.id
      throw failure
    }
    const meant = this.#texts.get(id)
    if ((known && known.id !== id) || (meant !== undefined && !same(meant, schema))) throw this.#changed(subject, id)
    if (!known) this.#keep({ id, subject, schema })
    return id
  }

  #keep(row: SchemaTableRow): void {
    this.#rows.push(row)
    this.#texts.set(row.id, row.schema)
    this.#unknown.delete(row.id)
    if (this.#o.readOnly) return
    try {
      writeRows(this.#o.file, this.#rows)
    } catch (cause) {
      throw new Failure('LOG_UNREACHABLE', `cannot write ${this.#o.file}: ${(cause as Error).message}`, { cause })
    }
  }

  /** Tried again for a moment; a pause of the registry that lasts is for who asked. */
  #ask<T>(request: () => Promise<T>): Promise<T> {
    const again = handleWhen(error => (statusOf(error) ?? 0) >= 500)
    const backoff = new ExponentialBackoff({ initialDelay: 100, maxDelay: 1000 })
    return retry(again, { maxAttempts: 2, backoff }).execute(request)
  }

  /** The client waits for ever, and keeps no text of a schema. */
  readonly #middleware: Middleware = () => ({
    request: request => Promise.resolve(request.enhance({ timeout: this.#o.timeoutMs })),
    response: async next => {
      const response = await next()
      const [, id] = /\/schemas\/ids\/(\d+)$/.exec(response.request().url()) ?? []
      const { schema } = (response.data() ?? {}) as { schema?: unknown }
      if (id !== undefined && typeof schema === 'string') this.#answered.set(Number(id), schema)
      return response
    },
  })

  #refusal(subject: string, error: unknown): Failure {
    const own = failureIn(error)
    if (own) return own
    const status = statusOf(error)
    const isVerdict = status === undefined || status === 409 || status === 422 || status === 400
    if (!isVerdict) return this.#unreachable(error)
    return new Failure('SCHEMA_INCOMPATIBLE', `${subject} cannot be registered: ${said(error)}`, {
      help: 'Give new fields a default; never change the type of a field. The subject must be of compatibility BACKWARD.',
      cause: error,
    })
  }

  #unreachable(error: unknown): Failure {
    const { url } = this.#o
    const isStranger = statusOf(error) === 401 || statusOf(error) === 403
    return new Failure('SCHEMAS_UNREACHABLE', `the schema registry at ${url} does not answer: ${said(error)}`, {
      help: isStranger
        ? 'Set SLIPSTREAM_SCHEMA_REGISTRY_USER and SLIPSTREAM_SCHEMA_REGISTRY_PASSWORD as the registry knows them.'
        : 'Check that it runs and that schemaRegistryUrl names its Confluent API.',
      cause: error,
    })
  }

  #changed(subject: string, id: number): Failure {
    const message = `the schema registry at ${this.#o.url} now gives ${subject} the id ${id}; ${this.#o.file} says otherwise`
    return new Failure('SCHEMA_ID_CHANGED', message, {
      help: 'Put the memory of the registry back. If the topics are new as well, remove the file and start again.',
    })
  }
}

function assertUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isHttp = parsed?.protocol === 'http:' || parsed?.protocol === 'https:'
  // a password there would be in every message that names the address
  if (isHttp && parsed.username === '' && parsed.password === '') return
  const takes = 'takes http://HOST:PORT or https://HOST:PORT and a path, without user and password'
  throw new Failure('USAGE', `schemaRegistryUrl ${takes}`, { field: 'schemaRegistryUrl' })
}

function same(one: string, other: string): boolean {
  return one === other || withoutSpace(one) === withoutSpace(other)
}

function unknown(id: number, cause?: unknown): Failure {
  return new Failure('SCHEMA_UNKNOWN', `there is no schema ${id} in the registry`, { cause })
}

/** The status of an answer that was no success; 503 when there was none. */
function statusOf(error: unknown): number | undefined {
  const { status, message } = (error ?? {}) as { status?: unknown; message?: unknown }
  if (typeof status !== 'number') return undefined
  // the client takes a connection that failed for a bad request; a registry says why in a `message`
  return status === 400 && / - Error, status 400/.test(String(message)) ? 503 : status
}

/** In the words of the registry. */
function said(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/^slipstream - (Error, status 400: )?/, '').replace(/^(?:[a-z]+\.)+[A-Z]\w*Exception: /, '')
}
