// Records of Avro, compiled: one function that reads and one that writes a whole record, with every record in it. avsc
// makes such functions too, but theirs ask the type of each field; here the fields' types are known while the text of
// the function is made. The place in the bytes is a local variable (`at`), and what is common is done where it stands:
// numbers of one byte, nulls, short texts. For the rest the place is handed over to a function and taken back.
//
// Names of fields are Avro's (letters, digits, `_`): avsc has refused all others before. What is rare (bytes, doubles,
// maps, unions of more than a type and null) is left to the type.

import type { Tap } from './avro-primitives.ts'
import * as primitives from './avro-primitives.ts'
import { textOf } from './short-strings.ts'

/** What is used of a type of avsc. */
export type AvroType = {
  readonly typeName: string
  readonly fields: readonly { readonly name: string; readonly type: AvroType; defaultValue(): unknown }[]
  readonly symbols: readonly string[]
  readonly types: readonly AvroType[]
  readonly itemsType: AvroType
}

type Compiled = { _read(tap: Tap): unknown; _write(tap: Tap, value: unknown): void }

export function compiled(record: AvroType): Compiled {
  const { scope, read, write, functions } = new Compiler(record)
  const body = `${functions}
    return {
      _read(tap) { ${opening} let value; ${read} tap.pos = at; return value },
      _write(tap, value) { ${opening} ${write} tap.pos = at },
    }`
  // oxlint-disable-next-line typescript/no-implied-eval -- avsc does the same, with names that it has checked
  return new Function(...Object.keys(scope), body)(...Object.values(scope)) as Compiled
}

const opening = 'const { buf } = tap; let at = tap.pos; let head = 0;'

class Compiler {
  /** What the text may name. */
  readonly scope: Record<string, unknown> = { ...primitives, textOf, readSymbol, writeSymbol }
  functions = ''
  readonly read: string
  readonly write: string
  /** Records that are being compiled; one that holds itself ends here. */
  readonly #open = new Set<AvroType>()
  #names = 0

  constructor(record: AvroType) {
    this.read = this.#readInto('value', record)
    this.write = this.#writeOf(record, 'value')
  }

  /** Statements that leave what comes next in a variable. */
  #readInto(into: string, type: AvroType): string {
    const itself = () => away(`${into} = ${this.#known(type)}._read(tap)`)
    if (this.#open.has(type)) return itself()
    switch (type.typeName) {
      case 'int':
      case 'long': {
        const long = away(`${into} = ${type.typeName === 'int' ? 'readInt' : 'readLong'}(tap)`)
        return `head = buf[at]
          if (head < 0x80) { ${into} = (head >>> 1) ^ -(head & 1); at++ }
          else if (buf[at + 1] < 0x80) {
            head = (head & 0x7f) | (buf[at + 1] << 7)
            ${into} = (head >>> 1) ^ -(head & 1)
            at += 2
          } else { ${long} }`
      }
      case 'string':
        return `head = buf[at]
          if (head < 0x80 && (head & 1) === 0 && at + (head >>> 1) < buf.length) {
            ${into} = textOf(buf, at + 1, at + 1 + (head >>> 1))
            at += 1 + (head >>> 1)
          } else { ${away(`${into} = readText(tap)`)} }`
      case 'boolean':
        return `${into} = buf[at++] !== 0;`
      case 'enum':
        return away(`${into} = readSymbol(tap, ${this.#known(type.symbols)})`)
      case 'record':
        return this.#within(type, () => this.#readFields(into, type))
      case 'array':
        return away(`${into} = ${this.#readItems(type.itemsType)}(tap)`)
      default: {
        if (isFeatureValue(type)) return this.#readValue(into, type.types, itself())
        const inner = optionalOf(type)
        if (!inner) return itself()
        return `if (buf[at] === 0) { ${into} = null; at++ } else {
          if (buf[at] !== 2) { tap.pos = at; isPresent(tap) }
          at++
          ${this.#readInto(into, inner)}
        }`
      }
    }
  }

