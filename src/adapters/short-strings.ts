// Short texts as they come out of bytes: carriers, airports, flight ids. The same ones come again and again, and to find
// the string that was made last time costs less than to have Buffer make another. So the last text of each hash is kept,
// next to its bytes; what is found is compared byte by byte, hence never wrong. Equal texts become one string, which
// helps maps as well.
//
// Two tables: codes of up to 7 bytes, which are two words with the length in the last byte, and the rest. Texts of 16
// bytes are in neither: they are hashes of contents, which come once and would drive out what comes again.

/** What Buffer has and its type declarations leave out. */
type RawBuffer = Uint8Array & { utf8Slice(from: number, to: number): string }

const codeBytesMax = 7
const codeSlots = 1 << 12
const codeWords = new Int32Array(codeSlots * 2)
const codes: string[] = Array.from({ length: codeSlots }, () => '')

const hashBytes = 16

const wordsMax = 12
const slotCount = 1 << 15
const slotWords = new Int32Array(slotCount * wordsMax)
const slotByteCounts = new Uint8Array(slotCount)
const slots: string[] = Array.from({ length: slotCount }, () => '')
/** The words of the text that is being looked up. */
const words = new Int32Array(wordsMax)

/** @returns the UTF-8 text of `bytes` from `from` to before `to`, which lie inside */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  const byteCount = to - from
  if (byteCount === 0) return ''
  if (byteCount <= codeBytesMax) return codeOf(bytes, from, to)
  if (byteCount === hashBytes) return hashOf(bytes, from)
  if (byteCount > 4 * wordsMax) return (bytes as RawBuffer).utf8Slice(from, to)
  let hash = byteCount
  let count = 0
  let at = from
  for (; at + 4 <= to; at += 4) {
    const word = wordAt(bytes, at)
    words[count++] = word
    hash = Math.imul(hash ^ word, 0x5bd1e995)
    hash ^= hash >>> 15
  }
  if (at < to) {
    const word = lastWordAt(bytes, at, to)
    words[count++] = word
    hash = Math.imul(hash ^ word, 0x5bd1e995)
  }
  const slot = (hash ^ (hash >>> 15)) & (slotCount - 1)
  const start = slot * wordsMax
  if (slotByteCounts[slot] === byteCount) {
    let same = 0
    while (same < count && slotWords[start + same] === words[same]) same++
    if (same === count) return slots[slot] as string
  }
  const text = (bytes as RawBuffer).utf8Slice(from, to)
  slots[slot] = text
  slotByteCounts[slot] = byteCount
  for (let index = 0; index < count; index++) slotWords[start + index] = words[index] as number
  return text
}

function codeOf(bytes: Uint8Array, from: number, to: number): string {
  const isLong = to - from > 4
  const low = isLong ? wordAt(bytes, from) : lastWordAt(bytes, from, to)
  const high = (isLong ? lastWordAt(bytes, from + 4, to) : 0) | ((to - from) << 24)
  const hash = Math.imul(Math.imul(low, 0x5bd1e995) ^ high, 0x5bd1e995)
  const slot = hash >>> 20
  if (codeWords[2 * slot] === low && codeWords[2 * slot + 1] === high) return codes[slot] as string
  const text = (bytes as RawBuffer).utf8Slice(from, to)
  codes[slot] = text
  codeWords[2 * slot] = low
  codeWords[2 * slot + 1] = high
  return text
}

/** All characters at once: a third of what Buffer takes. */
function hashOf(bytes: Uint8Array, from: number): string {
  const words = wordAt(bytes, from) | wordAt(bytes, from + 4) | wordAt(bytes, from + 8) | wordAt(bytes, from + 12)
  if ((words & 0x80808080) !== 0) return (bytes as RawBuffer).utf8Slice(from, from + hashBytes)
  // biome-ignore format: four words
  return String.fromCharCode(
    bytes[from] as number, bytes[from + 1] as number, bytes[from + 2] as number, bytes[from + 3] as number,
    bytes[from + 4] as number, bytes[from + 5] as number, bytes[from + 6] as number, bytes[from + 7] as number,
    bytes[from + 8] as number, bytes[from + 9] as number, bytes[from + 10] as number, bytes[from + 11] as number,
    bytes[from + 12] as number, bytes[from + 13] as number, bytes[from + 14] as number, bytes[from + 15] as number,
  )
}

function wordAt(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
  return low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
}

/** Of at most four bytes, the missing ones 0. */
function lastWordAt(bytes: Uint8Array, from: number, to: number): number {
  let word = 0
  for (let at = to - 1; at >= from; at--) word = (word << 8) | (bytes[at] as number)
  return word
}
