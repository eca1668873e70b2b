// Fetch as log-kafka speaks it, over the connections of kafkajs, and what its other calls are written and read with. The
// calls of kafkajs decode and encode a record through several objects each; these hand bytes over, and give the last stable
// offset with them.

import type { WireRequest } from 'kafkajs/src/cluster/index.js'
import type { AbortedTransaction } from './log-kafka-batch.ts'

export type FetchAsked = {
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly partitions: readonly { readonly topic: string; readonly partition: number; readonly from: number }[]
}

export type FetchedPartition = {
  readonly topic: string
  readonly partition: number
  /** 0: no error. */
  readonly errorCode: number
  /** Where committed records end. */
  readonly stableEnd: number
  readonly aborted: readonly AbortedTransaction[]
  readonly bytes: Buffer
}

const readCommitted = 1

/** Fetch, version 11, without a session; answers once there is a byte or the time is up. */
export function fetchRequest({ maxWaitMs, maxBytes, partitions }: FetchAsked): WireRequest<FetchedPartition[]> {
  const encode = () => {
    const out = new WireWriter(64 + partitions.reduce((sum, { topic }) => sum + 40 + 3 * topic.length, 0))
    out.int32(-1).int32(maxWaitMs).int32(1).int32(maxBytes).int8(readCommitted).int32(0).int32(-1)
    out.int32(partitions.length)
    for (const { topic, partition, from } of partitions) {
      out.text(topic).int32(1).int32(partition).int32(-1).int64(from).int64(-1).int32(maxBytes)
    }
    return out.int32(0).text('').done()
  }
  return wire({ apiKey: 1, apiVersion: 11, apiName: 'Fetch' }, encode, decodeFetch)
}

function decodeFetch(payload: Buffer): FetchedPartition[] {
  const reader = new WireReader(payload)
  reader.int32()
  const errorCode = reader.int16()
  reader.int32()
  const found: FetchedPartition[] = []
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.text()
    for (let count = reader.int32(); count > 0; count--) {
      const partition = reader.int32()
      const own = reader.int16()
      reader.int64()
      const stableEnd = Number(reader.int64())
      reader.int64()
      const aborted: AbortedTransaction[] = []
      for (let left = reader.int32(); left > 0; left--) {
        aborted.push({ producerId: reader.int64(), firstOffset: Number(reader.int64()) })
      }
      reader.int32()
      found.push({ topic, partition, errorCode: errorCode || own, stableEnd, aborted, bytes: reader.bytes() })
    }
  }
  return found
}

type Api = { readonly apiKey: number; readonly apiVersion: number; readonly apiName: string }

export function wire<T>(api: Api, encode: () => Buffer, decode: (payload: Buffer) => T): WireRequest<T> {
  return {
    request: {
      ...api,
      encode: async () => {
        const buffer = encode()
        return { buf: buffer, buffer }
      },
    },
    response: { decode: async payload => decode(payload), parse: async decoded => decoded },
    logResponseError: false,
  }
}

export class WireWriter {
  readonly #bytes: Buffer
  #at = 0

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size)
  }

  int8(value: number): this {
    this.#at = this.#bytes.writeInt8(value, this.#at)
    return this
  }

  int16(value: number): this {
    this.#at = this.#bytes.writeInt16BE(value, this.#at)
    return this
  }

  int32(value: number): this {
    this.#at = this.#bytes.writeInt32BE(value, this.#at)
    return this
  }

  int64(value: number | bigint): this {
    this.#at = this.#bytes.writeBigInt64BE(BigInt(value), this.#at)
    return this
  }

  text(text: string): this {
    const length = this.#bytes.write(text, this.#at + 2)
    this.int16(length)
    this.#at += length
    return this
  }

  nullable(text: string | null): this {
    return text === null ? this.int16(-1) : this.text(text)
  }

  bytes(bytes: Buffer): this {
    this.int32(bytes.length)
    this.#at += bytes.copy(this.#bytes, this.#at)
    return this
  }

  /** How many follow, in the flexible form: one more, seven bits a byte, the lowest first. */
  count(count: number): this {
    return this.#varint(count + 1)
  }

  compactText(text: string): this {
    return this.compactBytes(Buffer.from(text))
  }

  compactBytes(bytes: Buffer): this {
    this.count(bytes.length)
    this.#at += bytes.copy(this.#bytes, this.#at)
    return this
  }

  /** Tagged fields, of which there are none. */
  tags(): this {
    return this.#varint(0)
  }

  #varint(value: number): this {
    let rest = value
    for (; rest >= 0x80; rest >>>= 7) this.#at = this.#bytes.writeUInt8((rest & 0x7f) | 0x80, this.#at)
    this.#at = this.#bytes.writeUInt8(rest, this.#at)
    return this
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }
}

export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int16(): number {
    this.#at += 2
    return this.#bytes.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  int64(): bigint {
    this.#at += 8
    return this.#bytes.readBigInt64BE(this.#at - 8)
  }

  text(): string {
    const length = this.int16()
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  nullable(): string | null {
    const length = this.int16()
    if (length < 0) return null
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  bytes(): Buffer {
    return this.#taken(this.int32())
  }

  /** How many follow, in the flexible form; -1 for none at all. */
  count(): number {
    return this.#varint() - 1
  }

  compactText(): string {
    return this.#taken(this.count()).toString()
  }

  tags(): ReadonlyMap<number, Buffer> {
    const tags = new Map<number, Buffer>()
    for (let left = this.#varint(); left > 0; left--) tags.set(this.#varint(), this.#taken(this.#varint()))
    return tags
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#at++)
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  #taken(length: number): Buffer {
    this.#at += Math.max(0, length)
    return this.#bytes.subarray(this.#at - Math.max(0, length), this.#at)
  }
}
