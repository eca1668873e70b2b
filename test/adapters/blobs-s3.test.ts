import { createHash } from 'node:crypto'
import { createServer, type RequestOptions, request as requestTo, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetObjectCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { BlobsS3, type BlobsS3Options } from '../../src/adapters/blobs-s3.ts'
import { describeBlobs } from '../contracts/blobs.ts'
import { skipUnless } from '../skips.ts'

const s3 = inject('s3')
const here = skipUnless(s3 !== null, 'Tests of blobs on S3 need Python 3 with venv', 'apt-get install python3-venv')
const keys = { accessKey: s3?.accessKey ?? 'a', secretKey: s3?.secretKey ?? 'b' }
const server = { endpoint: s3?.url ?? 'http://127.0.0.1:1', region: 'us-east-1', bucket: s3?.bucket ?? 'b', ...keys }
const partBytes = 5 << 20
const run = `test-${process.pid}-${Math.random().toString(36).slice(2)}`

let prefixes = 0
function open(more: Partial<BlobsS3Options> = {}): BlobsS3 {
  return new BlobsS3({ ...server, prefix: `${run}/${++prefixes}/`, partBytes, ...more })
}

/** The bucket as others see it. */
function plainClient(): S3Client {
  const credentials = { accessKeyId: keys.accessKey, secretAccessKey: keys.secretKey }
  return new S3Client({ endpoint: server.endpoint, region: server.region, forcePathStyle: true, credentials })
}

const noise = (length: number) => Buffer.from(new Uint8Array(length).map((_, at) => (at * 7919) >> 3))
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

here.describe('on an S3 server', () => {
  afterAll(async () => {
    const all = open({ prefix: `${run}/` })
    const left = await all.list('')
    for (let at = 0; at < left.length; at += 50) {
      await Promise.all(left.slice(at, at + 50).map(address => all.delete(address)))
    }
  })

  describeBlobs('blobs-s3', () => open())

  test('a blob of several parts comes back whole, and nothing of its upload is left', async () => {
    const blobs = open()
    for (const length of [partBytes, partBytes + 1, 3 * partBytes, 3 * partBytes + 17]) {
      const bytes = noise(length)
      await blobs.put('large', bytes)
      expect(Buffer.from(await blobs.get('large')).equals(bytes)).toBe(true)
    }
    const { Uploads } = await plainClient().send(new ListMultipartUploadsCommand({ Bucket: server.bucket }))
    expect((Uploads ?? []).filter(({ Key }) => Key?.startsWith(run))).toEqual([])
  })

  test.each([
    ['small', 10],
    ['of several parts', partBytes + 10],
  ])('content that is its own address is written once: %s', async (_what, length) => {
    const prefix = `${run}/once-${length}/`
    const bytes = noise(length)
    const address = `models/${hashOf(bytes)}`
    await open({ prefix }).put(address, bytes)
    const object = { Bucket: server.bucket, Key: prefix + address }
    const { LastModified, ETag } = await plainClient().send(new GetObjectCommand(object))
    await Promise.all(Array.from({ length: 5 }, () => open({ prefix }).put(address, bytes)))
    expect(await plainClient().send(new GetObjectCommand(object))).toMatchObject({ LastModified, ETag })
    // somebody else's under its name
    await plainClient().send(new PutObjectCommand({ ...object, Body: 'foreign', Metadata: { sha256: 'f00' } }))
    await expect(open({ prefix }).put(address, bytes)).rejects.toMatchObject({ code: 'BLOB_ALTERED' })
  })

  test('an object that was altered behind our back is refused', async () => {
    const prefix = `${run}/altered/`
    const blobs = open({ prefix })
    await blobs.put('state', Buffer.from('original'))
    const sha256 = hashOf(Buffer.from('original'))
    const object = { Bucket: server.bucket, Key: `${prefix}state` }
    await plainClient().send(new PutObjectCommand({ ...object, Body: 'oRiginal', Metadata: { sha256 } }))
    await expect(blobs.get('state')).rejects.toMatchObject({ code: 'BLOB_ALTERED', next: 'stop' })
    await plainClient().send(new PutObjectCommand({ ...object, Body: 'original' }))
    await expect(blobs.get('state')).rejects.toMatchObject({ code: 'BLOB_ALTERED' })
    // what it is named after says the same
    await plainClient().send(new PutObjectCommand({ ...object, Key: prefix + sha256, Body: 'original' }))
    expect(Buffer.from(await blobs.get(sha256)).toString()).toBe('original')
  })

  test('more objects than one page of a list are all listed', async () => {
    const blobs = open()
    const addresses = Array.from({ length: 1005 }, (_, at) => `many/${String(at).padStart(4, '0')}`)
    for (let at = 0; at < addresses.length; at += 50) {
      await Promise.all(addresses.slice(at, at + 50).map(address => blobs.put(address, Buffer.from(address))))
    }
    expect(await blobs.list('many/')).toEqual(addresses)
  })

  test('pipelines under other prefixes do not see each other', async () => {
    const [one, other] = [open({ prefix: `${run}/a/` }), open({ prefix: `${run}/ab/` })]
    await one.put('x', Buffer.from('one'))
    await other.put('y', Buffer.from('other'))
    expect(await one.list('')).toEqual(['x'])
    await expect(one.get('y')).rejects.toMatchObject({ code: 'BLOB_MISSING' })
  })

  test('wrong keys and a bucket that is not there are told, without the keys', async () => {
    const stranger = open({ accessKey: 'nobody', secretKey: 'open-sesame', retries: 0 })
    const failure = await stranger.put('a', Buffer.from('one')).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'BLOBS_UNREACHABLE',
      help: expect.stringContaining('SLIPSTREAM_S3_SECRET_KEY') as string,
    })
    const { message, cause } = failure as Error
    expect([message, JSON.stringify(cause), String((cause as Error).stack)].join()).not.toContain('open-sesame')
    const nowhere = open({ bucket: 'slipstream-nowhere', retries: 0 })
    await expect(nowhere.get('a')).rejects.toMatchObject({ code: 'BLOBS_UNREACHABLE' })
  })

  describe('on a bad road', () => {
    let road: Server
    let spoil: (count: number) => 'drop' | 'busy' | 'silence' | 'half' | undefined
    let asked: string[]
    let bad: (more?: Partial<BlobsS3Options>) => BlobsS3

    beforeEach(async () => {
      asked = []
      road = createServer((incoming, outgoing) => {
        asked.push(`${incoming.method} ${incoming.url}`)
        const fault = spoil(asked.length)
        if (fault === 'silence') return
        if (fault === 'drop') {
          incoming.socket.destroy()
          return
        }
        if (fault === 'busy') {
          outgoing.statusCode = 503
          outgoing.end('<Error><Code>SlowDown</Code><Message>not so fast</Message></Error>')
          return
        }
        const { hostname, port } = new URL(server.endpoint)
        const options: RequestOptions = { hostname, port, path: incoming.url, method: incoming.method }
        const passed = requestTo({ ...options, headers: incoming.headers }, answer => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
          if (fault === 'half') {
            answer.once('data', (piece: Buffer) => {
              outgoing.write(piece.subarray(0, piece.length >> 1), () => outgoing.destroy())
            })
          } else answer.pipe(outgoing)
        })
        incoming.pipe(passed)
      })
      await new Promise<void>(resolve => road.listen(0, '127.0.0.1', resolve))
      const { port } = road.address() as AddressInfo
      // signed for the address that the server knows itself by
      bad = more => open({ endpoint: `http://127.0.0.1:${port}`, timeoutMs: 5000, ...more })
    })
    afterEach(() => {
      road.closeAllConnections()
      road.close()
    })

    test('requests that fail once are repeated', async () => {
      const faults = ['drop', 'busy', undefined, 'half'] as const
      spoil = count => faults[count - 1]
      const blobs = bad()
      await blobs.put('a', noise(100_000))
      expect(asked).toHaveLength(3)
      expect(Buffer.from(await blobs.get('a')).equals(noise(100_000))).toBe(true)
      expect(asked).toHaveLength(5)
    })

    test('a lost part of a large blob is sent again alone', async () => {
      spoil = count => (count === 3 ? 'drop' : undefined)
      const blobs = bad()
      await blobs.put('large', noise(3 * partBytes))
      // begin, three parts, one of them twice, end
      expect(asked).toHaveLength(6)
      expect(Buffer.from(await blobs.get('large')).equals(noise(3 * partBytes))).toBe(true)
    })

    test('a server that is busy for long is a failure to repeat', async () => {
      spoil = () => 'busy'
      await expect(bad({ retries: 2 }).put('a', Buffer.from('one'))).rejects.toMatchObject({
        code: 'BLOBS_UNREACHABLE',
        next: 'retry',
        message: expect.stringContaining('SlowDown') as string,
      })
      expect(asked).toHaveLength(3)
    })

    test('a server that does not answer in time is given up', async () => {
      spoil = () => 'silence'
      const message = expect.stringContaining('no answer within 50 ms') as string
      const blobs = bad({ timeoutMs: 50, retries: 1 })
      await expect(blobs.get('a')).rejects.toMatchObject({ code: 'BLOBS_UNREACHABLE', message })
      await expect(blobs.list('')).rejects.toMatchObject({ code: 'BLOBS_UNREACHABLE', message })
    })
  })
})

test('a server that is away is told by name', async () => {
  const away = open({ endpoint: 'http://127.0.0.1:1', retries: 1 })
  const message = expect.stringMatching(/127\.0\.0\.1:1.*ECONNREFUSED/) as string
  await expect(away.get('a')).rejects.toMatchObject({ code: 'BLOBS_UNREACHABLE', next: 'retry', message })
  await expect(away.put('a', Buffer.from('one'))).rejects.toMatchObject({ code: 'BLOBS_UNREACHABLE', message })
  await expect(away.delete('a')).rejects.toMatchObject({ code: 'BLOBS_UNREACHABLE', message })
})

test.each(['s3:9000', 'ftp://s3', 'http://key:open-sesame@s3'])('refuses the endpoint %j', endpoint => {
  expect(() => open({ endpoint })).toThrow(expect.objectContaining({ code: 'USAGE', field: 's3Endpoint' }))
})
