// Record batches (magic 2) as they lie on the wire and in a broker's log. Offsets are those of the broker, integers big
// endian, `varint` zigzag as in Protocol Buffers.
//
//   offset  size  what
//   0       8     offset of the first record
//   8       4     bytes that follow
//   12      4     leader epoch
//   16      1     magic: 2
//   17      4     CRC-32C of all that follows
//   21      2     attributes: bits 0-2 compression, 4 transactional, 5 control
//   23      4     offset of the last record, less that of the first
//   27      16    first and largest timestamp
//   43      8     producer id
//   51      2     producer epoch
//   53      4     sequence of the first record
//   57      4     number of records
//   61            records: varint length, then attributes (1), varint timestamp and offset deltas, key and value as
//                 varint length (-1: null) and bytes, varint number of headers, each a key and a value
//
// A reader in read_committed gets the aborted records too and leaves them out itself, by the list of aborted
// transactions that comes with them.

import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { Failure } from '../lib/failure.ts'
import type { Append, LogRecord } from '../runtime/log.ts'
import { textOf } from './short-strings.ts'

const headBytes = 61
const lengthAt = 8
const crcAt = 17
const attributesAt = 21
const transactional = 0x10
const control = 0x20

export type AbortedTransaction = { readonly producerId: bigint; readonly firstOffset: number }

/** Committed records from an offset on; `next` is where to read on, undefined when the bytes hold no whole batch. */
export type Unpacked = { readonly records: LogRecord[]; readonly next: number | undefined }

/** @throws Failure TOPIC_MISMATCH when a batch is compressed in a way that is not known here */
export function unpackBatches(bytes: Buffer, from: number, aborted: readonly AbortedTransaction[]): Unpacked {
  const waiting = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
  const ending = new Set<bigint>()
  const records: LogRecord[] = []
  let next: number | undefined
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const end = at + 12 + bytes.readInt32BE(at + lengthAt)
    // the last batch may be cut off
    if (end > bytes.length) break
    const first = Number(bytes.readBigInt64BE(at))
    const last = first + bytes.readInt32BE(at + 23)
    const attributes = bytes.readInt16BE(at + attributesAt)
    const producerId = bytes.readBigInt64BE(at + 43)
    while (waiting[0] && waiting[0].firstOffset <= last) ending.add((waiting.shift() as AbortedTransaction).producerId)
    if ((attributes & control) !== 0) {
      // the marker that ends a transaction of this producer: what it writes afterwards is another one's
      if (isAbort(bytes, at + headBytes)) ending.delete(producerId)
    } else if ((attributes & transactional) === 0 || !ending.has(producerId)) {
      readRecords(bytes.subarray(at, end), { first, from, compression: attributes & 7 }, records)
    }
    next = last + 1
    at = end
  }
  return { records, next }
}

/** A control record's key: int16 version, int16 kind (0 abort, 1 commit). */
function isAbort(bytes: Buffer, at: number): boolean {
  const reader = new Reader(bytes, at)
  reader.varint()
  reader.at += 1
  reader.varint()
  reader.varint()
  reader.varint()
  return bytes.readInt16BE(reader.at + 2) === 0
}

type Batch = { readonly first: number; readonly from: number; readonly compression: number }

function readRecords(batch: Buffer, { first, from, compression }: Batch, into: LogRecord[]): void {
  const count = batch.readInt32BE(57)
  const reader = new Reader(decompressed(batch, compression), 0)
  for (let index = 0; index < count; index++) {
    const length = reader.varint()
    const end = reader.at + length
    reader.at += 1
    reader.varlong()
    const offset = first + reader.varint()
    if (offset >= from) into.push(reader.record(offset))
    reader.at = end
  }
}

function decompressed(batch: Buffer, compression: number): Buffer {
  const body = batch.subarray(headBytes)
  if (compression === 0) return body
  if (compression === 1) return gunzipSync(body)
  if (compression === 4) return zstdDecompressSync(body)
  throw new Failure('TOPIC_MISMATCH', `a record batch is compressed with ${compression === 2 ? 'snappy' : 'lz4'}`, {
    help: 'Set compression.type=uncompressed on the topic (topics create does), or gzip or zstd in the producer.',
  })
}

class Reader {
  readonly #bytes: Buffer
  at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  varint(): number {
    const bytes = this.#bytes
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[this.at++] as number
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    return (value >>> 1) ^ -(value & 1)
  }

