// slipstream topics produce: publishes events from a file or stdin through the API of the running Slipstream, in batches.
// The API is the only door for them: it gives each event its partition, and the log has one owner.

import { Failure } from '../lib/failure.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { count } from './columns.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { topicContracts } from './contracts.ts'
import { linesOf } from './file-lines.ts'

const batchEvents = 1000
const batchChars = 500_000

export const topicsProduce: Command = {
  name: 'produce',
  summary: 'publish events (NDJSON) to the running Slipstream',
  usage: 'slipstream topics produce flights.events [FILE|-] [--url URL]',
  flags: { url: urlFlag },
  examples: [
    'slipstream topics produce flights.events events.ndjson',
    'cat events.ndjson | slipstream topics produce flights.events',
  ],
  async run(io: CommandIo): Promise<number> {
    const [topic = '', file = '-'] = namedArgs(
      io,
      topicsProduce.usage,
      ['TOPIC', 'FILE'].slice(0, Math.max(1, io.args.length)),
    )
    refuseOthers(topic)
    const url = baseUrl(io)
    const partitions = new Map<number, number>()
    let published = 0
    for await (const { events, firstLine } of batchesOf(file)) {
      const answer = await publish(url, events, { firstLine, published })
      for (const { key, partition } of answer) {
        partitions.set(partition, (partitions.get(partition) ?? 0) + 1)
        if (answer.length === 1) io.out(`partition ${partition}  ${key}`)
      }
      published += answer.length
      io.progress(`${count(published)} events published`)
    }
    io.out(`${count(published)} events published`)
    io.document({ topic, published, partitions: Object.fromEntries(partitions) })
    return 0
  },
}

type Batch = { events: unknown[]; firstLine: number }
type Published = { key: string; partition: number }[]

async function publish(
  url: URL,
  events: readonly unknown[],
  { firstLine, published }: { firstLine: number; published: number },
): Promise<Published> {
  try {
    const { accepted } = (await call(url, { path: '/v1/events', body: events })) as { accepted: Published }
    return accepted
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'NOT_RUNNING') throw error
    const help = `${published} events before this batch (from line ${firstLine} on) were published; none of it was. ${error.help ?? ''}`
    throw new Failure(error.code, error.message, {
      help: help.trim(),
      cause: error,
      ...(error.field === undefined ? {} : { field: error.field }),
    })
  }
}

async function* batchesOf(file: string): AsyncGenerator<Batch> {
  let batch: Batch | undefined
  let chars = 0
  for await (const { line, text } of linesOf(file)) {
    batch ??= { events: [], firstLine: line }
    batch.events.push(eventOf(text, line))
    chars += text.length
    if (batch.events.length < batchEvents && chars < batchChars) continue
    yield batch
    batch = undefined
    chars = 0
  }
  if (batch) yield batch
}

function eventOf(text: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Failure('FLIGHT_MALFORMED', `line ${line} is not JSON`, {
      cause,
      help: '`slipstream check FILE` looks at every line.',
    })
  }
}

function refuseOthers(topic: string): void {
  if (topic === 'flights.events') return
  const contract = topicContracts().find(({ name }) => name === topic)
  const why = contract ? `is written by ${contract.writtenBy ?? contract.doors.join(', ')} alone` : 'is no topic'
  throw new Failure('USAGE', `${topic} ${why}`, { field: 'TOPIC', help: 'Producers publish to flights.events.' })
}
