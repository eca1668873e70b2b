// Seen from outside: producers and consumers of other makes (Java's kafka-clients with Apache Avro, Python's
// confluent-kafka with fastavro, Kafka's console consumer) on a running Slipstream. The Python is that of
// docs/producing.md and docs/consuming.md, with the addresses of this test.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { start } from '../../scripts/proof/children.ts'
import { fetchAvro, fetchKafka, fetchPythonClients, hasClientParts } from '../../scripts/stack/parts.ts'
import { hours, minutes } from '../../src/lib/time.ts'
import { partitionOf } from '../../src/runtime/partition.ts'
import { skipUnless } from '../skips.ts'
import { brokers, deleteTopics, newPrefix, onKafka, openLog, plainKafka } from './brokers.ts'

const registry = inject('registry')
const here = skipUnless(
  brokers.length > 0 && registry !== null && hasClientParts(),
  'Tests with clients of other makes need a JDK 17, Maven and Python 3 with venv',
  'apt-get install openjdk-17-jdk-headless maven python3-venv',
)
const partitions = 3
const horizon = minutes(120)
const pausedAt = Date.parse('2013-02-08T05:00:00Z')
const root = mkdtempSync(path.join(tmpdir(), 'slipstream-outside-'))
const prefix = newPrefix()
const tell = (line: string) => void process.stderr.write(`${line}\n`)

type Seen = { key: string; partition: number; name: string; value: { probability?: number; reason?: string } }

// a machine that does other work is no failure
here.describe('clients of other makes', { timeout: 300_000 }, () => {
  let jars = ''
  let classPath = ''
  let python = ''
  let slipstream: ReturnType<typeof start>
  let url = ''
  const status = async () => (await (await fetch(`${url}/v1/pipeline`)).json()) as { replay: { at: number } }

  beforeAll(async () => {
    jars = await fetchKafka(tell)
    classPath = [root, `${jars}/*`, `${await fetchAvro(tell)}/*`].join(path.delimiter)
    python = await fetchPythonClients(tell)
    const source = path.join(import.meta.dirname, 'outside', 'Outside.java')
    const on = onKafka(prefix).join(' ')
    const day = '--from 2013-02-08 --to 2013-02-08 --model-from 2013-02-07T05:00:00Z --fast-until 2013-02-08 --paused'
    const flags = `${on} --schema-registry-url ${registry?.url} --partitions ${partitions} --warehouse none --port 0 ${day}`
    slipstream = start(['up', '--json', '--data-dir', path.join(root, 'data'), ...flags.split(' ')])
    const ready = new Promise<string>((resolve, reject) => {
      slipstream.child.stdout?.on('data', bytes => {
        const [, found] = /"event":"ready","url":"([^"]+)"/.exec(String(bytes)) ?? []
        if (found !== undefined) resolve(found.replace('localhost', '127.0.0.1'))
      })
      void slipstream.ended.then(({ err }) => reject(new Error(err)))
    })
    ready.catch(() => undefined)
    await said('javac', ['-d', root, '-cp', classPath, source])
    url = await ready
    // where the replay pauses
    while ((await status()).replay.at < pausedAt) await sleep(100)
  }, 600_000)

  afterAll(async () => {
    slipstream?.child.kill('SIGTERM')
    await slipstream?.ended
    await deleteTopics()
    rmSync(root, { recursive: true, force: true })
  })

  const java = (...args: string[]) => ['-cp', classPath, 'Outside', ...args]
  const where = [brokers.join(','), registry?.url ?? '']
  const script = path.join(import.meta.dirname, 'outside', 'outside.py')

  test('publish flights and read their predictions, knowing the contracts alone', async () => {
    const [ofJava, ofPython, astray] = [flights('java'), flights('python'), flights('astray')]
    const lines = ofJava.map(event => ({ subject: 'slipstream.FlightScheduled', key: event.flightId, event }))
    const published = await Promise.all([
      said('java', java('publish', ...where, `${prefix}flights.events`), jsonLines(lines)),
      said(python, [script, 'publish'], jsonLines(ofPython), codeOf('right')),
      // librdkafka's own choice is another one than murmur2
      said(python, [script, 'publish'], jsonLines(astray), codeOf('wrong', 'murmur2_random', 'consistent_random')),
    ])
    expect(published.map(Number)).toEqual([20, 20, 20])
    await abortedPrediction()
    const headers = { 'content-type': 'application/json' }
    await fetch(`${url}/v1/pipeline/control`, { method: 'POST', headers, body: '{"action":"step"}' })

    const lying = await recordsOf('flights.events')
    const isLost = ({ key, partition }: Lying) =>
      key.startsWith('outside-') && partition !== partitionOf(key, partitions)
    const lost = lying
      .filter(isLost)
      .map(({ key }) => key)
      .toSorted()
    expect(lost.length).toBeGreaterThan(0)
    const found = idsOf([...ofJava, ...ofPython, ...astray]).filter(id => !lost.includes(id))
    const topic = `${prefix}flights.predictions`
    const [inJava, inPython, rejected] = await Promise.all([
      said('java', java('consume', ...where, topic, 'outside-', `${found.length}`)),
      said(python, [script, 'consume', 'outside-', `${found.length}`], '', codeOf('right')),
      said(python, [script, 'consume', 'outside-', `${lost.length}`], '', codeOf('dead', 'predictions', 'rejected')),
    ]).then(texts => texts.map(seenIn) as [Seen[], Seen[], Seen[]])
    // each once, where its key belongs, the same for both
    expect(inJava.map(({ key }) => key).toSorted()).toEqual(found)
    expect(inJava.filter(({ key, partition }) => partitionOf(key, partitions) !== partition)).toEqual([])
    expect(new Set(inJava.map(({ name, value }) => value.reason ?? name))).toEqual(new Set(['Prediction']))
    expect(inPython).toHaveLength(inJava.length)
    expect(probabilitiesOf(inPython)).toEqual(probabilitiesOf(inJava))
    expect(rejected.map(({ key }) => key).toSorted()).toEqual(lost)
    expect(new Set(rejected.map(({ value }) => value.reason))).toEqual(new Set(['WRONG_PARTITION']))
    const all = (await recordsOf('flights.predictions')).map(({ key }) => key)
    const [committed, dirty] = await Promise.all([
      said('java', consoleConsumer(topic, 'read_committed', all.length)),
      said('java', consoleConsumer(topic, 'read_uncommitted', all.length + 1)),
    ])
    expect(committed.trim().split('\n').toSorted()).toEqual(all.toSorted())
    // what none of them has seen was there
    expect(dirty.trim().split('\n').toSorted()).toEqual([...all, 'aborted'].toSorted())
  })

  function consoleConsumer(topic: string, isolation: string, count: number): string[] {
    const main = 'org.apache.kafka.tools.consumer.ConsoleConsumer'
    const from = ['--bootstrap-server', brokers.join(','), '--topic', topic, '--from-beginning']
    const keys = ['--formatter-property', 'print.key=true', '--formatter-property', 'print.value=false']
    const limits = ['--isolation-level', isolation, '--max-messages', `${count}`, '--timeout-ms', '30000']
    return ['-cp', `${jars}/*`, main, ...from, ...keys, ...limits]
  }
})

