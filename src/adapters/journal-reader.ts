// Reads a journal (journal-file.ts) while others write it: the newest lines first, then what comes, across rotations. It
// remembers which file it stands in by the file's number on the disk, which stays when the file gets another name.

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type JournalLine, journalFiles } from './journal-file.ts'

type Wanted = (line: JournalLine) => boolean
/** A file and how far it has been read, in bytes of whole lines. */
type Place = { readonly ino: number; readonly at: number }

export class JournalReader {
  readonly #folder: string
  #place: Place | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The last `count` lines that are wanted, oldest first. `more` goes on from here. */
  last(count: number, isWanted: Wanted): JournalLine[] {
    const seen = new Set<number>()
    let found: JournalLine[] = []
    for (const name of journalFiles) {
      const rest = this.#rest(name)
      // a file that was given its next name while we read is met again
      if (!rest || seen.has(rest.place.ino)) continue
      if (seen.size === 0) this.#place = rest.place
      seen.add(rest.place.ino)
      found = [...rest.lines.filter(isWanted), ...found]
      if (found.length >= count) break
    }
    return found.slice(-count)
  }

  /** What has come since, oldest first. */
  more(isWanted: Wanted): JournalLine[] {
    const inos = journalFiles.map(name => statSync(join(this.#folder, name), { throwIfNoEntry: false })?.ino)
    const ours = inos.indexOf(this.#place?.ino)
    // it stands in none of them: all are newer
    const oldest = this.#place && ours >= 0 ? ours : inos.findLastIndex(ino => ino !== undefined)
    const found: JournalLine[] = []
    for (let at = oldest; at >= 0; at--) {
      const { ino, at: readTo } = this.#place ?? { ino: undefined, at: 0 }
      const rest = this.#rest(journalFiles[at] as string, ino === inos[at] ? readTo : 0)
      // renamed in between: the next look finds it under its new name
      if (rest?.place.ino !== inos[at]) break
      if (!rest) continue
      this.#place = rest.place
      found.push(...rest.lines.filter(isWanted))
    }
    return found
  }

  /** The whole lines of a file from a place on; undefined: there is no such file. */
  #rest(name: string, from = 0): { place: Place; lines: JournalLine[] } | undefined {
    const file = opened(join(this.#folder, name))
    if (file === undefined) return undefined
    try {
      const { ino, size } = fstatSync(file)
      // somebody has emptied it
      const start = from > size ? 0 : from
      const bytes = Buffer.alloc(size - start)
      const read = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start))
      const end = read.lastIndexOf(10) + 1
      return { place: { ino, at: start + end }, lines: linesOf(read.toString('utf8', 0, end)) }
    } finally {
      closeSync(file)
    }
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Without those that a crash has cut. */
function linesOf(text: string): JournalLine[] {
  return text.split('\n').flatMap(line => {
    try {
      const value = JSON.parse(line) as Partial<JournalLine> | null
      return typeof value?.at === 'string' && typeof value.message === 'string' ? [value as JournalLine] : []
    } catch {
      return []
    }
  })
}
