// Lines of a file or of stdin, unpacked when the name ends in .gz.

import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { createGunzip } from 'node:zlib'
import { Failure } from '../lib/failure.ts'

const lineCharsMax = 1 << 26

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
  const decoder = new StringDecoder('utf8')
  let line = 0
  let rest = ''
  try {
    for await (const chunk of openFile(file)) {
      const texts = (rest + decoder.write(chunk as Buffer)).split('\n')
      rest = texts.pop() ?? ''
      if (rest.length > lineCharsMax) throw new Error(`line ${line + texts.length + 1} has no end`)
      for (const text of texts) {
        line++
        if (text.trim() !== '') yield { line, text: unmarked(text, line) }
      }
    }
  } catch (error) {
    throw unreadable(file, error)
  }
  rest += decoder.end()
  if (rest.trim() !== '') yield { line: line + 1, text: unmarked(rest, line + 1) }
}

/** Without the byte order mark that some editors put in front of a file. */
function unmarked(text: string, line: number): string {
  return line === 1 ? text.replace(/^\ufeff/, '') : text
}

export function unreadable(file: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  const help = 'Look at its name, whether this user may read it, and that it is text (or gzip, named .gz).'
  return new Failure('SOURCE_UNREADABLE', `${file} cannot be read: ${why}`, { cause, field: 'FILE', help })
}
