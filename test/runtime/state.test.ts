import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { LogMemory, type LogMemoryOptions } from '../../src/adapters/log-memory.ts'
import type { Claim } from '../../src/runtime/log.ts'
import { fillTable, type Position, State, type StateOptions } from '../../src/runtime/state.ts'
import { Table } from '../../src/runtime/table.ts'
import { append, expectFailure, recordsOf } from './small-world.ts'

const changelog = 'count.changelog'
type Ports = { log: LogMemory; blobs: BlobsMemory }
type Life = { claim: Claim; state: State; counts: Table<unknown>; position: Position | null }

async function newPorts(how: LogMemoryOptions = {}): Promise<Ports> {
  const log = new LogMemory(how)
  await log.createTopics([{ name: changelog, partitions: 1, cleanup: 'delete' }])
  return { log, blobs: new BlobsMemory() }
}

/** A new owner with one table of counts, restored. */
async function live(ports: Ports, options: Partial<StateOptions> = {}): Promise<Life> {
  const common = { task: 'count-0', changelog, partition: 0, layout: 1, migrate: {}, snapshotBytes: 1e9 }
  const state = new State({ ...ports, ...common, ...options })
  const claim = await ports.log.claim('count-0')
  const { rows, position } = await state.takeOver(claim)
  const counts = new Table<unknown>('counts')
  fillTable(counts, rows)
  state.add(counts)
  return { claim, state, counts, position }
}

const unit = ({ claim, state }: Life, position: Position) => claim.commit(state.unitRecords(position))

async function snapshot({ claim, state }: Life, position: Position): Promise<void> {
  await claim.commit([await state.snapshot(position)])
  await state.snapshotCommitted()
}

const rowsOf = ({ counts }: Life) => Object.fromEntries(counts.entries())

describe('the state of a task', () => {
  test('a task that never ran has no position and no rows', async () => {
    const first = await live(await newPorts())
    expect([first.position, rowsOf(first)]).toEqual([null, {}])
  })

  test('comes back as it was committed, with the position, and nothing that was not', async () => {
    const ports = await newPorts()
    const first = await live(ports)
    first.counts.set('a', 1)
    first.counts.set('b', { deep: ['é', null] })
    await unit(first, { 'events/0': 7 })
    first.counts.set('a', 2)
    first.counts.delete('b')
    const second = await live(ports)
    expect([second.position, rowsOf(second)]).toEqual([{ 'events/0': 7 }, { a: 1, b: { deep: ['é', null] } }])
    second.counts.delete('b')
    await unit(second, { 'events/0': 9 })
    const third = await live(ports)
    expect([third.position, rowsOf(third)]).toEqual([{ 'events/0': 9 }, { a: 1 }])
  })

  test('a table gets its own rows only, though names begin alike', () => {
    const rows = new Map<string, unknown>([
      ['counts/a', 1],
      ['counts.old/a', 2],
      ['counts/a/b', 3],
    ])
    const counts = new Table<number>('counts')
    fillTable(counts, rows)
    expect([...counts.entries()]).toEqual([
      ['a', 1],
      ['a/b', 3],
    ])
  })

  test('a snapshot is due after so many bytes of rows, and not again before as many', async () => {
    const life = await live(await newPorts(), { snapshotBytes: 300 })
    life.counts.set('a', 'x'.repeat(200))
    await unit(life, {})
    expect(life.state.snapshotIsDue).toBe(false)
    life.counts.set('a', 'y'.repeat(200))
    await unit(life, {})
    expect(life.state.snapshotIsDue).toBe(true)
    await snapshot(life, {})
    expect(life.state.snapshotIsDue).toBe(false)
  })

  test('what a restore had to read counts towards the next snapshot', async () => {
    const ports = await newPorts()
    const first = await live(ports)
    first.counts.set('a', 'x'.repeat(200))
    await unit(first, {})
    expect((await live(ports, { snapshotBytes: 200 })).state.snapshotIsDue).toBe(true)
  })

  test('a snapshot lets go of the changelog before it, and of all older snapshots but six', async () => {
    const ports = await newPorts()
    const life = await live(ports)
    for (let at = 1; at <= 9; at++) {
      life.counts.set('a', at)
      await unit(life, { 'events/0': at })
      await snapshot(life, { 'events/0': at })
    }
    expect((await recordsOf(ports.log, changelog)).map(({ key }) => key)).toEqual(['snapshot'])
    expect(await ports.blobs.list('snapshots/count-0/')).toHaveLength(7)
    const next = await live(ports)
    expect([next.position, rowsOf(next)]).toEqual([{ 'events/0': 9 }, { a: 9 }])
  })

  test('a log that has lost its last commits comes back to an older snapshot', async () => {
    const { log, blobs } = await newPorts()
    const life = await live({ log, blobs })
    const before = await newPorts()
    for (let at = 1; at <= 6; at++) {
      life.counts.set('a', at)
      await unit(life, { 'events/0': at })
      await snapshot(life, { 'events/0': at })
      if (at > 1) continue
      const kept = await recordsOf(log, changelog)
      await append(
        before.log,
        kept.map(({ key, value }) => ({ topic: changelog, partition: 0, key, value })),
      )
    }
    const again = await live({ log: before.log, blobs })
    expect([again.position, rowsOf(again)]).toEqual([{ 'events/0': 1 }, { a: 1 }])
  })

  test('rows behind a snapshot win over it, tombstones too', async () => {
    const ports = await newPorts()
    const life = await live(ports)
    for (const key of ['a', 'b', 'c']) life.counts.set(key, 1)
    await unit(life, { 'events/0': 1 })
    await snapshot(life, { 'events/0': 1 })
    life.counts.set('a', 2)
    life.counts.delete('b')
    await unit(life, { 'events/0': 2 })
    const next = await live(ports)
    expect([next.position, rowsOf(next)]).toEqual([{ 'events/0': 2 }, { a: 2, c: 1 }])
  })

  test('a snapshot whose pointer was never committed changes nothing', async () => {
    const ports = await newPorts()
    const life = await live(ports)
    life.counts.set('a', 1)
    await unit(life, { 'events/0': 1 })
    await snapshot(life, { 'events/0': 1 })
    life.counts.set('a', 2)
    await life.state.snapshot({ 'events/0': 2 })
    const next = await live(ports)
    expect([next.position, rowsOf(next)]).toEqual([{ 'events/0': 1 }, { a: 1 }])
  })

  test('an earlier owner that wakes up late deletes no later snapshot', async () => {
    const ports = await newPorts()
    const early = await live(ports)
    early.counts.set('a', 1)
    await unit(early, { 'events/0': 1 })
    await early.claim.commit([await early.state.snapshot({ 'events/0': 1 })])
    const late = await live(ports)
    late.counts.set('a', 2)
    await unit(late, { 'events/0': 2 })
    await snapshot(late, { 'events/0': 2 })
    await early.state.snapshotCommitted()
    expect(rowsOf(await live(ports))).toEqual({ a: 2 })
  })
})

