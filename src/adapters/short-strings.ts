// Short texts as they come out of bytes: carriers, airports, flight ids. The same ones come again and again, and asking
// Buffer for a string costs more than to find the one that it gave last time. So the last text of each hash is kept; what
// is found is compared byte by byte, hence never wrong. Equal texts become one string, which also makes maps faster.

/** What Buffer has and its type declarations leave out. */
type RawBuffer = { utf8Slice(from: number, to: number): string }

const bytesMax = 48
const slotCount = 1 << 15
const slots: string[] = new Array<string>(slotCount).fill('')

/** @returns the UTF-8 text of `bytes` from `from` to before `to`, which lie inside */
export function textOf(bytes: Buffer, from: number, to: number): string {
  const length = to - from
  if (length > bytesMax) return slice(bytes, from, to)
  if (length === 0) return ''
  let hash = length
  let at = from
  for (; at + 4 <= to; at += 4) {
    hash = Math.imul(hash ^ wordAt(bytes, at), 0x5bd1e995)
    hash ^= hash >>> 15
  }
  for (; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x5bd1e995)
  const slot = (hash ^ (hash >>> 15)) & (slotCount - 1)
  const known = slots[slot] as string
  if (known.length === length) {
    let same = 0
    // texts beyond ASCII differ from their bytes, so they are never found
    while (same < length && known.charCodeAt(same) === bytes[from + same]) same++
    if (same === length && isAscii(known)) return known
  }
  const text = slice(bytes, from, to)
  slots[slot] = text
  return text
}
