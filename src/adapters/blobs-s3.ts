// blobs-s3: one object a blob, under a prefix of a bucket, on S3 or a server that speaks like it.
//
//   S1  Beside every object stands the SHA-256 of its content (metadata `sha256`), and what is read is held against it.
//       An address whose last name is that hash speaks for itself.
//   S2  An object whose address is the hash of its content is written once (If-None-Match: *): a second `put` finds it
//       there, and finding another content is an error.
//   S3  Large blobs go out and come in by parts, each a request of its own that is repeated alone. An upload that fails
//       is taken back, so that no parts are left to be paid for.
//   S4  Every request has a time limit and is tried again, later and later, when that can help: the connection broke,
//       the server is busy or in trouble. The SDK's own retries are off, so that there is one policy.
//   S5  Keys come from the settings or from where the SDK looks for them (environment, role of the machine), and stand in
//       no message.

import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import {
  ExponentialBackoff,
  handleWhen,
  type IPolicy,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel'
import { Failure, failureIn } from '../lib/failure.ts'
import type { Blobs } from '../runtime/blobs.ts'
import { assertAddress, missing } from './blob-address.ts'

export type BlobsS3Options = {
  /** Of a server that speaks like S3; empty: that of AWS for the region. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** Before every address, such as `team/slipstream/`; empty: the bucket is ours alone. */
  readonly prefix: string
  /** Empty: the SDK looks for both itself. */
  readonly accessKey: string
  readonly secretKey: string
  /** Of one request; a part is at most `partBytes` long. */
  readonly timeoutMs?: number
  /** Tries after the first. */
  readonly retries?: number
  /** From 5 MiB on, as S3 asks. */
  readonly partBytes?: number
}

const defaults = { timeoutMs: 30_000, retries: 4, partBytes: 8 << 20 }
/** Parts of one blob that are under way at once. */
const partsAtOnce = 2

type Uploaded = { readonly PartNumber: number; readonly ETag: string | undefined }
type Read = { readonly bytes: Uint8Array; readonly length: number; readonly sha256: string | undefined }

export class BlobsS3 implements Blobs {
  readonly #o: Required<BlobsS3Options>
  readonly #client: S3Client
  readonly #policy: IPolicy

  /** @throws Failure USAGE */
  constructor(options: BlobsS3Options) {
    this.#o = { ...defaults, ...options }
    const { endpoint, region, accessKey, secretKey, timeoutMs, retries } = this.#o
    assertEndpoint(endpoint)
    this.#client = new S3Client({
      region,
      maxAttempts: 1,
      // S1 says more than the SDK's checksums, which not every server knows
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(endpoint === '' ? {} : { endpoint, forcePathStyle: true }),
      ...(accessKey === '' ? {} : { credentials: { accessKeyId: accessKey, secretAccessKey: secretKey } }),
    })
    const backoff = new ExponentialBackoff({ initialDelay: 100, maxDelay: 2000 })
    const again = retry(handleWhen(isPassing), { maxAttempts: retries, backoff })
    this.#policy = wrap(again, timeout(timeoutMs, TimeoutStrategy.Aggressive))
  }

  async put(address: string, bytes: Uint8Array): Promise<void> {
    assertAddress(address)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const once = nameOf(address) === sha256 ? { IfNoneMatch: '*' } : {}
    try {
      if (bytes.length > this.#o.partBytes) await this.#putParts(address, bytes, { sha256, once })
      else {
        const whole = { ...this.#object(address), Body: bytes, Metadata: { sha256 }, ...once }
        await this.#ask(signal => this.#client.send(new PutObjectCommand(whole), { abortSignal: signal }))
      }
    } catch (error) {
      if (statusOf(error) !== 412) throw this.#failure(`writing ${address}`, error)
      await this.#assertThere(address, sha256)
    }
  }

  async get(address: string): Promise<Uint8Array> {
    assertAddress(address)
    let read: Read
    // once more, in case the blob was replaced between two of its parts
    for (const isLast of [false, true]) {
      read = await this.#read(address)
      const known = read.sha256 ?? (/^[0-9a-f]{64}$/.test(nameOf(address)) ? nameOf(address) : undefined)
      const found = createHash('sha256').update(read.bytes).digest('hex')
      if (known === found) return read.bytes
      if (isLast) throw altered(address, known === undefined ? 'has no SHA-256 beside it' : `has SHA-256 ${found}`)
    }
    throw altered(address, 'cannot be read twice')
  }

  async list(prefix: string): Promise<readonly string[]> {
    const { bucket, prefix: own } = this.#o
    const addresses: string[] = []
    let from: string | undefined
    do {
      const page = { Bucket: bucket, Prefix: own + prefix, ...(from === undefined ? {} : { ContinuationToken: from }) }
      const { Contents, NextContinuationToken } = await this.#told(`listing ${prefix}`, signal =>
        this.#client.send(new ListObjectsV2Command(page), { abortSignal: signal }),
      )
      for (const { Key = '' } of Contents ?? []) addresses.push(Key.slice(own.length))
      from = NextContinuationToken
    } while (from !== undefined)
    // keys that end in a slash are what some tools take for folders
    return addresses.filter(address => address.startsWith(prefix) && !address.endsWith('/')).sort()
  }

  async delete(address: string): Promise<void> {
    assertAddress(address)
    const object = this.#object(address)
    await this.#told(`deleting ${address}`, signal =>
      this.#client.send(new DeleteObjectCommand(object), { abortSignal: signal }),
    )
  }

  #object(address: string): { Bucket: string; Key: string } {
    return { Bucket: this.#o.bucket, Key: this.#o.prefix + address }
  }

  /** Rule S4. */
  #ask<T>(request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#policy.execute(({ signal }) => request(signal))
  }

  async #told<T>(what: string, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.#ask(request)
    } catch (error) {
      throw this.#failure(what, error)
    }
  }

  /** Rule S3. */
  async #putParts(
    address: string,
    bytes: Uint8Array,
    { sha256, once }: { sha256: string; once: { IfNoneMatch?: string } },
  ): Promise<void> {
    const object = this.#object(address)
    const { UploadId } = await this.#ask(signal =>
      this.#client.send(new CreateMultipartUploadCommand({ ...object, Metadata: { sha256 } }), { abortSignal: signal }),
    )
    const upload = { ...object, UploadId }
    try {
      const Parts = await this.#inParts(bytes.length, async (PartNumber, from, to): Promise<Uploaded> => {
        const part = { ...upload, PartNumber, Body: bytes.subarray(from, to) }
        const { ETag } = await this.#ask(signal =>
          this.#client.send(new UploadPartCommand(part), { abortSignal: signal }),
        )
        return { PartNumber, ETag }
      })
      const whole = { ...upload, MultipartUpload: { Parts }, ...once }
      await this.#ask(signal => this.#client.send(new CompleteMultipartUploadCommand(whole), { abortSignal: signal }))
    } catch (error) {
      // completed after all, when the answer was lost and the request repeated
      if (nameIn(error) === 'NoSuchUpload' && (await this.#head(address)) === sha256) return
      await this.#ask(signal =>
        this.#client.send(new AbortMultipartUploadCommand(upload), { abortSignal: signal }),
      ).catch(() => undefined)
      throw error
    }
  }

  /** Runs `work` for each part of a length, some at once. @returns what it answered, in order */
  async #inParts<T>(length: number, work: (number: number, from: number, to: number) => Promise<T>): Promise<T[]> {
    const { partBytes } = this.#o
    const count = Math.ceil(length / partBytes)
    const done: T[] = []
    let next = 0
    const take = async () => {
      while (next < count) {
        const at = next++
        done[at] = await work(at + 1, at * partBytes, Math.min(length, (at + 1) * partBytes))
      }
    }
    await Promise.all(Array.from({ length: Math.min(partsAtOnce, count) }, take))
    return done
  }

  async #read(address: string): Promise<Read> {
    const { partBytes } = this.#o
    let first: Read
    try {
      first = await this.#range(address, `bytes=0-${partBytes - 1}`)
    } catch (error) {
      // an empty object has no range
      if (statusOf(error) !== 416) throw this.#failure(`reading ${address}`, error, address)
      first = await this.#range(address, undefined).catch((cause: unknown) => {
        throw this.#failure(`reading ${address}`, cause, address)
      })
    }
    const { length, sha256 } = first
    if (first.bytes.length >= length) return first
    const bytes = new Uint8Array(length)
    bytes.set(first.bytes.subarray(0, length))
    try {
      await this.#inParts(length, async (number, from, to) => {
        if (number > 1) bytes.set((await this.#range(address, `bytes=${from}-${to - 1}`)).bytes, from)
      })
    } catch (error) {
      // one that is shorter by now ends in a range that is not there
      if (statusOf(error) !== 416 && !(error instanceof RangeError)) {
        throw this.#failure(`reading ${address}`, error, address)
      }
    }
    return { bytes, length, sha256 }
  }

  #range(address: string, range: string | undefined): Promise<Read> {
    const object = { ...this.#object(address), ...(range === undefined ? {} : { Range: range }) }
    return this.#ask(async signal => {
      const answer = await this.#client.send(new GetObjectCommand(object), { abortSignal: signal })
      const body = answer.Body as Readable & { transformToByteArray: () => Promise<Uint8Array> }
      // the SDK's signal ends with the head of the answer
      signal.addEventListener('abort', () => body.destroy())
      const bytes = await body.transformToByteArray()
      const length = Number(/\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1] ?? bytes.length)
      return { bytes, length, sha256: answer.Metadata?.['sha256'] }
    })
  }

  /** @returns the SHA-256 that stands beside it; undefined when there is none */
  async #head(address: string): Promise<string | undefined> {
    const object = this.#object(address)
    const { Metadata } = await this.#ask(signal =>
      this.#client.send(new HeadObjectCommand(object), { abortSignal: signal }),
    )
    return Metadata?.['sha256']
  }

  /** Rule S2: what was there before is what was to be written. */
  async #assertThere(address: string, sha256: string): Promise<void> {
    const found = await this.#head(address).catch((error: unknown) => {
      throw this.#failure(`writing ${address}`, error)
    })
    if (found !== sha256) throw altered(address, `is there with SHA-256 ${found ?? 'unknown'}`)
  }

  #failure(what: string, error: unknown, address?: string): Failure {
    const own = failureIn(error)
    if (own) return own
    const status = statusOf(error)
    const name = nameIn(error)
    if (address !== undefined && status === 404 && name !== 'NoSuchBucket') return missing(address, error)
    const { bucket, endpoint, timeoutMs } = this.#o
    const where = endpoint === '' ? `bucket ${bucket}` : `bucket ${bucket} at ${endpoint}`
    const isLate = error instanceof TaskCancelledError || name === 'AbortError'
    const said = isLate ? `no answer within ${timeoutMs} ms` : `${name}: ${messageOf(error)}`
    return new Failure('BLOBS_UNREACHABLE', `${what} in ${where}: ${said}`, {
      help: helpFor(status, name),
      cause: error,
    })
  }
}

