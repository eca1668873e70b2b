// The lines of LightGBM's text format: blocks of `key=value`, and lists of numbers in them.

import { broken } from './refusal.ts'

type Fields = ReadonlyMap<string, string>

export type TreeBlock = { readonly name: string; readonly fields: Fields }

export type Blocks = {
  readonly header: Fields
  readonly trees: readonly TreeBlock[]
  /** From `[name: value]`; empty when the file has none. */
  readonly parameters: Fields
  /** Categories of each categorical column, if it was trained from pandas. */
  readonly pandasCategories: readonly (readonly string[])[]
}

const endOfTrees = 'end of trees'

/** @throws Failure MODEL_CORRUPT */
export function blocksOf(given: string): Blocks {
  const text = given.replaceAll('\r\n', '\n')
  const [first] = text.split('\n', 1)
  if (first !== 'tree') throw broken(`a LightGBM text starts with "tree", not ${JSON.stringify(first?.slice(0, 40))}`)
  const start = text.indexOf('\nTree=')
  const end = text.lastIndexOf(`\n${endOfTrees}\n`)
  if (start < 0 || end < start)
    throw broken(`the LightGBM text is cut: it has no "${endOfTrees}" behind its trees`, endOfTrees)
  const header = fieldsOf(text.slice('tree\n'.length, start), 'the header')
  const body = text.slice(start + 1, end + 1)
  const tail = text.slice(end + 1 + endOfTrees.length)
  return {
    header,
    trees: treesOf(body, header.get('tree_sizes')),
    parameters: parametersOf(tail),
    pandasCategories: pandasOf(tail),
  }
}

function fieldsOf(text: string, where: string): Fields {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const equals = line.indexOf('=')
    const key = equals < 0 ? line.trim() : line.slice(0, equals)
    if (fields.has(key)) throw broken(`${where} has ${JSON.stringify(key.slice(0, 40))} twice`, key)
    fields.set(key, equals < 0 ? '' : line.slice(equals + 1).trim())
  }
  return fields
}

function treesOf(body: string, sizes: string | undefined): TreeBlock[] {
  const parts = body.split(/^(?=Tree=)/m)
  const announced = sizes === undefined ? null : sizes.split(' ').map(Number)
  if (announced !== null && announced.length !== parts.length)
    throw broken(`tree_sizes announces ${announced.length} trees, there are ${parts.length}`, 'tree_sizes')
  return parts.map((part, index) => {
    const name = `Tree=${index}`
    const [head = ''] = part.split('\n', 1)
    if (head !== name) throw broken(`${JSON.stringify(head.slice(0, 40))} stands where ${name} should`, name)
    const bytes = Buffer.byteLength(part)
    if (announced !== null && announced[index] !== bytes)
      throw broken(`${name} has ${bytes} bytes, of ${announced[index]} announced in tree_sizes`, 'tree_sizes')
    return { name, fields: fieldsOf(part.slice(head.length), name) }
  })
}

function parametersOf(tail: string): Fields {
  const start = tail.indexOf('\nparameters:\n')
  if (start < 0) return new Map()
  const end = tail.indexOf('\nend of parameters\n', start)
  if (end < 0) throw broken('the LightGBM text is cut: its parameters have no end', 'parameters')
  const lines = tail.slice(start, end).matchAll(/^\[([^:\]]+): ?(.*)\]$/gm)
  return new Map([...lines].map(([, name = '', value = '']) => [name, value]))
}

function pandasOf(tail: string): string[][] {
  const found = /^pandas_categorical:(.*)$/m.exec(tail)?.[1]
  if (found === undefined) return []
  const lists = jsonOf(found)
  if (lists === null) return []
  if (!Array.isArray(lists) || !lists.every(list => Array.isArray(list)))
    throw broken('pandas_categorical is no list of lists', 'pandas_categorical')
  return lists.map(list => (list as unknown[]).map(String))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw broken('pandas_categorical is not JSON', 'pandas_categorical')
  }
}

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** The field's `count` numbers, all finite. */
export function numbersOf(fields: Fields, field: string, count: number): number[] {
  const text = fields.get(field)
  if (text === undefined) throw broken(`${field} is missing`, field)
  const parts = text === '' ? [] : text.split(' ')
  if (parts.length !== count) throw broken(`${field} has ${parts.length} numbers instead of ${count}`, field)
  return parts.map(part => {
    const number = Number(part)
    if (numberPattern.test(part) && Number.isFinite(number)) return number
    throw broken(`${field} has ${JSON.stringify(part.slice(0, 40))}, which is no number`, field)
  })
}

/** The same, with infinities: a node at `inf` parts what is there from what is missing. */
export function thresholdsOf(fields: Fields, count: number): number[] {
  const text = fields.get('threshold')
  if (text === undefined || !text.includes('inf')) return numbersOf(fields, 'threshold', count)
  const finite = text.replaceAll(/(?<=^| )-?inf(?= |$)/g, '0')
  const infinite = text
    .split(' ')
    .map(part => ({ inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY })[part])
  return numbersOf(new Map([['threshold', finite]]), 'threshold', count).map((number, at) => infinite[at] ?? number)
}

/** The same, for whole numbers of 32 bits. */
export function wholesOf(fields: Fields, field: string, count: number): number[] {
  const numbers = numbersOf(fields, field, count)
  const odd = numbers.find(number => number !== (number | 0))
  if (odd === undefined) return numbers
  throw broken(`${field} has ${odd}, which is no whole number of 32 bits`, field)
}
