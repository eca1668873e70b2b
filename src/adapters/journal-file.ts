// The journal: what a program that owns a data folder says, as lines of JSON in a file of that folder, for whoever comes
// later. It never holds the program up and never fails it: lines are gathered for a moment and go to the disk in one write,
// at most a megabyte of them waits, and a disk that takes none costs the lines, which is said once.
//
//   logs/slipstream.log       the newest lines
//   logs/slipstream.1.log     those before, as far as .4: at most five files of 5 MB
//
// Processes on one folder (workers on a cluster) append to the same file: each write is of whole lines, at its end.

import { appendFileSync, mkdirSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** Newest first. */
export const journalFiles: readonly string[] = ['slipstream.log', ...[1, 2, 3, 4].map(n => `slipstream.${n}.log`)]

export type JournalLine = {
  /** Wall clock, ISO 8601 in UTC. */
  readonly at: string
  readonly level: 'info' | 'warn' | 'error'
  /** The stage or job that it is about. */
  readonly stage: string | null
  readonly task: string | null
  /** Of a failure (docs/failures.md). */
  readonly code: string | null
  readonly message: string
  readonly pid: number
}

export type JournalFileOptions = {
  readonly folder: string
  /** Told once when lines cannot be written. */
  readonly onTrouble: (error: unknown) => void
  readonly fileBytesMax?: number
  /** How long lines are gathered, in wall milliseconds. */
  readonly gatherMs?: number
  /** Of lines that wait for the disk. */
  readonly waitingCharsMax?: number
}

export class JournalFile {
  readonly #o: Required<JournalFileOptions>
  readonly #file: string
  #waiting: string[] = []
  #waitingChars = 0
  #lost = 0
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #hasTold = false
  /** The file's last line may be half a one. */
  #isTorn = true

  constructor(options: JournalFileOptions) {
    this.#o = { fileBytesMax: 5_000_000, gatherMs: 100, waitingCharsMax: 1_000_000, ...options }
    this.#file = join(options.folder, journalFiles[0] as string)
  }

  append(line: JournalLine): void {
    const text = `${JSON.stringify(line)}\n`
    if (this.#waitingChars + text.length > this.#o.waitingCharsMax) {
      this.#lost++
      return
    }
    this.#waiting.push(text)
    this.#waitingChars += text.length
    this.#timer ??= setTimeout(() => this.#flush(), this.#o.gatherMs).unref()
  }

  /** Everything so far is on its way to the disk; resolves once it has been tried. */
  async close(): Promise<void> {
    this.#flush()
    await this.#writing
  }

  /** What waits is written at once: for the end of a process, after which no promise comes true. */
  closeNow(): void {
    clearTimeout(this.#timer)
    const text = this.#taken()
    if (text === '') return
    try {
      mkdirSync(this.#o.folder, { recursive: true })
      appendFileSync(this.#file, text)
    } catch (error) {
      this.#told(error)
    }
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
  }

  #taken(): string {
    const text = this.#waiting.join('')
    this.#waiting = []
    this.#waitingChars = 0
    return text
  }

  async #write(): Promise<void> {
    const [count, lost] = [this.#waiting.length, this.#lost]
    const waited = this.#taken()
    if (waited === '') return
    const text = lost === 0 ? waited : `${JSON.stringify(lossOf(lost))}\n${waited}`
    try {
      await mkdir(this.#o.folder, { recursive: true })
      if ((await this.#appended(text)) === 'full') {
        await this.#rotate()
        await this.#appended(text)
      }
      this.#isTorn = false
      this.#lost -= lost
    } catch (error) {
      this.#lost += count
      this.#isTorn = true
      this.#told(error)
    }
  }

  /** @returns full: nothing was written, because the file has no room for it */
  async #appended(text: string): Promise<'full' | 'written'> {
    const file = await open(this.#file, 'a+')
    try {
      const { size } = await file.stat()
      if (size > 0 && size + Buffer.byteLength(text) > this.#o.fileBytesMax) return 'full'
      const isCut = this.#isTorn && size > 0 && (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer[0] !== 10
      await file.appendFile(isCut ? `\n${text}` : text)
      return 'written'
    } finally {
      await file.close()
    }
  }

  async #rotate(): Promise<void> {
    for (let at = journalFiles.length - 1; at > 0; at--) {
      const [from, to] = [journalFiles[at - 1] as string, journalFiles[at] as string]
      await rename(join(this.#o.folder, from), join(this.#o.folder, to)).catch((error: NodeJS.ErrnoException) => {
        // there are not that many yet
        if (error.code !== 'ENOENT') throw error
      })
    }
  }

  #told(error: unknown): void {
    if (this.#hasTold) return
    this.#hasTold = true
    this.#o.onTrouble(error)
  }
}

function lossOf(count: number): JournalLine {
  const message = `${count} lines are missing here: the disk did not take them`
  const at = new Date().toISOString()
  return { at, level: 'warn', stage: null, task: null, code: null, message, pid: process.pid }
}
