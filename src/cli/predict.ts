// slipstream predict: asks the running Slipstream, one flight by flags or many from a file.

import { Failure, failureIn } from '../lib/failure.ts'
import { parseInstant } from '../server/instant.ts'
import type { Answer } from '../server/program.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { columnLines, instantText } from './columns.ts'
import { type Command, type CommandIo, namedArgs, textFlag, wholeFlag } from './command.ts'
import { linesOf } from './file-lines.ts'

const usage =
  'slipstream predict --flight UA1545 --origin EWR --destination IAH --departure INSTANT | --id FLIGHT | --batch FILE'
/** Flights of one request. */
const batchFlights = 500

export const command: Command = {
  name: 'predict',
  summary: 'ask the running Slipstream how likely a flight is to be late',
  usage,
  flags: {
    flight: { type: 'string', value: 'UA1545', about: 'carrier and number' },
    origin: { type: 'string', value: 'EWR', about: 'airport of departure' },
    destination: { type: 'string', value: 'IAH', about: 'airport of arrival' },
    departure: {
      type: 'string',
      value: 'INSTANT',
      about: 'planned departure, ISO 8601 with a zone: 2013-02-09T15:00Z',
    },
    arrival: { type: 'string', value: 'INSTANT', about: 'planned arrival' },
    horizon: { type: 'string', value: 'MINUTES', about: "before departure (default: the nearest of the model's)" },
    id: { type: 'string', value: 'FLIGHT', about: 'a flight that was scheduled here, by its id' },
    explain: { type: 'boolean', about: 'say why, in words' },
    batch: { type: 'string', value: 'FILE', about: 'NDJSON, one question a line, as the API takes them; - is stdin' },
    url: urlFlag,
  },
  examples: [
    'slipstream predict --flight UA1545 --origin EWR --destination IAH --departure 2013-02-09T15:00Z',
    'slipstream predict --id UA-1545-EWR-IAH-2013-02-09T15:00Z --explain',
    'slipstream predict --batch questions.ndjson --json',
  ],
  run,
}

async function run(io: CommandIo): Promise<number> {
  namedArgs(io, usage, [])
  const file = textFlag(io, 'batch')
  const url = baseUrl(io)
  if (file !== undefined) {
    if (io.flags['explain'] !== true) return await askAll(io, url, file)
    throw new Failure('USAGE', '--explain is for one flight', { field: 'explain', help: 'Leave out --batch.' })
  }
  const path = io.flags['explain'] === true ? '/v1/predictions?explain=true' : '/v1/predictions'
  const { answers } = (await call(url, { path, body: question(io) })) as { answers: Answer[] }
  const answer = answers[0] as Answer
  print(io, answer)
  io.document(answer)
  return 0
}

async function askAll(io: CommandIo, url: URL, file: string): Promise<number> {
  const answers: Answer[] = []
  let asks: unknown[] = []
  let firstLine = 1
  const send = async () => {
    if (asks.length > 0) answers.push(...(await askBatch(url, asks, firstLine)))
    asks = []
    io.progress(`${answers.length} answered`)
  }
  for await (const { line, text } of linesOf(file)) {
    if (asks.length === 0) firstLine = line
    asks.push(askOf(text, line))
    if (asks.length === batchFlights) await send()
  }
  await send()
  const rows = answers.map(({ flightId, probability, low, high, late, model }) => [
    flightId,
    percent(probability),
    `${percent(low)} to ${percent(high)}`,
    late ? 'late' : 'on time',
    model,
  ])
  for (const line of columnLines(['FLIGHT', 'LATE', 'INTERVAL', 'DECISION', 'MODEL'], rows)) io.out(line)
  io.document({ answers })
  return 0
}

async function askBatch(url: URL, asks: readonly unknown[], firstLine: number): Promise<Answer[]> {
  try {
    return ((await call(url, { path: '/v1/predictions', body: asks })) as { answers: Answer[] }).answers
  } catch (error) {
    const failure = failureIn(error)
    if (failure?.field === undefined) throw error
    const { code, message, field, help } = failure
    throw new Failure(code, `${message} (counted from line ${firstLine})`, {
      field,
      cause: error,
      ...(help === undefined ? {} : { help }),
    })
  }
}

function askOf(text: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Failure('USAGE', `line ${line} is not JSON`, { field: 'batch', cause })
  }
}

/** @throws Failure USAGE with the flag as `field` */
function question(io: CommandIo): object {
  const id = textFlag(io, 'id')
  if (id !== undefined) return { flightId: id }
  const needed = (name: string): string => {
    const text = textFlag(io, name)
    if (text === undefined) throw new Failure('USAGE', `--${name} is missing`, { field: name, help: `usage: ${usage}` })
    return text
  }
  const flight = needed('flight').toUpperCase()
  const [, carrier, number] = /^((?=.?[A-Z])[A-Z0-9]{2}|[A-Z]{3})[ -]?(\d{1,5})$/.exec(flight) ?? []
  if (carrier === undefined) {
    throw new Failure('USAGE', `"${flight}" is no flight`, {
      field: 'flight',
      help: 'Write carrier and number, as UA1545.',
    })
  }
  const arrival = textFlag(io, 'arrival')
  const horizonMinutes = wholeFlag(io, 'horizon')
  return {
    carrier,
    flightNumber: Number(number),
    origin: needed('origin').toUpperCase(),
    destination: needed('destination').toUpperCase(),
    scheduledDepartureAt: instant(needed('departure'), 'departure'),
    ...(arrival === undefined ? {} : { scheduledArrivalAt: instant(arrival, 'arrival') }),
    ...(horizonMinutes === undefined ? {} : { horizonMinutes }),
  }
}

function instant(text: string, field: string): number {
  const at = parseInstant(text)
  if (at !== undefined) return at
  throw new Failure('USAGE', `--${field} is "${text}", which is no instant`, {
    field,
    help: 'Write it with its zone: 2013-02-09T15:00Z, or 2013-02-09T10:00-05:00.',
  })
}

function print(io: CommandIo, answer: Answer): void {
  const { flightId, probability, low, high, late, model, modelHash, frameTo, horizonMinutes, missing } = answer
  const decision = late ? io.color('red', 'late') : io.color('green', 'on time')
  io.out(`${io.color('bold', flightId)}  ${percent(probability)} likely to arrive 15 minutes late or more: ${decision}`)
  io.out(`  interval  ${percent(low)} to ${percent(high)}`)
  io.out(`  horizon   ${horizonMinutes} minutes before departure`)
  io.out(`  model     ${model} (${modelHash.slice(0, 12)})`)
  io.out(`  frame     ${frameTo === null ? 'none yet' : `up to ${instantText(frameTo)}`}`)
  if (missing.length > 0) io.out(`  missing   ${missing.join(', ')}`)
  for (const { contribution, text } of answer.explanation?.reasons ?? [])
    io.out(
      `  ${contribution > 0 ? io.color('red', 'later ') : io.color('green', 'sooner')}  ${contribution > 0 ? '+' : ''}${contribution.toFixed(2)}  ${text}`,
    )
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
