// The HTTP interface of a ClickHouse server, as far as ours uses it, over the embedded engine: the very parser, formats and
// tables of a server, behind the very requests that one gets. A process of its own, so that it can be killed.
//
// A setting of a request becomes `SET` on a connection that only requests with the same settings share; an INSERT with
// data takes its own in the statement, and its data from a file.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const { folder, port, password } = JSON.parse(process.argv[2] as string) as {
  folder: string
  port: number
  password: string
}

type Session = { queryAsync: (sql: string, options: { format: string }) => Promise<{ text: () => string }> }
const load = createRequire(new URL('../../warehouse/package.json', import.meta.url))
const { Session } = load('chdb') as { Session: new (path: string) => Session }

const incoming = join(folder, 'incoming')
mkdirSync(incoming, { recursive: true })
const sessions = new Map<string, Promise<Session>>()
let files = 0

const ours = new Set(['query', 'database', 'query_id', 'session_id', 'default_format', 'wait_end_of_query', 'role'])
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

function sessionFor(database: string, settings: readonly (readonly [string, string])[]): Promise<Session> {
  const key = JSON.stringify([database, settings])
  let session = sessions.get(key)
  if (!session) {
    session = openSession(database, settings)
    sessions.set(key, session)
    session.catch(() => sessions.delete(key))
  }
  return session
}

async function openSession(database: string, settings: readonly (readonly [string, string])[]): Promise<Session> {
  const session = new Session(join(folder, 'clickhouse'))
  const say = (sql: string) => session.queryAsync(sql, { format: 'TSV' })
  await say(`USE ${database}`)
  // no setting can be given after this one
  for (const [name, value] of settings.toSorted(([a], [b]) => Number(a === 'readonly') - Number(b === 'readonly'))) {
    await say(`SET ${name} = ${quoted(value)}`)
  }
  return session
}

async function run(url: URL, body: Buffer): Promise<string> {
  const database = url.searchParams.get('database') ?? 'default'
  const settings = [...url.searchParams].filter(([name]) => !ours.has(name))
  const query = url.searchParams.get('query')
  if (query === null) {
    const session = await sessionFor(database, settings)
    return (await session.queryAsync(body.toString(), { format: 'TSV' })).text()
  }
  const session = await sessionFor(database, [])
  const [, into, format] = /^(INSERT INTO [^)]*\)) FORMAT (\w+)$/.exec(query.trim()) ?? []
  const file = join(incoming, `${++files}`)
  writeFileSync(file, body)
  const given = settings.map(([name, value]) => `${name} = ${quoted(value)}`).join(', ')
  try {
    const sql = `${into} FROM INFILE ${quoted(file)} SETTINGS ${given} FORMAT ${format}`
    return (await session.queryAsync(sql, { format: 'TSV' })).text()
  } finally {
    rmSync(file, { force: true })
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

const server = createServer((request, response) => {
  const answer = async () => {
    const url = new URL(request.url ?? '/', 'http://server')
    const body = await bodyOf(request)
    const expected = `Basic ${Buffer.from(`slipstream:${password}`).toString('base64')}`
    if (password !== '' && request.headers.authorization !== expected) {
      response.statusCode = 403
      return 'Code: 516. DB::Exception: slipstream: Authentication failed. (AUTHENTICATION_FAILED) (version 26.7)'
    }
    try {
      return await run(url, body)
    } catch (error) {
      response.statusCode = 500
      return (error as Error).message
    }
  }
  answer().then(
    text => response.end(text),
    (error: unknown) => response.destroy(error as Error),
  )
})
server.listen(port, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify(server.address())}\n`)
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
