// WebAssembly written instruction by instruction, so that numeric loops need no build step: the bytes of instructions and
// of a module that exports functions over one imported memory. WebAssembly Core Specification 2.0, chapter 5.

const version = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

export const i32 = 0x7f
export const i64 = 0x7e
export const f64 = 0x7c
export const v128 = 0x7b

export const op = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  i32Load: 0x28,
  i64Load: 0x29,
  f64Load: 0x2b,
  i32Load8u: 0x2d,
  i32Load16u: 0x2f,
  i32Store: 0x36,
  i64Store: 0x37,
  f64Store: 0x39,
  i32Store8: 0x3a,
  i32Const: 0x41,
  i64Const: 0x42,
  f64Const: 0x44,
  ltS: 0x48,
  gtU: 0x4b,
  geU: 0x4f,
  f64Eq: 0x61,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  and: 0x71,
  xor: 0x73,
  shl: 0x74,
  i64Shl: 0x86,
  i32ShrU: 0x76,
  i64ShrU: 0x88,
  f64Add: 0xa0,
  f64Sub: 0xa1,
  f64Mul: 0xa2,
  wrap: 0xa7,
  doubleFromInt32: 0xb7,
} as const

/** Instructions on two doubles at a time; comparisons give masks of 64 bits. */
export const simd = {
  load: [0xfd, 0x00],
  store: [0xfd, 0x0b],
  constant: [0xfd, 0x0c],
  shuffle: [0xfd, 0x0d],
  splat: [0xfd, 0x14],
  lane: [0xfd, 0x21],
  loadLow64: [0xfd, 0x5d],
  gt: [0xfd, 0x4a],
  le: [0xfd, 0x4b],
  ge: [0xfd, 0x4c],
  and: [0xfd, 0x4e],
  or: [0xfd, 0x50],
  /** The first where the third has a 1, else the second. */
  select: [0xfd, 0x52],
  notEqual64: [0xfd, 0xd7, 0x01],
  negate: [0xfd, 0xed, 0x01],
  add: [0xfd, 0xf0, 0x01],
  sub: [0xfd, 0xf1, 0x01],
  mul: [0xfd, 0xf2, 0x01],
  div: [0xfd, 0xf3, 0x01],
  min: [0xfd, 0xf4, 0x01],
  max: [0xfd, 0xf5, 0x01],
  fromInt32: [0xfd, 0xfe, 0x01],
} as const

export const voidBlock = 0x40
/** From, to, bytes on the stack: destination, source, count. */
export const memoryCopy = [0xfc, 0x0a, 0x00, 0x00] as const

export type WasmFunction = {
  readonly name: string
  readonly parameters: readonly number[]
  readonly results: readonly number[]
  /** Runs of equal types. */
  readonly locals: readonly (readonly [count: number, type: number])[]
  /** Ends with `op.end`. */
  readonly body: readonly number[]
}

/** A module that imports `env.memory` and exports the functions; `sharedPages`: of a memory that threads share. */
export function moduleOf(functions: readonly WasmFunction[], sharedPages?: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, results }) => [
    0x60,
    ...vector(parameters.map(type => [type])),
    ...vector(results.map(type => [type])),
  ])
  const limits = sharedPages === undefined ? [0x00, 0x01] : [0x03, 0x01, ...unsigned(sharedPages)]
  const memory = [...name('env'), ...name('memory'), 0x02, ...limits]
  const exports = functions.map((one, index) => [...name(one.name), 0x00, ...unsigned(index)])
  const bodies = functions.map(({ locals, body }) =>
    sized([...vector(locals.map(([count, type]) => [...unsigned(count), type])), ...body]),
  )
  return Uint8Array.from([
    ...version,
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(exports)),
    ...section(10, vector(bodies)),
    // names of functions, for profiles
    ...section(0, [
      ...name('name'),
      0x01,
      ...sized(vector(functions.map((one, index) => [...unsigned(index), ...name(one.name)]))),
    ]),
  ])
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)]
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content]
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

function name(text: string): number[] {
  return sized([...Buffer.from(text, 'utf8')])
}

/** Of a constant. */
export function doubleBytes(value: number): number[] {
  return [...new Uint8Array(Float64Array.of(value).buffer)]
}

/** LEB128 */
export function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}

/** LEB128 */
export function signed(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest < -0x40 || rest > 0x3f; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest & 0x7f]
}
