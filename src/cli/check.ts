// slipstream check FILE: what the pipeline would say to each event of a producer's file, without a pipeline. Judged as at
// the API's door and at the head of the stream, each event on its own: what depends on a flight's history (an event for
// a flight never scheduled, a second departure) is decided in the stream.

import type { Failure, FailureCode } from '../lib/failure.ts'
import { verdictsOf } from './check-file.ts'
import { columnLines, count } from './columns.ts'
import { type Command, type CommandIo, namedArgs, wholeFlag } from './command.ts'
import { airportsIn } from './csv.ts'
import { exitCode } from './exit-code.ts'

const toldMost = 100

export const command: Command = {
  name: 'check',
  summary: "validate a producer's file offline",
  usage: 'slipstream check FILE|- [--limit N] [--each] [--json]',
  flags: {
    limit: { type: 'string', value: 'N', about: `tell at most so many wrong events (default ${toldMost})` },
    each: { type: 'boolean', about: 'tell of the good events too' },
  },
  examples: [
    'slipstream check events.ndjson',
    'slipstream check flights.csv.gz --limit 5',
    'producer --dry-run | slipstream check - --json',
  ],
  run,
}

type Told = {
  place: string
  line: number
  code: FailureCode
  field: string | null
  message: string
  help: string | null
}

async function run(io: CommandIo): Promise<number> {
  const [file = ''] = namedArgs(io, command.usage, ['FILE'])
  const limit = wholeFlag(io, 'limit') ?? toldMost
  const airports = await airportsIn(io.config.source)
  const { format, verdicts } = await verdictsOf(file, airports)
  const codes = new Map<FailureCode, number>()
  const problems: Told[] = []
  let good = 0
  let wrong = 0
  for await (const { place, line, failure } of verdicts) {
    if (failure === null) good++
    else {
      wrong++
      codes.set(failure.code, (codes.get(failure.code) ?? 0) + 1)
      if (problems.length < limit) problems.push(told(place, line, failure))
    }
    if (failure === null ? io.flags['each'] : wrong <= limit) print(io, place, failure)
    if ((good + wrong) % 1000 === 0) {
      io.progress(`${count(good + wrong)} checked, ${count(wrong)} wrong`)
      await io.drained()
    }
  }
  printSummary(io, { good, wrong, limit, codes })
  io.document({ file, format, checked: good + wrong, ok: good, wrong, byCode: Object.fromEntries(codes), problems })
  return wrong === 0 ? exitCode.ok : exitCode.checkFailed
}

function told(place: string, line: number, { code, field, message, help }: Failure): Told {
  return { place, line, code, field: field ?? null, message, help: help ?? null }
}

function print(io: CommandIo, place: string, failure: Failure | null): void {
  if (failure === null) return io.out(`${place}: ${io.color('green', 'ok')}`)
  const { code, message, help } = failure
  io.out(`${place}: ${io.color('red', code)} ${message}${help === undefined ? '' : `. ${help}`}`)
}

type Summary = { good: number; wrong: number; limit: number; codes: ReadonlyMap<FailureCode, number> }

function printSummary(io: CommandIo, { good, wrong, limit, codes }: Summary): void {
  if (wrong > limit) io.out(`... and ${count(wrong - limit)} more wrong ones`)
  if (wrong > 0) {
    const rows = [...codes].sort((a, b) => b[1] - a[1]).map(([code, times]) => [code, count(times)])
    for (const line of columnLines(['CODE', { title: 'COUNT', align: 'right' }], rows)) io.out(line)
  }
  io.out(`${count(good + wrong)} checked: ${count(good)} ok, ${count(wrong)} wrong`)
}
