// The digest of a topic, computed from nothing but `slipstream topics tail --raw --json` and this text, which is that of
// src/runtime/digest.ts; nothing of the program is used.
//
//   record     uint32 key bytes, key, fingerprint (32 bytes), uint32 body bytes, Avro body     (big endian)
//              a tombstone has no fingerprint and a body of 0xffffffff bytes; bytes that no schema explains have zeros
//   partition  SHA-256 over its records in order; compacted: over the last record of each key, by key
//   topic      SHA-256 over the partitions' digests (32 bytes each) in order

import { createHash, type Hash } from 'node:crypto'
import { linesOf } from './children.ts'

export type TailedTopic = { readonly name: string; readonly partitions: readonly unknown[]; readonly cleanup: string }
type Line = { partition: number; key: string; fingerprint: string | null; body: string | null }

/** @returns SHA-256, hexadecimal, and how many records it stands for */
export async function tailDigest(dataDir: string, topic: TailedTopic): Promise<{ digest: string; records: number }> {
  const sums: Hash[] = topic.partitions.map(() => createHash('sha256'))
  const last: Map<string, Line>[] = topic.partitions.map(() => new Map())
  let records = 0
  for await (const text of linesOf(tailArgs(dataDir, topic.name))) {
    const line = JSON.parse(text) as Line
    records++
    if (topic.cleanup === 'compact') last[line.partition]?.set(line.key, line)
    else add(sums[line.partition] as Hash, line)
  }
  const whole = createHash('sha256')
  for (const [partition, sum] of sums.entries()) {
    const kept = last[partition] as Map<string, Line>
    for (const key of [...kept.keys()].sort()) add(sum, kept.get(key) as Line)
    whole.update(sum.digest())
  }
  return { digest: whole.digest('hex'), records }
}

function tailArgs(dataDir: string, topic: string): string[] {
  return ['topics', 'tail', topic, '--from-beginning', '--raw', '--json', '--data-dir', dataDir]
}

function add(sum: Hash, { key, fingerprint, body }: Line): void {
  const keyBytes = Buffer.from(key, 'utf8')
  sum.update(uint32(keyBytes.length)).update(keyBytes)
  if (body === null) {
    sum.update(uint32(0xffff_ffff))
    return
  }
  const bodyBytes = Buffer.from(body, 'base64')
  sum.update(fingerprint === null ? Buffer.alloc(32) : Buffer.from(fingerprint, 'hex'))
  sum.update(uint32(bodyBytes.length)).update(bodyBytes)
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
