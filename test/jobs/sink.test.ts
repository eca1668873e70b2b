import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { Sink, type SinkOptions } from '../../src/jobs/sink.ts'
import { SinkRows } from '../../src/jobs/sink-rows.ts'
import { Turn } from '../../src/jobs/turn.ts'
import { Failure } from '../../src/lib/failure.ts'
import type { RecordName } from '../../src/records.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { readAll } from '../../src/runtime/digest.ts'
import type { Log } from '../../src/runtime/log.ts'
import { FakeWarehouse } from './fake-warehouse.ts'
import { codec, logWith } from './logs.ts'
import { sample } from './sink-records.ts'

/** Waits take no time, and are written down. */
class HastyClock implements Clock {
  at = 0
  readonly sleeps: number[] = []

  now(): number {
    return this.at
  }

  async sleep(durationMs: number): Promise<void> {
    this.at += durationMs
    this.sleeps.push(durationMs)
    await this.turn()
  }

  turn(): Promise<void> {
    return new Promise(resolve => setImmediate(resolve))
  }
}

const partitions = 2
const kinds: [topic: string, names: RecordName[]][] = [
  ['flights.predictions', ['Prediction', 'PredictionSkipped']],
  ['flights.outcomes', ['FlightOutcome', 'Watermark']],
  ['drift.metrics', ['DriftMetrics', 'AlertOpened', 'AlertResolved']],
  ['models.registry', ['ModelVersion', 'ModelAlias', 'ModelDecision']],
]

/** Appends `count` records to each topic, in units of three. */
async function fill(log: Log, count: number, from = 0): Promise<void> {
  const claim = await log.claim('test')
  for (const [topic, names] of kinds) {
    for (let n = from; n < from + count; n += 3) {
      const unit = [n, n + 1, n + 2].filter(each => each < from + count)
      await claim.commit(
        unit.map(each => {
          const name = names[each % names.length] as RecordName
          const partition = topic.startsWith('flights') ? each % partitions : 0
          return { topic, partition, key: `key ${each}`, value: codec.encode(name, sample(name, each)) }
        }),
      )
    }
  }
  await claim.release()
  await log.settled()
}

/** What the tables hold if every record of the topics is in them once, in any order. */
async function expected(log: Log): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {}
  for (const { name: topic, partitions: count } of await log.topics()) {
    if (!kinds.some(([known]) => known === topic)) continue
    for (let partition = 0; partition < count; partition++) {
      const gathered = new SinkRows(partition)
      for await (const { value, offset } of readAll(log, topic, partition)) {
        if (value) gathered.add(codec.decode(value), offset)
      }
      for (const [table, { columns, rows }] of gathered.tables) {
        const shown = rows.map(row =>
          JSON.stringify(Object.fromEntries(columns.map((column, at) => [column, row[at]]))),
        )
        if (shown.length > 0) tables[table] = [...(tables[table] ?? []), ...shown].sort()
      }
    }
  }
  return tables
}

function held(warehouse: FakeWarehouse): Record<string, string[]> {
  const tables = [...warehouse.tables].filter(([table]) => table !== 'sink_batches')
  return Object.fromEntries(tables.map(([table, rows]) => [table, rows.map(row => JSON.stringify(row)).sort()]))
}

type Opened = { sink: Sink; clock: HastyClock; troubles: unknown[] }

function open(log: Log, warehouse: FakeWarehouse, options: Partial<SinkOptions> = {}): Opened {
  const clock = new HastyClock()
  const troubles: unknown[] = []
  const sink = new Sink({
    log,
    codec,
    warehouse,
    clock,
    batchBytes: 1000,
    onTrouble: error => troubles.push(error),
    ...options,
  })
  onTestFinished(() => sink.stop())
  sink.start()
  return { sink, clock, troubles }
}

test('every record is in the tables once, and the lag is nothing', async () => {
  const { log } = await logWith(partitions)
  await fill(log, 40)
  const warehouse = new FakeWarehouse()
  const { sink, troubles } = open(log, warehouse)
  await sink.caughtUp()
  expect(held(warehouse)).toEqual(await expected(log))
  expect(Object.keys(held(warehouse))).toHaveLength(11)
  const lag = await sink.lag()
  expect(lag.map(({ topic, partition }) => `${topic}/${partition}`).sort()).toEqual([
    'drift.metrics/0',
    'flights.outcomes/0',
    'flights.outcomes/1',
    'flights.predictions/0',
    'flights.predictions/1',
    'models.registry/0',
  ])
  for (const { position, end } of lag) expect(position).toBeGreaterThanOrEqual(end)
  expect(troubles).toEqual([])
})

