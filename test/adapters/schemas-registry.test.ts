import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { CodecAvro } from '../../src/adapters/codec-avro.ts'
import { SchemasRegistry, type SchemasRegistryOptions } from '../../src/adapters/schemas-registry.ts'
import { describeSchemas, note } from '../contracts/schemas.ts'
import { skipUnless } from '../skips.ts'
import { newFolders } from './folders.ts'

const registry = inject('registry')
const here = skipUnless(
  registry !== null,
  'Tests of the schema registry need Java 17 and Maven',
  'apt-get install openjdk-17-jre-headless maven',
)
const url = registry?.url ?? ''
const newFolder = newFolders()
const newFile = () => path.join(newFolder(), 'schemas-registry.json')
const id = { name: 'id', type: 'string' }
const first = note(id)
const second = note(id, { name: 'count', type: 'int', default: 0 })

/** Subjects of the tests are taken away for good; those of others stay. */
async function forget(): Promise<void> {
  const subjects = (await (await fetch(`${url}/subjects`)).json()) as string[]
  for (const subject of subjects.filter(name => name.startsWith('test.'))) {
    for (const how of ['', '?permanent=true']) await fetch(`${url}/subjects/${subject}${how}`, { method: 'DELETE' })
  }
}

here.describe('on a real registry', () => {
  describeSchemas('schemas-registry', async () => {
    await forget()
    return new SchemasRegistry({ url, file: newFile() })
  })

  test('another process gives out the same ids, and reads what it has not written', async () => {
    await forget()
    const given = await new SchemasRegistry({ url, file: newFile() }).register('test.Note', first)
    const other = new SchemasRegistry({ url, file: newFile() })
    expect(JSON.parse(await other.byId(given))).toEqual(JSON.parse(first))
    expect(await other.register('test.Note', first)).toBe(given)
  })

  test('a subject that was made here is checked by the registry, whoever comes next', async () => {
    await forget()
    await new SchemasRegistry({ url, file: newFile() }).register('test.Note', first)
    const foreign = await fetch(`${url}/subjects/test.Note/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: note({ name: 'id', type: 'int' }) }),
    })
    expect(foreign.status).toBe(409)
  })

  test('says what registering would do, and does nothing', async () => {
    await forget()
    const schemas = new SchemasRegistry({ url, file: newFile() })
    expect(await schemas.stateOf('test.Note', first)).toBe('new subject')
    await schemas.register('test.Note', first)
    expect(await schemas.stateOf('test.Note', first)).toBe('registered')
    expect(await schemas.stateOf('test.Note', second)).toBe('new version')
    expect(await schemas.stateOf('test.Note', second)).toBe('new version')
    const changed = schemas.stateOf('test.Note', note({ name: 'id', type: 'int' }))
    await expect(changed).rejects.toMatchObject({ code: 'SCHEMA_INCOMPATIBLE' })
  })

  test('our own schemas go in, and a record goes through', async () => {
    const folder = new URL('../../schemas/', import.meta.url)
    const texts = readdirSync(folder).map(file => readFileSync(new URL(file, folder), 'utf8'))
    const codec = await CodecAvro.open(new SchemasRegistry({ url, file: newFile() }), texts)
    const bytes = codec.encode('Mark', { at: 1_360_000_000_000, step: null })
    const other = await CodecAvro.open(new SchemasRegistry({ url, file: newFile() }), texts)
    expect(other.decode(bytes)).toEqual(codec.decode(bytes))
  })
})

describe('a registry that misbehaves', () => {
  let server: Server
  let asked: string[]
  let answer: (request: IncomingMessage, response: ServerResponse) => void
  let open: (more?: Partial<SchemasRegistryOptions>) => SchemasRegistry

  beforeEach(async () => {
    asked = []
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.setHeader('content-type', 'application/json')
      answer(request, response)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const file = newFile()
    open = more => new SchemasRegistry({ url: `http://127.0.0.1:${port}`, file, timeoutMs: 2000, ...more })
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const giving =
    (given: number): typeof answer =>
    (request, response) =>
      response.end(
        JSON.stringify(request.url?.startsWith('/config') ? { compatibilityLevel: 'BACKWARD' } : { id: given }),
      )
  const failing: typeof answer = (_, response) => {
    response.statusCode = 500
    response.end('{"message": "out of order"}')
  }

  test('one that answers 500 is a failure to repeat, in its words', async () => {
    answer = failing
    await expect(open().register('test.Note', first)).rejects.toMatchObject({
      code: 'SCHEMAS_UNREACHABLE',
      next: 'retry',
      message: expect.stringContaining('out of order') as string,
    })
    await expect(open().byId(7)).rejects.toMatchObject({ code: 'SCHEMAS_UNREACHABLE' })
  })

  test('one that is slow is given up', async () => {
    answer = () => undefined
    const schemas = open({ timeoutMs: 50 })
    await expect(schemas.byId(7)).rejects.toMatchObject({ code: 'SCHEMAS_UNREACHABLE' })
  })

  test('one that is down does not stop who has its answers', async () => {
    answer = giving(7)
    expect(await open().register('test.Note', first)).toBe(7)
    answer = failing
    const again = open()
    expect(await again.register('test.Note', first)).toBe(7)
    expect(await again.byId(7)).toBe(first)
    await expect(again.register('test.Note', second)).rejects.toMatchObject({ code: 'SCHEMAS_UNREACHABLE' })
  })

  test('a codec goes on while the registry is away, and asks for an unknown id once', async () => {
    answer = giving(7)
    const codec = await CodecAvro.open(open(), [first])
    const bytes = codec.encode('Note', { id: 'a' })
    answer = (_, response) => {
      response.statusCode = 404
      response.end('{"message": "no such schema", "error_code": 40403}')
    }
    const stranger = Uint8Array.of(0, 0, 0, 0, 9, 1)
    asked = []
    for (let turn = 0; turn < 100; turn++) {
      expect(() => codec.decode(stranger)).toThrow(expect.objectContaining({ code: 'SCHEMA_UNKNOWN' }))
      expect(await codec.learn()).toBe(false)
      expect(codec.decode(bytes).value).toEqual({ id: 'a' })
    }
    expect(asked).toEqual(['GET /schemas/ids/9'])
  })

  test('a reader asks, registers nothing and keeps nothing', async () => {
    answer = giving(7)
    const file = newFile()
    const reader = await CodecAvro.openReader(open({ file, readOnly: true }), [first])
    expect(asked).toEqual(['POST /subjects/test.Note'])
    const writer = await CodecAvro.open(open(), [first])
    expect(reader.decode(writer.encode('Note', { id: 'a' })).value).toEqual({ id: 'a' })
    expect(existsSync(file)).toBe(false)
  })

  test('an id that was unknown is asked for again after a while', async () => {
    let now = 0
    answer = (_, response) => {
      response.statusCode = 404
      response.end('{}')
    }
    const schemas = open({ now: () => now, forgetMs: 1000 })
    await expect(schemas.byId(9)).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    answer = (_, response) => response.end(JSON.stringify({ schema: first }))
    now = 999
    await expect(schemas.byId(9)).rejects.toMatchObject({ code: 'SCHEMA_UNKNOWN' })
    now = 1000
    expect(await schemas.byId(9)).toBe(first)
    expect(await schemas.byId(9)).toBe(first)
    expect(asked).toHaveLength(2)
  })

  test('one that gives other ids than it did is refused', async () => {
    answer = giving(7)
    await open().register('test.Note', first)
    answer = giving(8)
    await expect(open().register('test.Note', first)).rejects.toMatchObject({ code: 'SCHEMA_ID_CHANGED' })
    answer = giving(7)
    await expect(open().register('test.Other', second)).rejects.toMatchObject({ code: 'SCHEMA_ID_CHANGED' })
    // who only asks for new ones has it from the file
    answer = giving(8)
    expect(await open({ asks: 'new' }).register('test.Note', first)).toBe(7)
  })

  test('user and password are sent, and stand in no message', async () => {
    let header: string | undefined
    answer = (request, response) => {
      header = request.headers.authorization
      response.statusCode = 401
      response.end('{"message": "who are you"}')
    }
    const refused = open({ user: 'ann', password: 'open-sesame' }).register('test.Note', first)
    const failure = await refused.catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'SCHEMAS_UNREACHABLE', help: expect.stringContaining('PASSWORD') as string })
    expect(header).toBe(`Basic ${Buffer.from('ann:open-sesame').toString('base64')}`)
    const { message, help, stack, cause } = failure as Error & { help: string }
    const texts = [message, help, stack, String((cause as Error).stack), JSON.stringify(cause)]
    expect(texts.join()).not.toContain('open-sesame')
  })

  test.each(['', 'registry:8081', 'ftp://registry', 'http://ann:open-sesame@registry'])(
    'refuses the address %j',
    address => {
      let failure: unknown
      try {
        open({ url: address })
      } catch (error) {
        failure = error
      }
      expect(failure).toMatchObject({ code: 'USAGE', field: 'schemaRegistryUrl' })
      expect((failure as Error).message).not.toContain('open-sesame')
    },
  )

  test('a file of answers that is damaged is refused', () => {
    const damaged = newFolder()
    writeFileSync(damaged, '{')
    expect(() => open({ file: damaged })).toThrow(expect.objectContaining({ code: 'STATE_CORRUPT' }))
  })
})
