// Digests: what a topic holds, in 32 bytes that do not know which engine, registry or batch size it came through.
//
//   record     uint32 key bytes, key, fingerprint (32 bytes), uint32 body bytes, Avro body     (big endian)
//              a tombstone has no fingerprint and a body of 0xffffffff bytes
//   partition  SHA-256 over its records in order; compacted: over the last record of each key, by key
//   topic      SHA-256 over the partitions' digests (32 bytes each) in order
//   canonical  SHA-256 over the records of all partitions in an order that no partition decides
//
// Schema ids, headers, offsets and the broker's timestamps stay outside.

import { createHash, type Hash } from 'node:crypto'
import type { Log, LogRecord } from './log.ts'
import { type Codec, wireHeaderBytes } from './schemas.ts'

export type DigestSource = { readonly log: Log; readonly codec: Codec }

const readBytes = 4_000_000
const noBody = 0xffff_ffff
/** The fingerprint of bytes that no schema explains. */
const unexplained = Buffer.alloc(32)

/** @returns SHA-256 of a topic, hexadecimal; for a compacted topic over the last value of each key */
export async function topicDigest(source: DigestSource, topic: string): Promise<string> {
  const spec = (await source.log.topics()).find(({ name }) => name === topic)
  const whole = createHash('sha256')
  for (let partition = 0; partition < (spec?.partitions ?? 0); partition++) {
    const sum = new RecordHash(source.codec)
    const read = readAll(source.log, topic, partition)
    if (spec?.cleanup === 'compact') {
      const last = new Map<string, LogRecord>()
      for await (const record of read) last.set(record.key, record)
      for (const record of last.values()) await sum.meet(record)
      for (const key of [...last.keys()].sort()) sum.add(last.get(key) as LogRecord)
    } else {
      for await (const record of read) {
        await sum.meet(record)
        sum.add(record)
      }
    }
    whole.update(sum.digest())
  }
  return whole.digest('hex')
}

/** Every record of a partition that is kept now. */
export async function* readAll(log: Log, topic: string, partition: number, from = 0): AsyncGenerator<LogRecord> {
  for (let at = from; ; ) {
    const chunk = await log.read(topic, partition, at, { bytesMax: readBytes })
    yield* chunk.records
    if (chunk.records.length === 0 && chunk.next === at) return
    at = chunk.next
  }
}

/** Sums records into SHA-256, a slab at a time. */
export class RecordHash {
  readonly #codec: Codec
  readonly #hash: Hash = createHash('sha256')
  readonly #fingerprints = new Map<number, Buffer>()
  readonly #met = new Set<number>()
  #slab = Buffer.allocUnsafe(1 << 18)
  #used = 0

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** Learns the schema of a record that the program does not have itself; call before `add`. */
  async meet({ value }: Pick<LogRecord, 'value'>): Promise<void> {
    if (!value || value.length < wireHeaderBytes) return
    const id = new DataView(value.buffer, value.byteOffset).getUint32(1)
    if (this.#met.has(id)) return
    this.#met.add(id)
    if (this.#fingerprintOf(value).equals(unexplained)) await this.#codec.learn()
  }

  add({ key, value }: Pick<LogRecord, 'key' | 'value'>): void {
    const room = 8 + 3 * key.length + 32 + (value?.length ?? 0)
    if (this.#used + room > this.#slab.length) this.#flush(room)
    const slab = this.#slab
    const keyBytes = slab.write(key, this.#used + 4)
    let at = slab.writeUInt32BE(keyBytes, this.#used) + keyBytes
    if (value) {
      const fingerprint = this.#fingerprintOf(value)
      const body = fingerprint === unexplained ? value : value.subarray(wireHeaderBytes)
      at += fingerprint.copy(slab, at)
      at = slab.writeUInt32BE(body.length, at)
      slab.set(body, at)
      at += body.length
    } else at = slab.writeUInt32BE(noBody, at)
    this.#used = at
  }

  digest(): Buffer {
    this.#flush(0)
    return this.#hash.digest()
  }

  #flush(room: number): void {
    this.#hash.update(this.#slab.subarray(0, this.#used))
    this.#used = 0
    if (room > this.#slab.length) this.#slab = Buffer.allocUnsafe(room)
  }

  /** Bytes that no schema of ours explains (garbage in flights.events) stand as they are, all of them, behind zeros. */
  #fingerprintOf(value: Uint8Array): Buffer {
    if (value.length < wireHeaderBytes || value[0] !== 0) return unexplained
    const id = new DataView(value.buffer, value.byteOffset).getUint32(1)
    const known = this.#fingerprints.get(id)
    if (known) return known
    try {
      const fingerprint = Buffer.from(this.#codec.fingerprint(value), 'hex')
      this.#fingerprints.set(id, fingerprint)
      return fingerprint
    } catch {
      return unexplained
    }
  }
}

/** How to bring records of all partitions into one order: by event time first, in which each partition rises. */
export type Order<T> = {
  readonly timeOf: (value: T) => number
  readonly keyOf: (value: T) => string
  /** null leaves a record out. */
  readonly shown: (name: string, value: T) => Uint8Array | null
}

/**
 * The digest of a topic's content whatever its partitions: merged by event time, within one instant sorted by key.
 * Memory is that of the records of one instant.
 */
export async function canonicalDigest<T>(
  { log, codec }: DigestSource,
  topic: string,
  order: Order<T>,
): Promise<string> {
  const spec = (await log.topics()).find(({ name }) => name === topic)
  const sum = createHash('sha256')
  type Head = { at: number; key: string; bytes: Uint8Array }
  const cursors: { next: () => Promise<Head | null>; head: Head | null }[] = []
  for (let partition = 0; partition < (spec?.partitions ?? 0); partition++) {
    const records = readAll(log, topic, partition)
    const next = async (): Promise<Head | null> => {
      for (;;) {
        const { value: record, done } = await records.next()
        if (done) return null
        if (!record.value) continue
        const { name, value } = codec.decode(record.value)
        const bytes = order.shown(name, value as T)
        if (bytes) return { at: order.timeOf(value as T), key: order.keyOf(value as T), bytes }
      }
    }
    cursors.push({ next, head: await next() })
  }
  for (;;) {
    const at = Math.min(...cursors.map(({ head }) => head?.at ?? Number.POSITIVE_INFINITY))
    if (!Number.isFinite(at)) return sum.digest('hex')
    const instant: Head[] = []
    for (const cursor of cursors) {
      for (; cursor.head && cursor.head.at <= at; cursor.head = await cursor.next()) instant.push(cursor.head)
    }
    instant.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    for (const { bytes } of instant) sum.update(bytes)
  }
}
