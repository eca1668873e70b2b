// Records of Avro, compiled: one function that reads and one that writes a whole record, with every record in it. avsc
// makes such functions too, but theirs ask the type of each field; here the fields' types are known while the text of
// the function is made, so that what is left are calls of a few small functions (avro-primitives.ts).
//
// Names of fields are Avro's (letters, digits, `_`): avsc has refused all others before. What is rare (bytes, doubles,
// maps, unions of more than a type and null) is left to the type.

import type { Tap } from './avro-primitives.ts'
import * as primitives from './avro-primitives.ts'

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
      _read: tap => ${read},
      _write: (tap, value) => { ${write} },
    }`
  // oxlint-disable-next-line typescript/no-implied-eval -- avsc does the same, with names that it has checked
  return new Function(...Object.keys(scope), body)(...Object.values(scope)) as Compiled
}

class Compiler {
  /** What the text may name. */
  readonly scope: Record<string, unknown> = { ...primitives, readSymbol, writeSymbol }
  functions = ''
  readonly read: string
  readonly write: string
  /** Records that are being compiled; one that holds itself ends here. */
  readonly #open = new Set<AvroType>()
  #names = 0

  constructor(record: AvroType) {
    this.read = this.#readOf(record)
    this.write = this.#writeOf(record, 'value')
  }

  /** An expression. */
  #readOf(type: AvroType): string {
    if (this.#open.has(type)) return `${this.#known(type)}._read(tap)`
    switch (type.typeName) {
      case 'int':
        return 'readInt(tap)'
      case 'long':
        return 'readLong(tap)'
      case 'string':
        return 'readText(tap)'
      case 'boolean':
        return 'tap.buf[tap.pos++] !== 0'
      case 'enum':
        return `readSymbol(tap, ${this.#known(type.symbols)})`
      case 'record':
        return this.#within(type, () => {
          return `({ ${type.fields.map(field => `${field.name}: ${this.#readOf(field.type)}`).join(', ')} })`
        })
      case 'array':
        return `${this.#readItems(type.itemsType)}(tap)`
      default: {
        const inner = optionalOf(type)
        return inner ? `(isPresent(tap) ? ${this.#readOf(inner)} : null)` : `${this.#known(type)}._read(tap)`
      }
    }
  }

  /** Statements. */
  #writeOf(type: AvroType, value: string): string {
    if (this.#open.has(type)) return `${this.#known(type)}._write(tap, ${value});`
    switch (type.typeName) {
      case 'int':
        return `writeInt(tap, ${value});`
      case 'long':
        return `writeSafeLong(tap, ${value});`
      case 'string':
        return `writeString(tap, ${value});`
      case 'enum':
        return `writeSymbol(tap, ${this.#known(indexes(type.symbols))}, ${value});`
      case 'record':
        return this.#within(type, () => type.fields.map(field => this.#writeField(field, value)).join('\n'))
      case 'array':
        return `${this.#writeItems(type.itemsType)}(tap, ${value});`
      default: {
        const inner = optionalOf(type)
        if (!inner) return `${this.#known(type)}._write(tap, ${value});`
        return `if (writePresence(tap, ${value})) { ${this.#writeOf(inner, value)} }`
      }
    }
  }

  #writeField(field: AvroType['fields'][number], record: string): string {
    const local = this.#name()
    const otherwise = field.defaultValue()
    const start = otherwise === undefined ? '' : `if (${local} === undefined) ${local} = ${this.#known(otherwise)}\n`
    return `let ${local} = ${record}.${field.name}\n${start}${this.#writeOf(field.type, local)}`
  }

  #readItems(type: AvroType): string {
    const name = this.#name()
    const item = this.#readOf(type)
    this.functions += `
      function ${name}(tap) {
        const items = []
        for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
          for (; count > 0; count--) items.push(${item})
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
        for (let index = 0; index < items.length; index++) {
          const item = items[index]
          ${write}
        }
        tap.buf[tap.pos++] = 0
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

/** The type that a union has besides null, which comes first. */
function optionalOf({ types }: AvroType): AvroType | undefined {
  return types?.length === 2 && types[0]?.typeName === 'null' ? types[1] : undefined
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