type Act =
  | { readonly do: 'set'; readonly key: string; readonly row: number }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'unit' | 'snapshot' | 'torn snapshot' | 'restart' }

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set'), key: fc.constantFrom('a', 'b', 'c'), row: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete'), key: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('unit', 'snapshot', 'restart') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('torn snapshot') }) },
) as fc.Arbitrary<Act>

/** One history; snapshots and trims are left out of a plain one. @returns what each restart found */
async function found(acts: readonly Act[], how: LogMemoryOptions, plain: boolean): Promise<unknown[]> {
  const ports = await newPorts(how)
  let life = await live(ports)
  const seen: unknown[] = []
  let at = 0
  for (const each of [...acts, { do: 'restart' } as const]) {
    if (each.do === 'set') life.counts.set(each.key, each.row)
    else if (each.do === 'delete') life.counts.delete(each.key)
    else if (each.do === 'unit') await unit(life, { 'events/0': ++at })
    else if (each.do === 'restart') {
      life = await live(ports)
      seen.push([life.position, rowsOf(life)])
    } else {
      // a snapshot is made between units
      await unit(life, { 'events/0': ++at })
      if (plain) continue
      if (each.do === 'snapshot') await snapshot(life, { 'events/0': at })
      else await life.claim.commit([await life.state.snapshot({ 'events/0': at })])
    }
  }
  return seen
}

test('snapshot, trim and restore give what a plain restore gives, at any moment, on any log', async () => {
  const kafkaMode = fc.option(fc.record({ seed: fc.integer(), slowMarkers: fc.boolean() }), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), kafkaMode, async (acts, mode) => {
      const plain = await found(acts, {}, true)
      expect(await found(acts, mode ? { kafkaMode: mode } : {}, false)).toEqual(plain)
    }),
    { numRuns: 150 },
  )
})

describe('layouts', () => {
  async function written(layout: number): Promise<Ports> {
    const ports = await newPorts()
    const life = await live(ports, { layout })
    life.counts.set('a', 1)
    await unit(life, { 'events/0': 1 })
    return ports
  }

  test('a row is brought forward layout by layout, in a snapshot too', async () => {
    const migrate = {
      1: (table: string, row: unknown) => `${table} ${String(row)} 1to2`,
      2: (_: string, row: unknown) => `${String(row)} 2to3`,
    }
    const ports = await written(1)
    const second = await live(ports, { layout: 3, migrate })
    expect(rowsOf(second)).toEqual({ a: 'counts 1 1to2 2to3' })
    expect(second.position).toEqual({ 'events/0': 1 })
    await snapshot(second, { 'events/0': 1 })
    const third = await live(ports, { layout: 4, migrate: { 3: (_, row) => `${String(row)} 3to4` } })
    expect(rowsOf(third)).toEqual({ a: 'counts 1 1to2 2to3 3to4' })
  })

  test('rows of several layouts in one changelog all arrive at the newest', async () => {
    const ports = await written(1)
    const migrate = { 1: (_: string, row: unknown) => [row] }
    const second = await live(ports, { layout: 2, migrate })
    second.counts.set('b', [2])
    await unit(second, { 'events/0': 2 })
    expect(rowsOf(await live(ports, { layout: 2, migrate }))).toEqual({ a: [1], b: [2] })
  })

  test('a layout newer than the program is refused', async () => {
    await expectFailure(live(await written(2)), 'STATE_CORRUPT')
  })

  test('a layout without a migration is refused', async () => {
    const ports = await written(1)
    const failing = live(ports, { layout: 3, migrate: { 1: (_, row) => row } })
    await expect(failing).rejects.toThrow('no migration of counts from layout 2')
    await expectFailure(failing, 'STATE_CORRUPT')
  })
})

