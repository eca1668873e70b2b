// The events of a producer's file and what is wrong with each: NDJSON (one event a line), a JSON array of events, or a
// table laid out like flights.csv or weather.csv of the bundle.

import type { Airports } from '../flights/airports.ts'
import { checkEvent } from '../flights/check.ts'
import { columnsOf } from '../flights/columns.ts'
import type { Item } from '../flights/event-order.ts'
import { flightEvents, weatherEvent } from '../flights/flight-events.ts'
import { flightColumns, flightRecordOf } from '../flights/row.ts'
import { weatherColumns, weatherRecordOf } from '../flights/weather-row.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import { parseEvents, readEventKinds } from '../server/events.ts'
import { csvRows } from './csv.ts'
import { linesOf } from './file-lines.ts'

/** `place` is for people: `line 3`, `item 3`. */
export type Verdict = { readonly place: string; readonly line: number; readonly failure: Failure | null }

export type Verdicts = { readonly format: 'ndjson' | 'json' | 'csv'; readonly verdicts: AsyncIterable<Verdict> }

/** Bytes of an event at most. */
const eventBytesMax = 65_536

/** @throws Failure SOURCE_UNREADABLE */
export async function verdictsOf(file: string, airports: Airports): Promise<Verdicts> {
  if (/\.csv(\.gz)?$/.test(file)) return { format: 'csv', verdicts: rowVerdicts(file, airports) }
  const judge = eventJudge(airports)
  const lines = linesOf(file)
  const first = await lines.next()
  if (first.done) throw new Failure('SOURCE_UNREADABLE', `${file} is empty`, { field: 'FILE' })
  const isArray = first.value.text.trimStart().startsWith('[')
  const whole = following(first.value, lines)
  if (isArray) return { format: 'json', verdicts: itemVerdicts(whole, judge) }
  return { format: 'ndjson', verdicts: lineVerdicts(whole, judge) }
}

type Line = { line: number; text: string }
type Judge = (event: unknown) => Failure | null

async function* following(first: Line, rest: AsyncIterable<Line>): AsyncGenerator<Line> {
  yield first
  yield* rest
}

/** Judges as the API does; an event without `at` is known now. */
function eventJudge(airports: Airports): Judge {
  const kinds = readEventKinds()
  const at = Date.now()
  return event => {
    // the API would take these as a batch, or as no body at all
    if (Array.isArray(event) || event === null) return new Failure('FLIGHT_MALFORMED', 'an event is a JSON object')
    return failureOf(() => parseEvents(event, { kinds, airports, at }))
  }
}

async function* lineVerdicts(lines: AsyncIterable<Line>, judge: Judge): AsyncGenerator<Verdict> {
  for await (const { line, text } of lines) yield { place: `line ${line}`, line, failure: lineFailure(text, judge) }
}

function lineFailure(text: string, judge: Judge): Failure | null {
  const byteCount = Buffer.byteLength(text)
  if (byteCount > eventBytesMax) {
    return new Failure('RECORD_TOO_LARGE', `the line has ${byteCount} bytes; an event has at most ${eventBytesMax}`)
  }
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch (cause) {
    return new Failure('FLIGHT_MALFORMED', `the line is not JSON: ${(cause as Error).message}`, { cause })
  }
  return judge(event)
}

async function* itemVerdicts(lines: AsyncIterable<Line>, judge: Judge): AsyncGenerator<Verdict> {
  const texts: string[] = []
  let last = 1
  for await (const { line, text } of lines) {
    texts.push(text)
    last = line
  }
  let items: unknown
  try {
    items = JSON.parse(texts.join('\n'))
  } catch (cause) {
    const failure = new Failure('FLIGHT_MALFORMED', `the file is no JSON array: ${(cause as Error).message}`, { cause })
    yield { place: 'file', line: last, failure }
    return
  }
  for (const [index, item] of (items as unknown[]).entries()) {
    yield { place: `item ${index + 1}`, line: index + 1, failure: judge(item) }
  }
}

async function* rowVerdicts(file: string, airports: Airports): AsyncGenerator<Verdict> {
  let judge: ((cells: readonly string[]) => Failure | null) | undefined
  let width = 0
  for await (const { line, cells } of csvRows(file)) {
    const place = `line ${line}`
    if (judge === undefined) {
      const failure = failureOf(() => {
        judge = rowJudge(cells, airports)
      })
      if (failure) return yield { place, line, failure }
      width = cells.length
    } else if (cells.length !== width) {
      const failure = new Failure('SOURCE_UNREADABLE', `${cells.length} cells, but the header has ${width}`)
      yield { place, line, failure }
    } else yield { place, line, failure: judge(cells) }
  }
  if (judge === undefined)
    throw new Failure('SOURCE_UNREADABLE', `${file} is empty: it has no header`, { field: 'FILE' })
}

/** What is wrong with a row, or with the events that become of it. @throws Failure SOURCE_UNREADABLE */
function rowJudge(header: readonly string[], airports: Airports): (cells: readonly string[]) => Failure | null {
  const judged = (itemsOf: () => readonly Item[]): Failure | null => {
    let items: readonly Item[] = []
    const failure = failureOf(() => {
      items = itemsOf()
    })
    if (failure) return failure
    for (const { name, value } of items) {
      const wrong = name === null ? null : checkEvent(name, value, airports)
      if (wrong) return wrong
    }
    return null
  }
  if (header.includes('wind_dir')) {
    const columns = columnsOf(header, weatherColumns)
    return cells => judged(() => [weatherEvent(weatherRecordOf(cells, columns, airports))])
  }
  const columns = columnsOf(header, flightColumns)
  return cells =>
    judged(() => {
      const flight = flightRecordOf(cells, columns, airports)
      return flightEvents(flight, flight.scheduledDepartureAt, undefined)
    })
}

function failureOf(judge: () => void): Failure | null {
  try {
    judge()
    return null
  } catch (error) {
    const failure = failureIn(error)
    if (failure) return failure
    throw error
  }
}