function helpFor(status: number | undefined, name: string): string {
  if (name === 'NoSuchBucket') return 'Make the bucket, or name another one in s3Bucket.'
  if (status === 403 || status === 401 || name === 'CredentialsProviderError')
    return 'Check SLIPSTREAM_S3_ACCESS_KEY and SLIPSTREAM_S3_SECRET_KEY, and that they may get, put, list and delete.'
  return 'Check that the server named in s3Endpoint runs and can be reached; it is tried again.'
}

function assertEndpoint(endpoint: string): void {
  if (endpoint === '') return
  const parsed = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const isHttp = parsed?.protocol === 'http:' || parsed?.protocol === 'https:'
  // keys there would be in every message that names the address
  if (isHttp && parsed.username === '' && parsed.password === '') return
  const takes = 'takes http://HOST:PORT or https://HOST:PORT, without keys'
  throw new Failure('USAGE', `s3Endpoint ${takes}`, { field: 's3Endpoint' })
}

/** Whether the same request may do better later. */
function isPassing(error: unknown): boolean {
  const status = statusOf(error)
  if (status !== undefined && status !== 0) return status >= 500 || status === 408 || status === 429
  // no answer at all: the connection broke, or time was up
  return nameIn(error) !== 'CredentialsProviderError'
}

function statusOf(error: unknown): number | undefined {
  const { $metadata, $response } = (error ?? {}) as {
    $metadata?: { httpStatusCode?: number }
    $response?: { statusCode?: number }
  }
  return $metadata?.httpStatusCode ?? $response?.statusCode
}

function nameIn(error: unknown): string {
  const { name, Code } = (error ?? {}) as { name?: string; Code?: string }
  return Code ?? name ?? 'Error'
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

/** The last name of an address. */
function nameOf(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1)
}

function altered(address: string, how: string): Failure {
  return new Failure('BLOB_ALTERED', `${address} ${how}, which is not what was put there`, {
    help: 'Put the original object back, and find out who else writes to the bucket.',
  })
}
