// A batch: consecutive records of one partition in one run of bytes, as log-sqlite stores them. Record after record:
//
//   varint   key bytes * 2, plus 1 if headers follow
//            key, UTF-8
//   varint   value bytes + 1, or 0 for a tombstone
//            value
//   only with headers: varint, how many; for each the name and the text, both as varint bytes and UTF-8
//
// A varint is 7 bits a byte, lowest first, the eighth bit set on all but the last.

import { Failure } from '../lib/failure.ts'
import { type Append, type LogRecord, recordBytesMax } from '../runtime/log.ts'
import { textOf } from './short-strings.ts'

/** What Buffer has and its type declarations leave out: no checks of arguments, so that a short key costs half. */
type RawBuffer = Buffer & { utf8Write(text: string, at: number): number }

const startBytes = 4096
const varintBytesMax = 5

/** Takes records until the caller has had enough, then gives their bytes; used over and over. */
export class BatchWriter {
  #buffer = Buffer.allocUnsafeSlow(startBytes) as RawBuffer
  #at = 0
  count = 0

  get byteCount(): number {
    return this.#at
  }

  /** @throws Failure RECORD_TOO_LARGE */
  add({ key, value, headers, topic }: Append): void {
    const valueBytes = value === null ? 0 : value.length
    if (valueBytes + key.length * 3 > recordBytesMax) assertFits(topic, Buffer.byteLength(key) + valueBytes)
    this.#reserve(valueBytes + key.length * 3 + 2 * varintBytesMax)
    this.#text(key, headers ? 1 : 0, 2)
    if (value === null) {
      this.#varint(0)
    } else {
      this.#varint(valueBytes + 1)
      this.#buffer.set(value, this.#at)
      this.#at += valueBytes
    }
    if (headers) this.#headers(headers, topic)
    this.count++
  }

  /** The bytes of what was added, valid until the next `add` or `clear`. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at)
  }

  clear(): void {
    this.#at = 0
    this.count = 0
  }

  #headers(headers: Readonly<Record<string, string>>, topic: string): void {
    const entries = Object.entries(headers)
    const bytesMost = entries.reduce((sum, [name, text]) => sum + (name.length + text.length) * 3, 0)
    assertFits(topic, bytesMost / 3)
    this.#reserve(bytesMost + (2 * entries.length + 1) * varintBytesMax)
    this.#varint(entries.length)
    for (const [name, text] of entries) {
      this.#text(name, 0, 1)
      this.#text(text, 0, 1)
    }
  }

  /** Length (times `scale`, plus `flag`) and text; the text is written first, its length in bytes being unknown. */
  #text(text: string, flag: number, scale: number): void {
    const start = this.#at
    const byteCount = this.#buffer.utf8Write(text, start + 1)
    const length = byteCount * scale + flag
    if (length < 0x80) {
      this.#buffer[start] = length
      this.#at = start + 1 + byteCount
      return
    }
    const shift = varintSize(length)
    this.#buffer.copyWithin(start + shift, start + 1, start + 1 + byteCount)
    this.#varint(length)
    this.#at += byteCount
  }

  #varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#at++] = rest
  }

  #reserve(byteCount: number): void {
    const needed = this.#at + byteCount
    if (needed <= this.#buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length)) as RawBuffer
    grown.set(this.bytes(), 0)
    this.#buffer = grown
  }
}

/** Walks through the bytes of one batch. Values are views into the bytes, not copies. */
export class BatchReader {
  readonly #bytes: Buffer
  #at = 0
  /** Offset of the record that `next` gives. */
  offset: number

  /** @param base the offset of the first record */
  constructor(bytes: Uint8Array, base: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.offset = base
  }

  /** Key and value bytes of the record that `next` gives. */
  peekBytes(): number {
    const start = this.#at
    const keyBytes = this.#varint() >>> 1
    this.#at += keyBytes
    const valueBytes = this.#varint()
    this.#at = start
    return keyBytes + Math.max(0, valueBytes - 1)
  }

  skip(): void {
    const tag = this.#varint()
    this.#at += tag >>> 1
    const length = this.#varint()
    if (length > 1) this.#at += length - 1
    if (tag & 1) this.#skipTexts(2 * this.#varint())
    this.offset++
  }

  #skipTexts(count: number): void {
    for (let texts = count; texts > 0; texts--) {
      // read first: the length's own bytes move the place
      const length = this.#varint()
      this.#at += length
    }
  }

  next(): LogRecord {
    const bytes = this.#bytes
    const tag = this.#varint()
    const keyFrom = this.#at
    const keyTo = keyFrom + (tag >>> 1)
    const key = textOf(bytes, keyFrom, keyTo)
    this.#at = keyTo
    const length = this.#varint()
    let value: Uint8Array | null = null
    if (length > 0) {
      const from = this.#at
      this.#at = from + length - 1
      value = bytes.subarray(from, this.#at)
    }
    const offset = this.offset++
    return (tag & 1) === 0 ? { offset, key, value } : { offset, key, value, headers: this.#headers() }
  }

  #headers(): Record<string, string> {
    const headers: [name: string, text: string][] = []
    for (let left = this.#varint(); left > 0; left--) headers.push([this.#text(), this.#text()])
    return Object.fromEntries(headers)
  }

  #text(): string {
    const byteCount = this.#varint()
    const from = this.#at
    this.#at = from + byteCount
    return textOf(this.#bytes, from, this.#at)
  }

  #varint(): number {
    const bytes = this.#bytes
    let byte = bytes[this.#at++] as number
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = bytes[this.#at++] as number
      value |= (byte & 0x7f) << shift
    }
    return value
  }
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++
  return size
}

function assertFits(topic: string, byteCount: number): void {
  if (byteCount <= recordBytesMax) return
  throw new Failure('RECORD_TOO_LARGE', `a record of ${byteCount} bytes for ${topic}; the most is ${recordBytesMax}`, {
    help: 'Send one event a record.',
  })
}