describe('a changelog that cannot be read', () => {
  async function spoiled(record: { key: string; value: Uint8Array | null }): Promise<Ports> {
    const ports = await newPorts()
    const life = await live(ports)
    life.counts.set('a', 1)
    await unit(life, { 'events/0': 1 })
    await append(ports.log, [{ topic: changelog, partition: 0, ...record }])
    return ports
  }

  test.each([
    ['changes that are none', { key: 'unit', value: Buffer.from('1 {"n":1}') }],
    ['changes cut short', { key: 'unit', value: new Uint8Array([1]) }],
    ['a pointer that is none', { key: 'snapshot', value: Buffer.from('{"address":1}') }],
    ['a pointer that is no JSON', { key: 'snapshot', value: Buffer.from('here') }],
    ['another kind of record', { key: 'counts/a', value: Buffer.from('1 2') }],
    ['a tombstone', { key: 'unit', value: null }],
  ])('%s: refused', async (_, record) => {
    await expectFailure(live(await spoiled(record)), 'STATE_CORRUPT')
  })

  test('one that lost its beginning is refused, be there a snapshot of later or none', async () => {
    const ports = await newPorts()
    const life = await live(ports)
    for (let at = 1; at <= 3; at++) {
      life.counts.set('a', at)
      await unit(life, { 'events/0': at })
    }
    await ports.log.trim(changelog, 0, 2)
    await expectFailure(live(ports), 'STATE_CORRUPT')
    const again = await newPorts()
    const other = await live(again)
    await snapshot(other, {})
    for (let at = 1; at <= 3; at++) await unit(other, { 'events/0': at })
    await again.log.trim(changelog, 0, 3)
    await expectFailure(live(again), 'STATE_CORRUPT')
  })
})

test('a unit of more than a record holds comes back whole', async () => {
  const ports = await newPorts()
  const life = await live(ports)
  const rows = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${i}`, 'x'.repeat(100_000)]))
  for (const [key, row] of Object.entries(rows)) life.counts.set(key, row)
  await unit(life, { 'events/0': 9 })
  expect((await recordsOf(ports.log, changelog)).filter(({ key }) => key === 'unit')).toHaveLength(5)
  const next = await live(ports)
  expect([next.position, rowsOf(next)]).toEqual([{ 'events/0': 9 }, rows])
})

describe('a lost snapshot', () => {
  async function pointed(): Promise<Ports & { address: string }> {
    const ports = await newPorts()
    const life = await live(ports)
    life.counts.set('a', 1)
    await unit(life, {})
    await snapshot(life, {})
    const [address = ''] = await ports.blobs.list('snapshots/count-0/')
    return { ...ports, address }
  }

  test('a missing blob is a failure, not an empty state', async () => {
    const { address, ...ports } = await pointed()
    await ports.blobs.delete(address)
    await expectFailure(live(ports), 'BLOB_MISSING')
  })

  test.each(['altered', 'cut short', 'empty'])('an %s blob is a failure that names it', async how => {
    const { address, ...ports } = await pointed()
    const bytes = await ports.blobs.get(address)
    if (how === 'altered') bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    await ports.blobs.put(address, how === 'empty' ? new Uint8Array(0) : bytes.subarray(how === 'altered' ? 0 : 1))
    const failing = live(ports)
    await expect(failing).rejects.toThrow(`snapshot ${address} was altered`)
    await expectFailure(failing, 'STATE_CORRUPT')
  })
})

describe('a later owner', () => {
  test('fences the earlier one', async () => {
    const ports = await newPorts()
    const early = await live(ports)
    await live(ports)
    early.counts.set('a', 1)
    await expectFailure(unit(early, {}), 'TASK_FENCED')
    expect(rowsOf(await live(ports))).toEqual({})
  })

  test('fences one that is still restoring, be its mark trimmed away', async () => {
    const ports = await newPorts()
    const read = ports.log.read.bind(ports.log)
    let later: Promise<Life> | undefined
    ports.log.read = async (...of) => {
      if (!later) {
        later = live(ports)
        await later
        const { next } = await ports.log.bounds(changelog, 0)
        await ports.log.trim(changelog, 0, next - 1)
      }
      return read(...of)
    }
    await expectFailure(live(ports), 'TASK_FENCED')
    expect((await later)?.position).toBe(null)
  })
})
