// The program on a real registry and an S3 server: nothing that comes out depends on where schemas and models lie.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { differenceBetween, replay } from '../../scripts/proof/runs.ts'
import { ownSchemas } from '../../src/app/own-schemas.ts'
import { cli, documentOf } from '../cli/cli.ts'
import { skipUnless } from '../skips.ts'

const registry = inject('registry')
const s3 = inject('s3')
const here = skipUnless(
  registry !== null && s3 !== null,
  'Tests on a schema registry and an S3 server need Java 17, Maven and Python 3 with venv',
  'apt-get install openjdk-17-jre-headless maven python3-venv',
)
const root = mkdtempSync(path.join(tmpdir(), 'slipstream-stores-'))
let folders = 0
const newFolder = () => path.join(root, `${folders++}`)
afterAll(() => rmSync(root, { recursive: true, force: true }))

const day = '--from 2013-02-08 --to 2013-02-08 --model-from 2013-02-07T05:00:00Z'.split(' ')
const onRegistry = ['--schema-registry-url', registry?.url ?? '']
const onS3 = (prefix: string) => [
  '--s3-endpoint',
  s3?.url ?? '',
  '--s3-bucket',
  s3?.bucket ?? '',
  '--s3-prefix',
  prefix,
  '--s3-access-key',
  s3?.accessKey ?? '',
  '--s3-secret-key',
  s3?.secretKey ?? '',
]

here.describe('on a registry and an S3 server', () => {
  test('a day with schemas on a registry and models on S3 has the digests of the embedded engine', async () => {
    const dataDir = newFolder()
    const [embedded, spread] = [
      await replay(newFolder(), day),
      await replay(dataDir, [...day, ...onRegistry, ...onS3(`test-${process.pid}-${Date.now()}/`)]),
    ]
    expect(embedded.events).toBeGreaterThan(3000)
    expect(spread).toMatchObject({ balanced: true, events: embedded.events })
    expect(differenceBetween(embedded, spread)).toBeNull()
    // nothing lies where it lies without them
    expect(existsSync(path.join(dataDir, 'blobs'))).toBe(false)
    expect(existsSync(path.join(dataDir, 'schemas.json'))).toBe(false)
    // the folder goes on with them, and has no key of theirs
    const kept = readFileSync(path.join(dataDir, 'slipstream.json'), 'utf8')
    expect(JSON.parse(kept)).toMatchObject({ schemaRegistryUrl: registry?.url, s3Bucket: s3?.bucket })
    expect(kept).not.toContain(s3?.secretKey)
  })

  test('a folder whose topics were made first keeps what it was begun with all the same', async () => {
    const dataDir = newFolder()
    expect((await cli(['topics', 'create', '--data-dir', dataDir, '--partitions', '3'])).code).toBe(0)
    await replay(dataDir, [...day, '--horizons', '60'])
    const kept = JSON.parse(readFileSync(path.join(dataDir, 'slipstream.json'), 'utf8')) as object
    expect(kept).toMatchObject({ partitions: 3, horizons: [60] })
  })

  test('topics create registers our schemas once', async () => {
    const args = ['topics', 'create', '--data-dir', newFolder(), ...onRegistry, '--json']
    const first = await cli(args)
    expect([first.code, first.err]).toEqual([0, ''])
    expect(documentOf(first)).toMatchObject({ registered: ownSchemas().length })
    const again = await cli([...args, '--dry-run'])
    expect(documentOf(again)).toMatchObject({ schemas: [], missing: [], registered: null })
  })
})

test('a registry that refuses one of our schemas is quoted, and nothing is made', async () => {
  const posted: string[] = []
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    const url = request.url ?? ''
    if (url.endsWith('/versions')) posted.push(url)
    const isMark = url.includes('Mark')
    const other = JSON.stringify({
      type: 'record',
      name: 'Mark',
      namespace: 'slipstream',
      fields: [{ name: 'at', type: 'string' }],
    })
    if (isMark && url.endsWith('/versions/latest')) response.end('{"id": 7}')
    else if (url.endsWith('/schemas/ids/7')) response.end(JSON.stringify({ schema: other }))
    else {
      response.statusCode = 404
      response.end('{"message": "not found", "error_code": 40401}')
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const dataDir = newFolder()
  const refused = await cli(['topics', 'create', '--data-dir', dataDir, '--schema-registry-url', url])
  expect(refused.code).toBe(4)
  expect(refused.out).toMatch(/^! +\S*Mark +.*cannot be registered/m)
  expect(posted).toEqual([])
  const seen = await cli(['topics', 'create', '--data-dir', dataDir, '--dry-run', '--json'])
  expect(documentOf<{ missing: unknown[] }>(seen).missing.length).toBeGreaterThan(10)
  server.closeAllConnections()
  server.close()
})

test('a registry that is down stops the making of topics, with what to do', async () => {
  const args = ['topics', 'create', '--data-dir', newFolder(), '--schema-registry-url', 'http://127.0.0.1:1', '--json']
  const { code, err } = await cli(args)
  expect(code).toBe(1)
  expect(err).toContain('SCHEMAS_UNREACHABLE')
})