  /** Passes over one. */
  varlong(): void {
    while ((this.#bytes[this.at++] as number) >= 0x80);
  }

  record(offset: number): LogRecord {
    const key = this.#text() ?? ''
    const length = this.varint()
    const value = length < 0 ? null : this.#bytes.subarray(this.at, this.at + length)
    this.at += Math.max(0, length)
    const count = this.varint()
    if (count === 0) return { offset, key, value }
    const headers: [string, string][] = []
    for (let index = 0; index < count; index++) headers.push([this.#text() ?? '', this.#text() ?? ''])
    // not by assignment: a producer may name a header `__proto__`
    return { offset, key, value, headers: Object.fromEntries(headers) }
  }

  #text(): string | null {
    const length = this.varint()
    if (length < 0) return null
    const start = this.at
    this.at += length
    return textOf(this.#bytes, start, this.at)
  }
}

export type Producer = { readonly id: bigint; readonly epoch: number; readonly firstSequence: number }

/** One batch of one transaction, uncompressed. The offset of the first record and the times are the broker's to set. */
export function packBatch(appends: readonly Append[], { id, epoch, firstSequence }: Producer, now: number): Buffer {
  const writer = new Writer(headBytes + sizeAtMost(appends))
  for (const [index, append] of appends.entries()) writer.record(append, index)
  const batch = writer.taken()
  batch.fill(0, 0, headBytes)
  batch.writeInt32BE(batch.length - 12, lengthAt)
  batch.writeInt32BE(-1, 12)
  batch.writeInt8(2, 16)
  batch.writeInt16BE(transactional, attributesAt)
  batch.writeInt32BE(appends.length - 1, 23)
  batch.writeBigInt64BE(BigInt(now), 27)
  batch.writeBigInt64BE(BigInt(now), 35)
  batch.writeBigInt64BE(id, 43)
  batch.writeInt16BE(epoch, 51)
  batch.writeInt32BE(firstSequence, 53)
  batch.writeInt32BE(appends.length, 57)
  batch.writeUInt32BE(crc32c(batch, attributesAt), crcAt)
  return batch
}

/** Bytes that a record takes in a batch at most. */
export function recordBytesAtMost({ key, value, headers }: Append): number {
  let size = 32 + 3 * key.length + (value?.length ?? 0)
  if (headers) for (const [name, text] of Object.entries(headers)) size += 10 + 3 * (name.length + text.length)
  return size
}

function sizeAtMost(appends: readonly Append[]): number {
  return appends.reduce((sum, append) => sum + recordBytesAtMost(append), 0)
}

class Writer {
  readonly #bytes: Buffer
  #at = headBytes

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size)
  }

  record({ key, value, headers }: Append, index: number): void {
    const named = headers ? Object.entries(headers) : none
    const keyBytes = byteCountOf(key)
    let size = 2 + varintBytes(index) + varintBytes(keyBytes) + keyBytes + varintBytes(named.length)
    size += value ? varintBytes(value.length) + value.length : 1
    for (const [name, text] of named) size += textBytes(name) + textBytes(text)
    this.#varint(size)
    this.#bytes[this.#at++] = 0
    this.#varint(0)
    this.#varint(index)
    this.#text(key, keyBytes)
    if (value) {
      this.#varint(value.length)
      this.#bytes.set(value, this.#at)
      this.#at += value.length
    } else this.#varint(-1)
    this.#varint(named.length)
    for (const [name, text] of named) {
      this.#text(name, byteCountOf(name))
      this.#text(text, byteCountOf(text))
    }
  }

  taken(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  #varint(value: number): void {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#at++] = rest
  }

  #text(text: string, byteCount: number): void {
    this.#varint(byteCount)
    const bytes = this.#bytes
    if (byteCount > asciiMax || byteCount !== text.length) {
      this.#at += bytes.write(text, this.#at)
      return
    }
    // as many bytes as characters: each is one
    for (let index = 0; index < byteCount; index++) bytes[this.#at++] = text.charCodeAt(index)
  }
}

const none: [string, string][] = []
/** Longer texts are left to Buffer. */
const asciiMax = 64

function byteCountOf(text: string): number {
  const { length } = text
  if (length > asciiMax) return Buffer.byteLength(text)
  for (let index = 0; index < length; index++) if (text.charCodeAt(index) >= 0x80) return Buffer.byteLength(text)
  return length
}

function textBytes(text: string): number {
  const byteCount = byteCountOf(text)
  return varintBytes(byteCount) + byteCount
}

/** Of a number that is not negative. */
function varintBytes(value: number): number {
  if (value < 0x40) return 1
  if (value < 0x2000) return 2
  if (value < 0x10_0000) return 3
  return value < 0x800_0000 ? 4 : 5
}

/**
 * Castagnoli's polynomial, reflected, eight bytes at a time ("slicing-by-8": M. E. Kounavis and F. L. Berry, 2005): the
 * table numbered n holds what a byte makes of the sum when n more bytes follow it.
 */
const crcTables = new Int32Array(8 * 256)
for (let byte = 0; byte < 256; byte++) {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  crcTables[byte] = value
}
for (let at = 256; at < crcTables.length; at++) {
  const before = crcTables[at - 256] as number
  crcTables[at] = (before >>> 8) ^ (crcTables[before & 0xff] as number)
}

export function crc32c(bytes: Uint8Array, from = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let sum = -1
  let at = from
  for (const last = bytes.length - 8; at <= last; at += 8) {
    const low = sum ^ view.getInt32(at, true)
    const high = view.getInt32(at + 4, true)
    sum =
      (crcTables[1792 | (low & 0xff)] as number) ^
      (crcTables[1536 | ((low >>> 8) & 0xff)] as number) ^
      (crcTables[1280 | ((low >>> 16) & 0xff)] as number) ^
      (crcTables[1024 | (low >>> 24)] as number) ^
      (crcTables[768 | (high & 0xff)] as number) ^
      (crcTables[512 | ((high >>> 8) & 0xff)] as number) ^
      (crcTables[256 | ((high >>> 16) & 0xff)] as number) ^
      (crcTables[high >>> 24] as number)
  }
  for (; at < bytes.length; at++) sum = (sum >>> 8) ^ (crcTables[(sum ^ (bytes[at] as number)) & 0xff] as number)
  return ~sum >>> 0
}
