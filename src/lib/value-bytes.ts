// Value bytes: any value of JSON as bytes, several times cheaper to write than its text.
//
// A byte says what follows; small numbers, short strings and short lists are within that byte:
//
//   0 to 127    the number itself        128 to 191  a latin1 string of 0 to 63 characters
//   192 to 223  a list of 0 to 31        224 on      one of `tag`, and a size or a number, little endian
//
// A list or an object may be written with its size before it (`writeSized`): then it is passed over in one step.
//
// Instants are mostly whole minutes, so those have a form of their own (5 bytes instead of 9). A writer's buffer grows and
// is used again; nothing is made for a value. As in JSON, a property that is undefined is left out and undefined in a list
// is null; unlike JSON, -0, NaN and the infinities come back as they were, and an instance of a class is refused: what it
// keeps to itself would be lost.

const smallNumbers = 128
const shortString = 128
const shortStringMax = 63
const shortList = 192
const shortListMax = 31

const tag = {
  nothing: 224,
  no: 225,
  yes: 226,
  int32: 227,
  minutes: 228,
  float64: 229,
  latin1: 230,
  utf16: 231,
  list: 232,
  object: 233,
  /** Stands where the next key of an object would. */
  objectEnd: 234,
  sized: 235,
} as const

const minuteMs = 60_000
/** What a value takes at most besides the characters of a string. */
const headBytes = 9
const sizedHeadBytes = 5

export class ValueWriter {
  #bytes = Buffer.allocUnsafeSlow(4096)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Forgets what was written behind a length. */
  cut(length: number): void {
    this.#length = length
  }

  /** @returns a copy */
  bytes(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#length))
  }

  write(value: unknown): void {
    if (this.#length + headBytes > this.#bytes.length) this.#grow(headBytes)
    switch (typeof value) {
      case 'string':
        return this.#string(value)
      case 'number':
        return this.#number(value)
      case 'boolean':
        return this.#tag(value ? tag.yes : tag.no)
      case 'undefined':
        return this.#tag(tag.nothing)
      case 'object':
        if (value === null) return this.#tag(tag.nothing)
        return Array.isArray(value) ? this.#list(value) : this.#object(value as Record<string, unknown>)
      case 'bigint':
      case 'function':
      case 'symbol':
        throw new TypeError(`a ${typeof value} is no value of JSON`)
    }
  }

  /** The same, and a reader can pass over it in one step. */
  writeSized(value: unknown): void {
    if (typeof value !== 'object' || value === null) return this.write(value)
    if (this.#length + headBytes > this.#bytes.length) this.#grow(headBytes)
    const start = this.#length
    this.#int32(tag.sized, 0)
    this.write(value)
    this.#view.setInt32(start + 1, this.#length - start - sizedHeadBytes, true)
  }

  #tag(byte: number): void {
    this.#bytes[this.#length++] = byte
  }

  #number(value: number): void {
    if ((value | 0) === value) {
      if (value >= 0 && value < smallNumbers && !Object.is(value, -0)) return this.#tag(value)
      if (value !== 0) return this.#int32(tag.int32, value)
    }
    const minutes = value / minuteMs
    if ((minutes | 0) === minutes && minutes * minuteMs === value && value !== 0) {
      return this.#int32(tag.minutes, minutes)
    }
    const at = this.#length
    this.#bytes[at] = tag.float64
    this.#view.setFloat64(at + 1, value, true)
    this.#length = at + 9
  }

  #int32(kind: number, value: number): void {
    const at = this.#length
    this.#bytes[at] = kind
    this.#view.setInt32(at + 1, value, true)
    this.#length = at + 5
  }

  #string(text: string): void {
    const size = text.length
    if (this.#length + headBytes + size > this.#bytes.length) this.#grow(headBytes + size)
    const start = this.#length
    if (size <= shortStringMax) this.#tag(shortString + size)
    else this.#int32(tag.latin1, size)
    const bytes = this.#bytes
    let at = this.#length
    let all = 0
    for (let i = 0; i < size; i++) {
      const code = text.charCodeAt(i)
      all |= code
      bytes[at++] = code
    }
    this.#length = at
    if (all > 0xff) this.#utf16(text, start)
  }

  /** As it is, half surrogate pairs too. */
  #utf16(text: string, start: number): void {
    const byteCount = text.length * 2
    this.#length = start
    this.#grow(headBytes + byteCount)
    this.#int32(tag.utf16, byteCount)
    this.#bytes.write(text, this.#length, 'utf16le')
    this.#length += byteCount
  }

  #list(values: readonly unknown[]): void {
    const count = values.length
    if (count <= shortListMax) this.#tag(shortList + count)
    else this.#int32(tag.list, count)
    // most of a list is integers: they are written where it stands
    let bytes = this.#bytes
    let at = this.#length
    for (let i = 0; i < count; i++) {
      const item = values[i]
      if (typeof item === 'number' && (item | 0) === item && item !== 0 && at + 5 <= bytes.length) {
        if (item > 0 && item < smallNumbers) {
          bytes[at++] = item
          continue
        }
        bytes[at] = tag.int32
        bytes[at + 1] = item
        bytes[at + 2] = item >> 8
        bytes[at + 3] = item >> 16
        bytes[at + 4] = item >> 24
        at += 5
        continue
      }
      this.#length = at
      this.write(item)
      bytes = this.#bytes
      at = this.#length
    }
    this.#length = at
  }

  #object(value: Record<string, unknown>): void {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null)
      throw new TypeError('an instance of a class is no value of JSON')
    this.#tag(tag.object)
    for (const key in value) {
      const item = value[key]
      if (item === undefined) continue
      this.#string(key)
      this.write(item)
    }
    if (this.#length === this.#bytes.length) this.#grow(1)
    this.#tag(tag.objectEnd)
  }

  #grow(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}

