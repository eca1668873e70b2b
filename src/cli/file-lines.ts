// Lines of a file or of stdin, unpacked when the name ends in .gz.

import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { Failure } from '../lib/failure.ts'

/** @param file a path, or - for stdin */
export function openFile(file: string): Readable {
  if (file === '-') return process.stdin
  const bytes = createReadStream(file)
  if (!file.endsWith('.gz')) return bytes
  // an error of either side ends the reading of the other one
  return pipeline(bytes, createGunzip(), () => {})
}

/** Lines that are not blank, with their numbers from 1. @throws Failure SOURCE_UNREADABLE */
export async function* linesOf(file: string): AsyncGenerator<{ line: number; text: string }> {
  const input = openFile(file)
  let failure: unknown
  // readline ends quietly when its input fails
  input.once('error', error => {
    failure = error
  })
  let line = 0
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++
    if (text.trim() !== '') yield { line, text: line === 1 ? text.replace(/^\ufeff/, '') : text }
  }
  if (failure !== undefined) throw unreadable(file, failure)
}

export function unreadable(file: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new Failure('SOURCE_UNREADABLE', `${file} cannot be read: ${why}`, { cause, field: 'FILE' })
}