/** Twenty that are due half an hour behind the pause. */
function flights(producer: string) {
  const scheduledDepartureAt = pausedAt + minutes(30) + horizon
  return Array.from({ length: 20 }, (_, index) => ({
    flightId: `outside-${producer}-${index}`,
    at: pausedAt + minutes(5),
    revision: 1,
    carrier: 'UA',
    flightNumber: 9000 + index,
    origin: 'EWR',
    destination: 'IAH',
    scheduledDepartureAt,
    scheduledArrivalAt: scheduledDepartureAt + hours(4),
    distanceMiles: 1400,
  }))
}

const idsOf = (all: readonly { readonly flightId: string }[]) => all.map(({ flightId }) => flightId).toSorted()

/** The Python of the two pages in a folder of its own, with one word replaced. @returns the environment that finds it */
function codeOf(name: string, word = '', by = ''): Record<string, string> {
  const folder = path.join(root, name)
  mkdirSync(folder, { recursive: true })
  for (const page of ['producing', 'consuming']) {
    const text = readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', `${page}.md`), 'utf8')
    const [, code = ''] = /```python\n([\s\S]*?)```/.exec(text) ?? []
    const placed = code
      .replace("'http://localhost:8081/apis/ccompat/v7'", JSON.stringify(registry?.url))
      .replace('localhost:9094', brokers.join(','))
      .replace("'flights.", `'${prefix}flights.`)
      .replace('my-predictions', `${prefix}${name}`)
      .replace(word, by)
    expect(placed).toContain(prefix)
    writeFileSync(path.join(folder, `${page}.py`), placed)
  }
  return { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' }
}

/** What a program prints. @throws when it does not end with 0 */
async function said(command: string, args: string[], input = '', env: Record<string, string> = {}): Promise<string> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'pipe' })
  let [out, err] = ['', '']
  child.stdout.on('data', bytes => (out += String(bytes)))
  child.stderr.on('data', bytes => (err += String(bytes)))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${command} ${args.slice(-4).join(' ')} ended with ${code}: ${err}`)
  return out
}

const jsonLines = (values: readonly unknown[]) => values.map(value => `${JSON.stringify(value)}\n`).join('')
const seenIn = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Seen)

function probabilitiesOf(seen: readonly Seen[]): Record<string, number | undefined> {
  return Object.fromEntries(seen.map(({ key, value }) => [key, value.probability]))
}

type Lying = { readonly key: string; readonly partition: number }

/** Every record of a topic, as we see it ourselves. */
async function recordsOf(topic: string): Promise<Lying[]> {
  const log = openLog(prefix)
  const found: Lying[] = []
  for (let partition = 0; partition < partitions; partition++) {
    for (let from = 0; ; ) {
      const { records, next } = await log.read(topic, partition, from, { bytesMax: 1_000_000 })
      for (const { key } of records) found.push({ key, partition })
      if (next === from) break
      from = next
    }
  }
  await log.close()
  return found
}

/** A record that nobody may see but who reads what was not committed. */
async function abortedPrediction(): Promise<void> {
  const producer = plainKafka().producer({ transactionalId: `${prefix}aborted`, maxInFlightRequests: 1 })
  await producer.connect()
  const transaction = await producer.transaction()
  const messages = [{ key: 'aborted', value: 'not in the wire format', partition: 0 }]
  await transaction.send({ topic: `${prefix}flights.predictions`, messages })
  await transaction.abort()
  await producer.disconnect()
}
