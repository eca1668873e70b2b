// Which partition a key belongs to: Kafka's default partitioner, murmur2 over the UTF-8 bytes of the key, so that
// producers of any make and our own place a flight alike. librdkafka needs partitioner=murmur2_random for that.
//
// murmur2, 32 bits, seed 0x9747b28c, as in org.apache.kafka.common.utils.Utils; partition = (hash & 0x7fffffff) % n.

const encoder = new TextEncoder()
const bytes = new Uint8Array(256)

/** @returns the partition of `key` among `count`, 0 to count - 1 */
export function partitionOf(key: string, count: number): number {
  if (count === 1) return 0
  return (murmur2(key) & 0x7fffffff) % count
}

/** Kafka's murmur2 of the UTF-8 bytes of `key`, a signed 32-bit integer. */
export function murmur2(key: string): number {
  const buffer = isAscii(key) ? bytes : encoder.encode(key)
  const length = buffer === bytes ? key.length : buffer.length
  const m = 0x5bd1e995
  let h = 0x9747b28c ^ length
  let i = 0
  for (; i + 4 <= length; i += 4) {
    let k = byte(buffer, i) | (byte(buffer, i + 1) << 8) | (byte(buffer, i + 2) << 16) | (byte(buffer, i + 3) << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    k = Math.imul(k, m)
    h = Math.imul(h, m) ^ k
  }
  // the last one to three bytes
  const rest = length - i
  if (rest === 3) h ^= byte(buffer, i + 2) << 16
  if (rest >= 2) h ^= byte(buffer, i + 1) << 8
  if (rest >= 1) h = Math.imul(h ^ byte(buffer, i), m)
  h ^= h >>> 13
  h = Math.imul(h, m)
  return h ^ (h >>> 15)
}

/** Writes the key to `bytes` if each of its characters is one byte: asking the encoder costs more than most keys. */
function isAscii(key: string): boolean {
  const { length } = key
  if (length > bytes.length) return false
  for (let i = 0; i < length; i++) {
    const code = key.charCodeAt(i)
    if (code >= 0x80) return false
    bytes[i] = code
  }
  return true
}

function byte(buffer: Uint8Array, index: number): number {
  return buffer[index] as number
}
