// A model as one array of bytes: hashed, self-describing, nothing in it is executed. Equal models give equal bytes on
// every machine, and `pack(unpack(bytes))` is `bytes`.
//
//   at        bytes  what
//   0         8      magic "SLIPFLAT"
//   8         4      layout number, 1 to 3                             (all integers little-endian)
//   12        4      H, bytes of the header
//   16        4      total bytes, hash included
//   20        4      zero
//   24        H      header: canonical JSON of the model without its trees, and `arrays`: name, type, count of each
//   24+H      0..7   zeros up to a multiple of 8
//   ...              the arrays in the header's order, each followed by zeros up to a multiple of 8
//   total-32  32     SHA-256 of everything before it
//
// Layout 2 is layout 1 with two arrays more, the sets of categories that nodes ask for (model.ts), and one flag bit. A model
// without such nodes is written in layout 1, any other in layout 2. Layout 3 is layout 2, sets or not, with the training
// rows of each leaf. So a model has one way to be written.

import { createHash } from 'node:crypto'
import { assert } from '../lib/assert.ts'
import { Failure } from '../lib/failure.ts'
import { canonicalJson } from './canonical-json.ts'
import { corrupt } from './corrupt.ts'
import { headerOf, modelFrom } from './header.ts'
import type { Json, Model, Trees } from './model.ts'
import { checkTrees } from './trees.ts'

const magic = 'SLIPFLAT'
const prefixBytes = 24
const hashBytes = 32

const arraysOne = [
  { name: 'roots', type: 'int32' },
  { name: 'featureOf', type: 'int32' },
  { name: 'thresholds', type: 'int32' },
  { name: 'lefts', type: 'int32' },
  { name: 'rights', type: 'int32' },
  { name: 'flags', type: 'uint8' },
  { name: 'leaves', type: 'float64' },
] as const satisfies readonly PackedArray[]

const arraysTwo = [
  ...arraysOne,
  { name: 'setStarts', type: 'int32' },
  { name: 'setWords', type: 'int32' },
] as const satisfies readonly PackedArray[]

const arraysThree = [...arraysTwo, { name: 'leafCovers', type: 'float64' }] as const satisfies readonly PackedArray[]

type PackedArray = { readonly name: keyof Trees; readonly type: 'int32' | 'uint8' | 'float64' }
type Layout = 1 | 2 | 3

function arraysOf(layout: Layout): readonly PackedArray[] {
  return layout === 1 ? arraysOne : layout === 2 ? arraysTwo : arraysThree
}

function layoutOf({ setStarts, leafCovers }: Trees): Layout {
  if (leafCovers !== undefined) return 3
  return setStarts.length === 0 ? 1 : 2
}

const makers = { int32: Int32Array, uint8: Uint8Array, float64: Float64Array } as const

assert(new Uint8Array(Uint16Array.of(1).buffer)[0] === 1, 'typed arrays are little-endian on this machine')

/** The model's bytes. A model that `unpack` would refuse is not packed: it throws the same `MODEL_CORRUPT`. */
export function pack(model: Model): Uint8Array {
  checkTrees(model.trees, model.features)
  const layout = layoutOf(model.trees)
  const arrays = arraysOf(layout).map(each => ({ ...each, array: model.trees[each.name] as Trees['roots' | 'leaves'] }))
  const described = arrays.map(({ name, type, array }) => ({ name, type, count: array.length }))
  const text = canonicalJson({ ...headerOf(model), arrays: described })
  const header = Buffer.from(text, 'utf8')
  modelFrom(JSON.parse(text) as Json, model.trees)

  let totalBytes = align(prefixBytes + header.length)
  for (const { array } of arrays) totalBytes += align(array.byteLength)
  totalBytes += hashBytes

  const bytes = new Uint8Array(totalBytes)
  const view = new DataView(bytes.buffer)
  bytes.set(Buffer.from(magic, 'latin1'), 0)
  view.setUint32(8, layout, true)
  view.setUint32(12, header.length, true)
  view.setUint32(16, totalBytes, true)
  bytes.set(header, prefixBytes)
  let at = align(prefixBytes + header.length)
  for (const { array } of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += align(array.byteLength)
  }
  bytes.set(sha256(bytes.subarray(0, at)), at)
  return bytes
}

