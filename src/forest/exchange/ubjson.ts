// Universal Binary JSON (draft 12) as XGBoost writes it: a value is a one-byte marker and its big-endian bytes; a
// container may announce the type (`$`) and number (`#`) of its items once instead of for each.

import { broken } from './refusal.ts'

const depthMax = 64

/** The value in the bytes. @throws Failure MODEL_CORRUPT */
export function ubjsonIn(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes)
  const value = reader.value(reader.marker(), 0)
  if (reader.at !== bytes.length) throw broken(`${bytes.length - reader.at} bytes lie behind the end of the model`)
  return value
}

class Reader {
  readonly #view: DataView
  at = 0

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The next byte as a letter; no-ops are skipped. */
  marker(): string {
    for (;;) {
      const letter = String.fromCharCode(this.#view.getUint8(this.#take(1)))
      if (letter !== 'N') return letter
    }
  }

  value(marker: string, depth: number): unknown {
    if (depth > depthMax) throw broken(`the model is nested more than ${depthMax} deep`)
    if (marker === '{') return this.#object(depth)
    if (marker === '[') return this.#array(depth)
    if (marker === 'Z') return null
    if (marker === 'T' || marker === 'F') return marker === 'T'
    if (marker === 'S') return this.#text()
    if (marker === 'C') return String.fromCharCode(this.#view.getUint8(this.#take(1)))
    return this.#number(marker)
  }

  #number(marker: string): number {
    const view = this.#view
    switch (marker) {
      case 'i':
        return view.getInt8(this.#take(1))
      case 'U':
        return view.getUint8(this.#take(1))
      case 'I':
        return view.getInt16(this.#take(2))
      case 'l':
        return view.getInt32(this.#take(4))
      case 'L':
        return Number(view.getBigInt64(this.#take(8)))
      case 'd':
        return view.getFloat32(this.#take(4))
      case 'D':
        return view.getFloat64(this.#take(8))
      default:
        throw broken(`byte ${this.at - 1} is ${JSON.stringify(marker)}, which begins no value`)
    }
  }

  #text(): string {
    const length = this.#length()
    const start = this.#take(length)
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + start, length).toString('utf8')
  }

  #length(): number {
    const length = this.#number(this.marker())
    // nothing that is announced can have more parts than there are bytes
    if (Number.isInteger(length) && length >= 0 && length <= this.#view.byteLength) return length
    throw broken(`the length ${length} before byte ${this.at} is impossible`)
  }

  #array(depth: number): unknown[] {
    const { type, count } = this.#announced()
    const items: unknown[] = []
    if (count !== null) {
      for (let index = 0; index < count; index++) items.push(this.value(type ?? this.marker(), depth + 1))
      return items
    }
    for (let marker = this.marker(); marker !== ']'; marker = this.marker()) items.push(this.value(marker, depth + 1))
    return items
  }

  #object(depth: number): Record<string, unknown> {
    const { type, count } = this.#announced()
    const entries: [string, unknown][] = []
    for (let index = 0; count === null ? !this.#ends() : index < count; index++) {
      const key = this.#text()
      entries.push([key, this.value(type ?? this.marker(), depth + 1)])
    }
    return Object.fromEntries(entries)
  }

  #announced(): { type: string | null; count: number | null } {
    const type = this.#skip('$') ? this.marker() : null
    // items without bytes could be announced by the million
    if (type !== null && 'ZTFN'.includes(type)) throw broken(`byte ${this.at - 1} announces items of no bytes`)
    if (this.#skip('#')) return { type, count: this.#length() }
    if (type !== null) throw broken(`byte ${this.at} announces a type without a number of items`)
    return { type, count: null }
  }

  #ends(): boolean {
    return this.#skip('}')
  }

  #skip(letter: string): boolean {
    const isThere = this.at < this.#view.byteLength && this.#view.getUint8(this.at) === letter.charCodeAt(0)
    if (isThere) this.at++
    return isThere
  }

  /** Where the next `count` bytes are. */
  #take(count: number): number {
    const start = this.at
    if (start + count > this.#view.byteLength) throw broken(`the model is cut off after ${this.#view.byteLength} bytes`)
    this.at = start + count
    return start
  }
}
