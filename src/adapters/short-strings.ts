// Short texts as they come out of bytes: carriers, airports, flight ids. The same ones come again and again, and to find
// the string that was made last time costs less than to have Buffer make another. So the last text of each hash is kept;
// what is found is compared byte by byte, hence never wrong. Equal texts become one string, which helps maps as well.

/** What Buffer has and its type declarations leave out. */
type RawBuffer = { utf8Slice(from: number, to: number): string }

const bytesMax = 48
const slotCount = 1 << 15
const slots: string[] = Array.from({ length: slotCount }, () => '')

/** @returns the UTF-8 text of `bytes` from `from` to before `to`, which lie inside */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from
  if (length === 0) return ''
  if (length > bytesMax) return (bytes as Uint8Array & RawBuffer).utf8Slice(from, to)
  let hash = length
  let at = from
  for (; at + 4 <= to; at += 4) {
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
    const word = low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
    hash = Math.imul(hash ^ word, 0x5bd1e995)
    hash ^= hash >>> 15
  }
  for (; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x5bd1e995)
  const slot = (hash ^ (hash >>> 15)) & (slotCount - 1)
  const known = slots[slot] as string
  if (known.length === length) {
    let same = 0
    while (same < length && known.charCodeAt(same) === bytes[from + same]) same++
    if (same === length) return known
  }
  const text = (bytes as Uint8Array & RawBuffer).utf8Slice(from, to)
  // as many characters as bytes: all of them ASCII, or a stand-in for a broken byte, which equals no byte
  if (text.length === length) slots[slot] = text
  return text
}