test('it goes on with what is appended later, and caughtUp waits for that', async () => {
  const { log } = await logWith(partitions)
  const warehouse = new FakeWarehouse()
  const { sink } = open(log, warehouse)
  await sink.caughtUp()
  await fill(log, 10)
  await sink.caughtUp()
  await fill(log, 10, 10)
  await sink.caughtUp()
  expect(held(warehouse)).toEqual(await expected(log))
})

test('a batch takes no more bytes than it may, but for its last record', async () => {
  const { log } = await logWith(partitions)
  await fill(log, 60)
  const warehouse = new FakeWarehouse()
  const { sink } = open(log, warehouse, { batchBytes: 700 })
  await sink.caughtUp()
  const batches = warehouse.rows('sink_batches').filter(row => row['topic'] === 'flights.predictions')
  expect(batches.length).toBeGreaterThan(4)
  for (const { partition, from_offset: from, to_offset: to, records } of batches) {
    const sizes: number[] = []
    for await (const { offset, key, value } of readAll(log, 'flights.predictions', Number(partition), Number(from))) {
      if (offset < Number(to)) sizes.push(key.length + (value?.length ?? 0))
    }
    expect(sizes).toHaveLength(Number(records))
    expect(sizes.slice(0, -1).reduce((sum, size) => sum + size, 0)).toBeLessThan(700)
  }
})

test('batches that are not full come once in a while, not for every record', async () => {
  const { log } = await logWith(partitions)
  const warehouse = new FakeWarehouse()
  const { clock } = open(log, warehouse, { everyMs: 60_000, pollMs: 100, batchBytes: 1 << 20 })
  for (let n = 0; n < 30; n++) {
    await fill(log, 1, n)
    await clock.turn()
  }
  const batches = warehouse.rows('sink_batches').filter(row => row['topic'] === 'flights.predictions')
  expect(batches.length).toBeLessThan(20)
  for (let waited = 0; waited < 3000 && warehouse.rows('predictions').length < 15; waited++) await clock.turn()
  expect(warehouse.rows('predictions')).toHaveLength(15)
})

test('killed before or after any step, the tables equal the topics, and no step is left out', async () => {
  const { log } = await logWith(partitions)
  await fill(log, 24)
  const whole = await expected(log)
  let steps = 0
  for (let isThrough = false; !isThrough; steps++) {
    const dies = steps + 1
    for (const when of ['before', 'after'] as const) {
      const warehouse = new FakeWarehouse()
      let killed = false
      warehouse.fault = (call, _what, at) => {
        if (call < dies || (call === dies && at !== when && when === 'after')) return
        killed = true
        throw new Failure('NOT_RUNNING', 'killed')
      }
      const first = open(log, warehouse)
      const done = first.sink
        .caughtUp()
        .then(() => true)
        .catch(() => false)
      for (let n = 0; n < 500 && !killed; n++) await first.clock.turn()
      await first.sink.stop()
      const finished = await done
      warehouse.fault = () => undefined
      const second = open(log, warehouse)
      await second.sink.caughtUp()
      await second.sink.stop()
      expect(held(warehouse), `step ${dies}, ${when}`).toEqual(whole)
      isThrough = finished && !killed
    }
  }
  expect(steps).toBeGreaterThan(25)
})

test('frozen at any step while another process takes its turn, and thawed: once in the tables', async () => {
  const { log } = await logWith(partitions)
  await fill(log, 15)
  const whole = await expected(log)
  let steps = 0
  for (let isThrough = false; !isThrough; steps++) {
    const warehouse = new FakeWarehouse()
    let owner = 'a'
    const turnOf = (by: string) => new Turn({ log, job: 'sink', by, isOurs: () => owner === by })
    const thawed = Promise.withResolvers<void>()
    const frozen = Promise.withResolvers<boolean>()
    warehouse.fault = async (call, _what, at) => {
      if (call !== steps + 1 || at !== 'before' || owner === 'b') return
      frozen.resolve(true)
      await thawed.promise
    }
    const a = open(log, warehouse, { turn: turnOf('a') })
    const through = a.sink.caughtUp().then(() => false)
    isThrough = !(await Promise.race([frozen.promise, through]))
    owner = 'b'
    const b = open(log, warehouse, { turn: turnOf('b') })
    await b.sink.caughtUp()
    thawed.resolve()
    // it finds out by itself, and stands by
    for (let n = 0; n < 20; n++) await a.clock.turn()
    await Promise.all([a.sink.stop(), b.sink.stop(), through.catch(() => false)])
    expect(held(warehouse), `step ${steps + 1}`).toEqual(whole)
  }
  expect(steps).toBeGreaterThan(15)
})