/** The model in the bytes. Throws `MODEL_CORRUPT` that says what is wrong, whatever the bytes are. */
export function unpack(bytes: Uint8Array): Model {
  const { layout, headerBytes, totalBytes } = checkFrame(bytes)
  const arrays = arraysOf(layout)
  const headerEnd = prefixBytes + headerBytes
  const header = parseHeader(bytes.subarray(prefixBytes, headerEnd))
  const counts = arrayCounts(header, arrays)

  let at = align(headerEnd)
  checkZeros(bytes, headerEnd, at)
  const trees: Partial<Record<keyof Trees, Trees[keyof Trees]>> = {}
  for (const [index, { name, type }] of arrays.entries()) {
    const make = makers[type]
    const end = at + (counts[index] as number) * make.BYTES_PER_ELEMENT
    if (align(end) > totalBytes - hashBytes) throw corrupt(`the array ${name} does not fit into the file`, name)
    // a copy, so that the view is aligned and nobody else can change it
    trees[name] = new make(new Uint8Array(bytes.subarray(at, end)).buffer)
    at = align(end)
    checkZeros(bytes, end, at)
  }
  if (at !== totalBytes - hashBytes) throw corrupt('there are bytes between the last array and the hash')

  const noSets = { setStarts: new Int32Array(), setWords: new Int32Array() }
  const model = modelFrom(header, { ...noSets, ...trees } as Trees)
  checkTrees(model.trees, model.features)
  if (layoutOf(model.trees) !== layout) throw corrupt('layout 2 without a set of categories', 'layout')
  return model
}

/** Hex SHA-256 of a model's bytes: the model's name everywhere. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function checkFrame(bytes: Uint8Array): { layout: Layout; headerBytes: number; totalBytes: number } {
  const found = Buffer.from(bytes.subarray(0, magic.length)).toString('latin1')
  if (found !== magic) throw corrupt(`not a model file: it starts with ${JSON.stringify(found)}, not ${magic}`, 'magic')
  if (bytes.length < prefixBytes + hashBytes) throw corrupt(`cut off after ${bytes.length} bytes`, 'length')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const layout = view.getUint32(8, true)
  if (layout !== 1 && layout !== 2 && layout !== 3)
    throw corrupt(`layout ${layout} is unknown; this program reads layouts 1 to 3`, 'layout')
  const headerBytes = view.getUint32(12, true)
  const totalBytes = view.getUint32(16, true)
  if (totalBytes !== bytes.length) throw corrupt(`${bytes.length} bytes, of ${totalBytes} announced`, 'length')
  const hash = sha256(bytes.subarray(0, totalBytes - hashBytes))
  if (!hash.equals(bytes.subarray(totalBytes - hashBytes))) throw corrupt('its hash does not fit its content', 'hash')
  if (view.getUint32(20, true) !== 0) throw corrupt('bytes 20 to 23 are not zero', 'length')
  if (align(prefixBytes + headerBytes) > totalBytes - hashBytes) throw corrupt('the header does not fit', 'header')
  return { layout, headerBytes, totalBytes }
}

function parseHeader(bytes: Uint8Array): Json {
  const text = Buffer.from(bytes).toString('utf8')
  let header: Json
  try {
    header = JSON.parse(text) as Json
  } catch (cause) {
    throw new Failure('MODEL_CORRUPT', 'model file: the header is not JSON', { field: 'header', cause })
  }
  if (canonicalJson(header) !== text) throw corrupt('the header is not canonical JSON', 'header')
  return header
}

function arrayCounts(header: Json, arrays: readonly PackedArray[]): readonly number[] {
  const described = (header as { arrays?: readonly { name: string; type: string; count: number }[] } | null)?.arrays
  if (!Array.isArray(described) || described.length !== arrays.length)
    throw corrupt(`the header must describe ${arrays.length} arrays`, 'arrays')
  return arrays.map(({ name, type }, index) => {
    const found = described[index] as { name?: Json; type?: Json; count?: Json } | null
    const count = found?.count
    if (found?.name !== name || found.type !== type || typeof count !== 'number' || !Number.isSafeInteger(count))
      throw corrupt(`array ${index} must be ${name} of ${type} with a count`, `arrays[${index}]`)
    if (count < 0 || count > 2 ** 31 - 1) throw corrupt(`the count ${count} of ${name} is impossible`, name)
    return count
  })
}

function checkZeros(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) throw corrupt(`byte ${at} must be zero padding`, 'padding')
}

function align(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