  /** A number, a category or nothing: 142 of them in an outcome's row. */
  #readValue(into: string, [, int, string]: AvroType['types'], itself: string): string {
    return `if (buf[at] === 2) { at++; ${this.#readInto(into, int as AvroType)} }
      else if (buf[at] === 0) { at++; ${into} = null }
      else if (buf[at] === 4) { at++; ${this.#readInto(into, string as AvroType)} }
      else { ${itself} }`
  }

  #readFields(into: string, { fields }: AvroType): string {
    const locals = fields.map(() => this.#name())
    const reads = fields.map(
      ({ type }, index) => `let ${locals[index]}\n${this.#readInto(locals[index] as string, type)}`,
    )
    return `${reads.join('\n')}
      ${into} = { ${fields.map(({ name }, index) => `${name}: ${locals[index]}`).join(', ')} };`
  }

  /** Statements. */
  #writeOf(type: AvroType, value: string): string {
    const itself = () => away(`${this.#known(type)}._write(tap, ${value})`)
    if (this.#open.has(type)) return itself()
    switch (type.typeName) {
      case 'int':
      case 'long': {
        const long = away(`${type.typeName === 'int' ? 'writeInt' : 'writeSafeLong'}(tap, ${value})`)
        return `if (${value} === (${value} | 0) && ${value} >= -64 && ${value} < 64) {
          buf[at++] = (${value} << 1) ^ (${value} >> 31)
        } else if (${value} === (${value} | 0) && ${value} >= -8192 && ${value} < 8192) {
          head = (${value} << 1) ^ (${value} >> 31)
          buf[at++] = (head & 0x7f) | 0x80
          buf[at++] = head >>> 7
        } else { ${long} }`
      }
      case 'string':
        return away(`writeString(tap, ${value})`)
      case 'boolean':
        return `if (${value} === false) buf[at++] = 0
          else if (${value} === true) buf[at++] = 1
          else { ${itself()} }`
      case 'enum':
        return away(`writeSymbol(tap, ${this.#known(indexes(type.symbols))}, ${value})`)
      case 'record':
        return this.#within(type, () => type.fields.map(field => this.#writeField(field, value)).join('\n'))
      case 'array':
        return away(`${this.#writeItems(type.itemsType)}(tap, ${value})`)
      default: {
        if (isFeatureValue(type)) return this.#writeValue(value, type.types)
        const inner = optionalOf(type)
        if (!inner) return itself()
        return `if (${value} === null) buf[at++] = 0; else { buf[at++] = 2; ${this.#writeOf(inner, value)} }`
      }
    }
  }

  #writeValue(value: string, [, int, string]: AvroType['types']): string {
    return `if (typeof ${value} === 'number') { buf[at++] = 2; ${this.#writeOf(int as AvroType, value)} }
      else if (${value} === null) buf[at++] = 0
      else { buf[at++] = 4; ${this.#writeOf(string as AvroType, value)} }`
  }

  #writeField(field: AvroType['fields'][number], record: string): string {
    const local = this.#name()
    const otherwise = field.defaultValue()
    const start = otherwise === undefined ? '' : `if (${local} === undefined) ${local} = ${this.#known(otherwise)}\n`
    return `let ${local} = ${record}.${field.name}\n${start}${this.#writeOf(field.type, local)}`
  }

  #readItems(type: AvroType): string {
    const name = this.#name()
    // made first: it adds functions of its own
    const read = this.#readInto('item', type)
    // of the length that the first block says, mostly the only one: growing would cost several times the memory
    this.functions += `
      function ${name}(tap) {
        let count = blockCount(tap)
        const items = new Array(count)
        for (let index = 0; count > 0; count = blockCount(tap)) {
          ${opening}
          for (; count > 0; count--) {
            let item
            ${read}
            items[index++] = item
          }
          tap.pos = at
        }
        return items
      }`
    return name
  }

  #writeItems(type: AvroType): string {
    const name = this.#name()
    const write = this.#writeOf(type, 'item')
    this.functions += `
      function ${name}(tap, items) {
        if (!Array.isArray(items)) throw new Error('not an array')
        if (items.length > 0) writeLong(tap, items.length)
        ${opening}
        for (let index = 0; index < items.length; index++) {
          const item = items[index]
          ${write}
        }
        buf[at++] = 0
        tap.pos = at
      }`
    return name
  }

  #within(record: AvroType, text: () => string): string {
    this.#open.add(record)
    const made = text()
    this.#open.delete(record)
    return made
  }

  #known(value: unknown): string {
    const name = this.#name()
    this.scope[name] = value
    return name
  }

  #name(): string {
    return `_${this.#names++}`
  }
}

/** A statement that reads or writes where `tap` stands. */
function away(statement: string): string {
  return `tap.pos = at; ${statement}; at = tap.pos;`
}

/** The type that a union has besides null, which comes first. */
function optionalOf({ types }: AvroType): AvroType | undefined {
  return types?.length === 2 && types[0]?.typeName === 'null' ? types[1] : undefined
}

function isFeatureValue({ types }: AvroType): boolean {
  return types?.map(({ typeName }) => typeName).join() === 'null,int,string'
}

function indexes(symbols: readonly string[]): ReadonlyMap<unknown, number> {
  return new Map(symbols.map((symbol, index) => [symbol, index]))
}

/** @param symbols of an enum */
function readSymbol(tap: Tap, symbols: readonly string[]): string {
  const symbol = symbols[primitives.readLong(tap)]
  if (symbol === undefined) throw new Error('a symbol that the enum does not have')
  return symbol
}

/** @param indexes of an enum's symbols */
function writeSymbol(tap: Tap, indexes: ReadonlyMap<unknown, number>, value: unknown): void {
  const index = indexes.get(value)
  if (index === undefined) throw new Error('not a symbol of the enum')
  primitives.writeLong(tap, index)
}
