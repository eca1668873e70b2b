// slipstream watch: the live socket in a terminal. On a terminal one block is redrawn; else each update is a line, and with
// --json each frame.

import { WebSocket } from 'ws'
import { Failure } from '../lib/failure.ts'
import type { LoopNews } from '../server/loop.ts'
import type { LivePrediction, Status } from '../server/program.ts'
import { baseUrl, urlFlag } from './api-client.ts'
import { columnLines, instantText } from './columns.ts'
import { type Command, type CommandIo, namedArgs, wholeFlag } from './command.ts'
import { exitCode } from './exit-code.ts'

type Frame = { type: string; status?: Status; predictions?: LivePrediction[]; drift?: LoopNews | null }

const topics = { live: 'status,predictions', drift: 'status,drift' } as const
type View = keyof typeof topics
const rowsShown = 10

export const command: Command = {
  name: 'watch',
  summary: 'follow predictions or drift in the terminal',
  usage: 'slipstream watch [live|drift] [--count N] [--url URL] [--json]',
  flags: {
    count: { type: 'string', value: 'N', about: 'end after so many updates' },
    url: urlFlag,
  },
  examples: ['slipstream watch', 'slipstream watch drift', 'slipstream watch drift --json --count 1'],
  async run(io: CommandIo): Promise<number> {
    const [view = 'live'] = namedArgs(io, command.usage, ['VIEW'].slice(0, io.args.length))
    if (view !== 'live' && view !== 'drift') {
      throw new Failure('USAGE', `there is no view "${view}"`, { field: 'VIEW', help: 'Watch live or drift.' })
    }
    await follow(io, view, wholeFlag(io, 'count', 1) ?? Number.POSITIVE_INFINITY)
    return exitCode.ok
  },
}

/** Until it is interrupted, or has shown so many updates. @throws Failure NOT_RUNNING */
async function follow(io: CommandIo, view: View, updates: number): Promise<void> {
  const base = baseUrl(io)
  const url = new URL(`/v1/live?topics=${topics[view]}`, base)
  url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url)
  const screen = new Screen(io, view)
  const signal = io.interruption()
  let left = updates
  await new Promise<void>((resolve, reject) => {
    const lost = (cause?: unknown) => {
      const help = 'Start it with `npm start` or `slipstream up`, or say where it runs with --url.'
      reject(new Failure('NOT_RUNNING', `no Slipstream answers at ${base.origin}`, { help, cause }))
    }
    const end = () => {
      left = 0
      socket.close()
      resolve()
    }
    signal.addEventListener('abort', end)
    socket.on('error', lost)
    socket.on('close', () => lost())
    socket.on('message', data => {
      if (left > 0 && screen.take(JSON.parse((data as Buffer).toString()) as Frame) && --left === 0) end()
    })
  })
  await io.drained()
}

class Screen {
  readonly #io: CommandIo
  readonly #view: View
  #status: Status | null = null
  #rows: LivePrediction[] = []
  #drift: LoopNews = {}
  #linesDrawn = 0

  constructor(io: CommandIo, view: View) {
    this.#io = io
    this.#view = view
  }

  /** @returns whether it was an update */
  take(frame: Frame): boolean {
    const { status, predictions = [], drift } = frame
    if (frame.type === 'snapshot') [this.#rows, this.#drift] = [[], {}]
    this.#status = status ?? this.#status
    this.#rows = [...predictions, ...this.#rows].slice(0, rowsShown)
    this.#drift = { ...this.#drift, ...drift }
    const isNews = this.#view === 'live' ? predictions.length > 0 : Object.keys(drift ?? {}).length > 0
    if (!isNews && frame.type !== 'snapshot') return false
    if (this.#io.json) this.#io.record(frame)
    else if (this.#io.isTty) this.#redraw()
    else
      for (const line of this.#view === 'live' ? predictions.map(predictionLine) : newsLines(drift ?? {}))
        this.#io.out(line)
    return true
  }

  #redraw(): void {
    const lines = [
      statusLine(this.#status),
      ...(this.#view === 'live' ? liveLines(this.#rows) : driftLines(this.#drift)),
    ]
    // up to where the block began, and clear from there
    const up = this.#linesDrawn === 0 ? '' : `\x1b[${this.#linesDrawn}A\x1b[J`
    this.#linesDrawn = lines.length
    this.#io.out(up + lines.join('\n'))
  }
}

function statusLine(status: Status | null): string {
  if (status === null) return 'waiting for the first frame'
  const { eventTime, model, eventsPerSecond, loop } = status
  const at = eventTime === null ? 'no event yet' : instantText(eventTime)
  return `${at}  ${eventsPerSecond} events/s  model ${model?.version ?? 'none'}  ${loop.openAlerts.length} alerts open`
}

function predictionLine({ at, flightId, probability, late, skipped }: LivePrediction): string {
  const said =
    probability === null ? `skipped: ${skipped}` : `${(probability * 100).toFixed(1)} %${late ? ' late' : ''}`
  return `${instantText(at)}  ${flightId}  ${said}`
}

function liveLines(rows: readonly LivePrediction[]): string[] {
  return rows.map(predictionLine)
}

function driftLines({ metrics, alerts = [], decisions = [] }: LoopNews): string[] {
  const rows = (metrics?.columns ?? [])
    .slice(0, rowsShown)
    .map(({ column, score, drifted, unusual }) => [
      column,
      score?.toPrecision(4) ?? '-',
      unusual === true ? 'unusual' : drifted === true ? 'drifted' : '',
    ])
  return [
    ...newsLines({ ...(metrics ? { metrics } : {}), alerts: alerts.slice(0, 3), decisions: decisions.slice(0, 3) }),
    ...columnLines(['COLUMN', { title: 'SCORE', align: 'right' }, ''], rows),
  ]
}

function newsLines({ metrics, alerts = [], requests = [], decisions = [], shadowTests = [] }: LoopNews): string[] {
  const percent = (share: number | null) => (share === null ? '-' : `${Math.round(share * 100)} %`)
  return [
    ...(metrics
      ? [
          `${instantText(metrics.to)}  ${metrics.columnsDrifted} of ${metrics.columnsCompared} columns drifted, ${percent(metrics.unusualShare)} unusual`,
        ]
      : []),
    ...alerts.map(({ at, kind, resolvedAt, message, resolvedMessage }) =>
      resolvedAt === null
        ? `${instantText(at)}  alert ${kind}: ${message}`
        : `${instantText(resolvedAt)}  resolved ${kind}: ${resolvedMessage}`,
    ),
    ...requests.map(({ at, id, why }) => `${instantText(at)}  training ${id}: ${why}`),
    ...shadowTests.map(
      ({ at, challenger, verdict, because }) => `${instantText(at)}  ${challenger} ${verdict}: ${because}`,
    ),
    ...decisions.map(({ at, verb, version, because }) => `${instantText(at)}  ${verb} ${version}: ${because}`),
  ]
}
