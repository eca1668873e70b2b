// `up` beside a worker, on one cluster: the doors show the tasks of both, answer for a flight whoever holds it open, and
// every topic has the digest of the embedded engine.

import { beforeAll, expect, test } from 'vitest'
import { type Command, documentOf, start } from '../../scripts/proof/children.ts'
import { replay } from '../../scripts/proof/runs.ts'
import { startWorker, until } from '../../scripts/proof/workers.ts'
import type { Summary } from '../../src/app/summary.ts'
import { partitionOf } from '../../src/runtime/partition.ts'
import type { Answer, Status } from '../../src/server/program.ts'
import { here, newPrefix, onKafka, openLog } from './brokers.ts'
import { cleanUp, endAll, newFolder, run } from './processes.ts'

const pipeline = ['--retrain-days', '0', '--partitions', '4']
const days = ['--from', '2013-02-07', '--to', '2013-02-08', '--model-from', '2013-02-07T05:00:00Z', ...pipeline]
cleanUp()

/** Flights that are open at midnight of 8 February in New York, some of each partition. */
async function openFlights(prefix: string): Promise<string[]> {
  const log = openLog(prefix)
  try {
    const flights: string[] = []
    for (const partition of [0, 1, 2, 3]) {
      const { records } = await log.read('flights.events', partition, 0, { bytesMax: 4_000_000 })
      const keys = new Set(records.map(({ key }) => key).filter(key => /2013-02-08T1/.test(key)))
      flights.push(...[...keys].slice(0, 5))
    }
    return flights
  } finally {
    await log.close()
  }
}

async function call<T>(url: string, body?: unknown): Promise<{ status: number; body: T }> {
  const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(url, body === undefined ? {} : sent)
  return { status: answer.status, body: (await answer.json()) as T }
}

/** What a command prints as JSON, a line each. */
function recordsOf({ child }: Command): Record<string, unknown>[] {
  const records: Record<string, unknown>[] = []
  let rest = ''
  child.stdout?.on('data', bytes => {
    const lines = `${rest}${String(bytes)}`.split('\n')
    rest = lines.pop() ?? ''
    records.push(...lines.map(line => JSON.parse(line) as Record<string, unknown>))
  })
  return records
}

here.describe('doors beside a worker', () => {
  let embedded: Summary
  beforeAll(async () => {
    embedded = await replay(newFolder(), days)
  })

  test('show all tasks, answer for every flight, and leave the bytes of the embedded engine', async () => {
    const prefix = newPrefix()
    const flags = [...onKafka(prefix), '--data-dir', newFolder(), '--threads', '1']
    const pace = ['--fast-until', '2013-02-08', '--paused', '--speed', 'max']
    const doors = ['--no-open', '--port', '0', '--warehouse', 'none', '--json']
    const up = run(start(['up', ...flags, ...days, ...pace, ...doors]))
    const told = recordsOf(up)
    await until('the doors are open', () => told.some(({ event }) => event === 'ready'))
    const url = String(told.find(({ event }) => event === 'ready')?.['url'])
    const worker = run(startWorker([...flags, ...pipeline, '--metrics-port', '0']))
    const workerTold = recordsOf(worker)
    const status = async () => (await call<Status>(`${url}/v1/pipeline`)).body
    await until('the worker has its share', () => worker.tasks().length >= 8)
    await until(
      'the replay pauses',
      async () => (await status()).replay?.paused === true && (await status()).ready,
      120_000,
    )

    // some partitions are scored here, some there
    const there = new Set(worker.tasks())
    expect([0, 1, 2, 3].filter(partition => there.has(`score-${partition}`))).toHaveLength(2)
    await until('all tasks are shown', async () => {
      const shown = (await status()).stages.flatMap(({ name, partitions }) =>
        partitions.map(({ partition }) => `${name}-${partition}`),
      )
      return shown.length === 19 && new Set(shown).size === 19
    })
    expect((await status()).balance).toMatchObject({ even: true })
    const flights = await openFlights(prefix)
    expect(new Set(flights.map(flight => partitionOf(flight, 4))).size).toBe(4)
    const asked = await call<{ answers: Answer[] }>(
      `${url}/v1/predictions`,
      flights.map(flightId => ({ flightId })),
    )
    expect(asked.status).toBe(200)
    expect(asked.body.answers.map(({ flightId }) => flightId)).toEqual(flights)
    const nobody = await call<{ code: string }>(`${url}/v1/predictions`, { flightId: 'nobody-knows-it' })
    expect(nobody.body.code).toBe('UNKNOWN_FLIGHT')
    const port = workerTold.find(({ event }) => event === 'metrics')?.['port']
    const metrics = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text()
    for (const task of there) {
      const [stage, partition] = task.split('-')
      expect(metrics).toMatch(
        new RegExp(`slipstream_task_taken_total{stage="${stage}",partition="${partition}"} [1-9]`),
      )
    }

    await call(`${url}/v1/pipeline/control`, { action: 'resume' })
    await until('the replay is over', async () => (await status()).replay?.done === true)
    const digests = await documentOf<Record<string, string>>(['topics', 'digest', ...flags])
    for (const [topic, digest] of Object.entries(embedded.digests))
      expect([topic, digests[topic]]).toEqual([topic, digest])
    expect(await endAll()).toEqual([0, 0])
  })
})