/** Reads values one behind the other. Every method throws RangeError where no value lies. */
export class ValueReader {
  readonly #bytes: Buffer
  #at = 0

  /** @param from where the first value begins */
  constructor(bytes: Uint8Array, from = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = from
  }

  /** Where the next value begins. */
  get at(): number {
    return this.#at
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  read(): unknown {
    const head = this.#bytes.readUInt8(this.#at++)
    if (head < smallNumbers) return head
    if (head < shortList) return this.#text('latin1', head - shortString)
    if (head < tag.nothing) return this.#list(head - shortList)
    switch (head) {
      case tag.nothing:
        return null
      case tag.no:
        return false
      case tag.yes:
        return true
      case tag.int32:
        return this.#int32()
      case tag.minutes:
        return this.#int32() * minuteMs
      case tag.float64:
        this.#at += 8
        return this.#bytes.readDoubleLE(this.#at - 8)
      case tag.latin1:
        return this.#text('latin1', this.#int32())
      case tag.utf16:
        return this.#text('utf16le', this.#int32())
      case tag.list:
        return this.#list(this.#int32())
      case tag.object:
        return this.#object()
      case tag.sized:
        return this.#sized(this.#int32())
      default:
        throw new RangeError(`no value begins with ${head}`)
    }
  }

  /** Goes on behind the next value, several times cheaper than to read it. @returns whether it was null */
  passOver(): boolean {
    const head = this.#bytes.readUInt8(this.#at++)
    if (head < smallNumbers || head === tag.no || head === tag.yes) return false
    if (head < shortList) this.#pass(head - shortString)
    else if (head < tag.nothing) this.#skipList(head - shortList)
    else if (head === tag.nothing) return true
    else this.#skipTagged(head)
    return false
  }

  #skipTagged(head: number): void {
    if (head === tag.int32 || head === tag.minutes) this.#pass(4)
    else if (head === tag.float64) this.#pass(8)
    else if (head === tag.latin1 || head === tag.utf16 || head === tag.sized) this.#pass(this.#int32())
    else if (head === tag.list) this.#skipList(this.#int32())
    else if (head === tag.object) {
      while (this.#bytes.readUInt8(this.#at) !== tag.objectEnd) this.passOver()
      this.#at++
    } else throw new RangeError(`no value begins with ${head}`)
  }

  #skipList(count: number): void {
    for (let left = this.#fitting(count); left > 0; left--) this.passOver()
  }

  #pass(byteCount: number): void {
    this.#at += this.#fitting(byteCount)
  }

  #int32(): number {
    this.#at += 4
    return this.#bytes.readInt32LE(this.#at - 4)
  }

  #text(encoding: 'latin1' | 'utf16le', byteCount: number): string {
    const from = this.#at
    const to = from + this.#fitting(byteCount)
    this.#at = to
    return this.#bytes.toString(encoding, from, to)
  }

  #list(count: number): unknown[] {
    const values: unknown[] = []
    for (let left = this.#fitting(count); left > 0; left--) values.push(this.read())
    return values
  }

  #sized(byteCount: number): unknown {
    const to = this.#at + this.#fitting(byteCount)
    const value = this.read()
    if (this.#at !== to) throw new RangeError(`a value of ${byteCount} bytes ends elsewhere`)
    return value
  }

  #object(): unknown {
    const entries: [string, unknown][] = []
    while (this.#bytes.readUInt8(this.#at) !== tag.objectEnd) {
      const key = this.read()
      if (typeof key !== 'string') throw new RangeError(`a ${typeof key} stands where a key should`)
      entries.push([key, this.read()])
    }
    this.#at++
    return Object.fromEntries(entries)
  }

  /** Whatever there are so many of takes at least a byte each. */
  #fitting(count: number): number {
    if (count < 0 || count > this.#bytes.length - this.#at) throw new RangeError(`${count} is more than is there`)
    return count
  }
}