test('whatever fails, how often and when: once in the tables', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ gap: fc.integer({ min: 1, max: 12 }), after: fc.boolean() }), { maxLength: 12 }),
      fc.integer({ min: 100, max: 3000 }),
      async (faults, batchBytes) => {
        const { log } = await logWith(partitions)
        await fill(log, 15)
        const warehouse = new FakeWarehouse()
        const at = new Map<number, string>()
        let call = 0
        for (const { gap, after } of faults) at.set((call += gap), after ? 'after' : 'before')
        warehouse.fault = (n, _what, when) => {
          if (at.get(n) === when) throw new Failure('WAREHOUSE_FAILED', 'no')
        }
        const { sink, troubles } = open(log, warehouse, { batchBytes })
        await sink.caughtUp()
        await sink.stop()
        expect(held(warehouse)).toEqual(await expected(log))
        expect(troubles.length).toBeLessThanOrEqual(faults.length)
      },
    ),
    { numRuns: 40 },
  )
})

test('a repeated batch has the same bounds, rows and token, although more has been appended', async () => {
  const { log } = await logWith(partitions)
  await fill(log, 9)
  const warehouse = new FakeWarehouse()
  const first = open(log, warehouse, { batchBytes: 1 << 20 })
  await first.sink.caughtUp()
  await first.sink.stop()
  const before = warehouse.inserts.filter(({ table }) => table !== 'sink_batches')
  await fill(log, 9, 9)
  const second = open(log, warehouse, { batchBytes: 1 << 20 })
  await second.sink.caughtUp()
  const after = warehouse.inserts.slice(warehouse.inserts.indexOf(before.at(-1) as (typeof before)[0]) + 1)
  const repeated = after.slice(0, before.length)
  const named = (batch: (typeof before)[0]) => `${batch.table} ${batch.token}`
  expect(repeated.toSorted((a, b) => (named(a) < named(b) ? -1 : 1))).toEqual(
    before.toSorted((a, b) => (named(a) < named(b) ? -1 : 1)),
  )
  expect(held(warehouse)).toEqual(await expected(log))
})

test('a warehouse that fails is asked less and less often', async () => {
  const { log } = await logWith(partitions)
  await fill(log, 3)
  const warehouse = new FakeWarehouse()
  warehouse.fault = call => {
    if (call <= 9) throw new Failure('WAREHOUSE_FAILED', 'the disk is full')
  }
  const { sink, clock, troubles } = open(log, warehouse)
  await sink.caughtUp()
  expect(troubles).toHaveLength(9)
  expect(clock.sleeps.slice(0, 9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  expect(held(warehouse)).toEqual(await expected(log))
})

test('a warehouse of another log is refused', async () => {
  const warehouse = new FakeWarehouse()
  const { log } = await logWith(partitions)
  await fill(log, 30)
  const first = open(log, warehouse)
  await first.sink.caughtUp()
  await first.sink.stop()
  const { log: shorter } = await logWith(partitions)
  await fill(shorter, 4)
  const second = open(shorter, warehouse)
  const misfit = {
    code: 'WAREHOUSE_MISFIT',
    message: expect.stringMatching(/the warehouse has \S+ up to \d+/) as string,
  }
  await expect(second.sink.caughtUp()).rejects.toMatchObject(misfit)
  await expect(second.sink.caughtUp()).rejects.toMatchObject(misfit)
})

test('who waits is told when the sink is stopped', async () => {
  const { log } = await logWith(partitions)
  await fill(log, 3)
  const warehouse = new FakeWarehouse()
  warehouse.fault = () => {
    throw new Failure('WAREHOUSE_FAILED', 'no')
  }
  const { sink } = open(log, warehouse)
  const [told] = await Promise.allSettled([sink.caughtUp(), sink.stop()])
  expect(told).toMatchObject({ status: 'rejected', reason: { code: 'NOT_RUNNING' } })
})
