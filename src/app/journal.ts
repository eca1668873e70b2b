// What a program that owns a data folder says is kept there (adapters/journal-file.ts), with when, how bad and of which
// stage; secrets of the settings never are. `slipstream logs` reads it.

import { resolve } from 'node:path'
import { JournalFile, type JournalLine } from '../adapters/journal-file.ts'
import { JournalReader } from '../adapters/journal-reader.ts'
import { type Config, secretsOf } from '../config.ts'
import { failureIn } from '../lib/failure.ts'

export type { JournalLine } from '../adapters/journal-file.ts'

type Place = Pick<JournalLine, 'stage' | 'task'>
type Level = JournalLine['level']

const messageCharsMax = 4000
const nowhere: Place = { stage: null, task: null }

export class Journal {
  readonly #file: JournalFile
  readonly #secrets: readonly string[]
  #isOpen = false
  #early: JournalLine[] = []

  /** @param onTrouble told once when lines cannot be kept; nothing else comes of that */
  constructor(config: Config, onTrouble: (error: unknown) => void) {
    this.#file = new JournalFile({ folder: journalFolder(config), onTrouble })
    this.#secrets = secretsOf(config)
  }

  /** The folder is ours now: what was said before this is kept too, and without this nothing is. */
  open(): void {
    this.#isOpen = true
    for (const line of this.#early) this.#file.append(line)
    this.#early = []
  }

  info(message: string, where = ''): void {
    this.#add('info', where, { code: null, message })
  }

  /** @param where a task, a stage or job, or whatever else names the place */
  trouble(where: string, error: unknown): void {
    const { code = null, next } = failureIn(error) ?? {}
    const message = error instanceof Error ? error.message : String(error)
    this.#add(next === 'retry' ? 'warn' : 'error', where, { code, message })
  }

  /** A line of JSON of the server's logger. */
  server(text: string): void {
    const { level, msg = '', err } = JSON.parse(text) as { level: number; msg?: string; err?: { message?: string } }
    const message = err?.message === undefined || err.message === msg ? msg : `${msg}: ${err.message}`
    this.#add(level >= 50 ? 'error' : level >= 40 ? 'warn' : 'info', 'api', { code: null, message })
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  /** For the end of a process that comes unexpectedly. */
  closeNow(): void {
    this.#file.closeNow()
  }

  #add(level: Level, where: string, { code, message }: Pick<JournalLine, 'code' | 'message'>): void {
    const place = placeOf(where)
    const text = place === nowhere && where !== '' ? `${where}: ${message}` : message
    const line: JournalLine = {
      at: new Date().toISOString(),
      level,
      ...place,
      code,
      message: withoutSecrets(text, this.#secrets).slice(0, messageCharsMax),
      pid: process.pid,
    }
    if (this.#isOpen) this.#file.append(line)
    else this.#early.push(line)
  }
}

/** `score-3` is a task, `warehouse` a stage or job; anything else, as `view of models`, is neither. */
function placeOf(where: string): Place {
  const [, stage, number] = /^([a-z]+)(-\d+)?$/.exec(where) ?? []
  if (stage === undefined) return nowhere
  return { stage, task: number === undefined ? null : where }
}

/** What stands in an address before its host is one, too. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  const clean = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  return clean.replace(/(\/\/)[^\s/@]+@/g, '$1***@')
}

/** The journal of a data folder, to be read while somebody writes it or when nobody does. */
export function journalReader(config: Config): JournalReader {
  return new JournalReader(journalFolder(config))
}

export function journalFolder({ dataDir }: Pick<Config, 'dataDir'>): string {
  return resolve(dataDir, 'logs')
}
