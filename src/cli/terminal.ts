// The two outputs of a command: data on stdout, gathered into larger writes; narration and progress on stderr, with the
// progress line out of the way of both. Colour is each output's own question: a terminal, NO_COLOR, FORCE_COLOR.

import { Failure, failureIn } from '../lib/failure.ts'
import type { Color, Progress } from './command.ts'
import { exitCodeOf } from './exit-code.ts'

/** A stream to write to, as process.stdout is one. */
export type Sink = {
  write(text: string): boolean
  once(event: 'drain', listener: () => void): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export type TerminalOptions = {
  readonly stdout: Sink
  readonly stderr: Sink
  readonly env: Readonly<Record<string, string | undefined>>
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly noColor: boolean
  /** Milliseconds of any clock that only goes forward. */
  readonly now: () => number
}

const codes: Record<Color, [number, number]> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  bold: [1, 22],
  dim: [2, 22],
}
const writeChars = 1 << 16
const progressEveryMs = 2000
const redrawEveryMs = 80
const barChars = 24

export class Terminal {
  readonly #o: TerminalOptions
  #held: string[] = []
  #heldChars = 0
  #isFull = false
  #progressAt: number
  #isDrawn = false

  constructor(options: TerminalOptions) {
    this.#o = options
    // a log wants no word of what is over within two seconds
    this.#progressAt = options.stderr.isTTY === true ? Number.NEGATIVE_INFINITY : options.now()
  }

  get isTty(): boolean {
    return this.#o.stdout.isTTY === true
  }

  /** A line on stdout, perhaps later. */
  line(text: string): void {
    this.#held.push(text, '\n')
    this.#heldChars += text.length + 1
    if (this.#heldChars >= writeChars || this.isTty) this.#flush()
  }

  narrate(text: string): void {
    if (this.#o.quiet) return
    this.#say(text)
  }

  progress(step: string | Progress): void {
    if (this.#o.quiet) return
    const { stderr, now } = this.#o
    const isTty = stderr.isTTY === true
    const at = now()
    if (at - this.#progressAt < (isTty ? redrawEveryMs : progressEveryMs)) return
    this.#progressAt = at
    const text = typeof step === 'string' ? step : barOf(step)
    if (!isTty) return this.#say(text)
    this.#flush()
    stderr.write(`\r\x1b[2K${text.slice(0, (stderr.columns ?? 80) - 1)}`)
    this.#isDrawn = true
  }

  color(color: Color, text: string): string {
    return this.#paint(this.#o.stdout, color, text)
  }

  /** Resolves once stdout has taken everything so far. */
  async drained(): Promise<void> {
    this.#flush()
    if (!this.#isFull) return
    await new Promise<void>(resolve => this.#o.stdout.once('drain', resolve))
    this.#isFull = false
  }

  async end(): Promise<void> {
    this.#erase()
    await this.drained()
  }

  /** Says why a command failed. @returns its exit code */
  async fail(error: unknown): Promise<number> {
    const failure = failureIn(error) ?? unexpected(error)
    await this.end()
    const { code, message, field, help } = failure
    if (this.#o.json) {
      this.#o.stderr.write(`${JSON.stringify({ error: { code, message, field, help } })}\n`)
    } else this.#o.stderr.write(`${this.#told(failure)}\n`)
    if (this.#o.verbose) this.#o.stderr.write(`${storyOf(error)}\n`)
    return exitCodeOf(code)
  }

  #told({ code, message, field, help }: Failure): string {
    const { stderr } = this.#o
    const lines = [`${this.#paint(stderr, 'red', `error[${code}]`)}: ${message}`]
    if (field !== undefined) lines.push(`  field: ${field}`)
    if (help !== undefined) lines.push(`  ${this.#paint(stderr, 'cyan', 'help')}: ${help}`)
    return lines.join('\n')
  }

  #say(text: string): void {
    this.#flush()
    this.#erase()
    this.#o.stderr.write(`${text}\n`)
  }

  #flush(): void {
    if (this.#held.length === 0) return
    this.#erase()
    const text = this.#held.join('')
    this.#held = []
    this.#heldChars = 0
    if (!this.#o.stdout.write(text)) this.#isFull = true
  }

  #erase(): void {
    if (!this.#isDrawn) return
    this.#o.stderr.write('\r\x1b[2K')
    this.#isDrawn = false
  }

  #paint(sink: Sink, color: Color, text: string): string {
    if (!this.#hasColor(sink)) return text
    const [on, off] = codes[color]
    return `\x1b[${on}m${text}\x1b[${off}m`
  }

  #hasColor({ isTTY }: Sink): boolean {
    const { env, noColor, json } = this.#o
    if (noColor || json) return false
    if (env['NO_COLOR']) return false
    if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0'
    return isTTY === true && env['TERM'] !== 'dumb'
  }
}

function barOf({ label, done, total }: Progress): string {
  const share = total > 0 ? Math.min(1, done / total) : 0
  const full = Math.round(share * barChars)
  return `${label} [${'#'.repeat(full)}${'.'.repeat(barChars - full)}] ${Math.floor(share * 100)} %`
}

function unexpected(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  return new Failure('UNEXPECTED', message, {
    help: 'It is a defect here. Run it again with --verbose and report it.',
    cause: error,
  })
}

/** The stack, and those of its causes. */
function storyOf(error: unknown): string {
  const parts: string[] = []
  const seen = new Set<unknown>()
  for (let at = error; at !== undefined && !seen.has(at); at = at instanceof Error ? at.cause : undefined) {
    seen.add(at)
    parts.push(at instanceof Error ? (at.stack ?? at.message) : JSON.stringify(at))
  }
  return parts.join('\ncaused by ')
}
