// What passes between workers-threads and its thread. The thread may be `ahead` items in front of who takes them: it
// starts with that many credits, spends one an item, and gets one back for each that was taken.

import { Failure, type FailureCode, isFailureCode } from '../lib/failure.ts'

export type Job = { readonly module: string; readonly input: unknown; readonly ahead: number }

export type Told =
  | { readonly kind: 'item'; readonly item: unknown }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: PackedError }

/** An error as data: what a copy between threads would lose of a failure is the code and what goes with it. */
export type PackedError = {
  readonly message: string
  readonly stack: string | undefined
  readonly code: FailureCode | undefined
  readonly field: string | undefined
  readonly help: string | undefined
}

export function packError(error: unknown): PackedError {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
  // by its code and not by its class: the thread has modules of its own
  const { code, field, help } = error instanceof Error ? (error as Partial<Failure>) : {}
  return { message, stack, code: code !== undefined && isFailureCode(code) ? code : undefined, field, help }
}

export function unpackError({ message, stack, code, field, help }: PackedError): Error {
  const known = { ...(field === undefined ? {} : { field }), ...(help === undefined ? {} : { help }) }
  const error = code === undefined ? new Error(message) : new Failure(code, message, known)
  if (stack !== undefined) error.stack = stack
  return error
}

/** The buffers in a value that can be moved to another thread: those of typed arrays that use all of theirs. */
export function movable(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>()
  collect(value, found, 0)
  return [...found]
}

const depthMax = 4

function collect(value: unknown, found: Set<ArrayBuffer>, depth: number): void {
  if (typeof value !== 'object' || value === null || depth > depthMax) return
  if (ArrayBuffer.isView(value)) {
    const { buffer } = value
    const isWhole = buffer.byteLength === value.byteLength
    if (isWhole && buffer instanceof ArrayBuffer) found.add(buffer)
    return
  }
  if (Array.isArray(value)) {
    // a long list of numbers or strings is not searched to its end
    if (typeof value[0] !== 'object') return
    for (const item of value) collect(item, found, depth + 1)
    return
  }
  for (const item of Object.values(value)) collect(item, found, depth + 1)
}
