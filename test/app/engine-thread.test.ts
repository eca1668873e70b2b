import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ClockWall } from '../../src/adapters/clock-wall.ts'
import { type LogShare, LogSqlite } from '../../src/adapters/log-sqlite.ts'
import { EngineThread } from '../../src/app/engine-thread.ts'
import type { ThreadInput } from '../../src/app/engine-thread-protocol.ts'
import { openPorts } from '../../src/app/ports.ts'
import { assert } from '../../src/lib/assert.ts'
import { pipeline } from '../../src/pipeline.ts'
import { Engines } from '../../src/runtime/engines.ts'
import { partitionOf } from '../../src/runtime/partition.ts'
import { topicSpecs } from '../../src/runtime/topology.ts'
import { loopDefaults, type StageSettings } from '../../src/stages/settings.ts'

const root = mkdtempSync(join(tmpdir(), 'slipstream-threads-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const hour = 3_600_000
const settings: StageSettings = {
  version: '1-test',
  latenessMs: 0,
  aheadMs: hour,
  windowMs: hour / 6,
  stepMs: 24 * hour,
  horizonsMinutes: [120],
  airports: new Map(),
  loop: loopDefaults,
}
const sizes = { unitSteps: 100, unitBytes: 1e6, fetchBytes: 1e6, snapshotBytes: 1e6, bufferBytes: 1e6 }
const clock = new ClockWall()

/** A data folder, and a thread that runs partition 1 of two; `spoils` make the first inputs wrong. */
async function world(...spoils: ((input: ThreadInput) => ThreadInput)[]) {
  const folder = mkdtempSync(join(root, 'data-'))
  mkdirSync(folder, { recursive: true })
  const log = LogSqlite.open(folder)
  const ports = await openPorts({ folder }, 'owner')
  await log.createTopics(topicSpecs(pipeline, 2))
  const troubles: string[] = []
  let inputs = 0
  const input = (): ThreadInput => {
    const stages = pipeline.nodes.map(({ stage }) => stage.name)
    const own = { engine: 'embedded', share: log.share() } as const
    const good = { places: { folder }, log: own, settings, partitions: 2, sizes, index: 1, count: 2, stages }
    return spoils[inputs++]?.(good) ?? good
  }
  const onTrouble = (where: string, error: unknown) => troubles.push(`${where}: ${String(error)}`)
  const thread = new EngineThread({ input, pipeline, clock, onTrouble })
  const engines = new Engines([thread], () => clock.turn())
  const mark = async (at: number) => {
    const value = ports.codec.encode('Mark', { at })
    await (await log.claim('test')).commit([{ topic: 'flights.events', partition: 1, key: 'mark', value }])
  }
  const close = async () => {
    const inTime = await engines.stop(2000)
    await log.close()
    return inTime
  }
  return { log, thread, engines, mark, troubles, close }
}

function shareOf({ log }: ThreadInput): LogShare {
  assert(log.engine === 'embedded', 'the world lies in a file')
  return log.share
}

test('a thread runs the tasks dealt to it, and what it says of them is as new as the last answer', async () => {
  const { log, engines, mark, troubles, close } = await world()
  expect(engines.tasks.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'ingest-1 created',
    'observe-1 created',
    'score-1 created',
    'monitor-1 created',
  ])
  await engines.start()
  await mark(10 * hour)
  await mark(11 * hour)
  await engines.caughtUp()
  expect(engines.tasks.find(({ name }) => name === 'ingest-1')).toMatchObject({ takenCount: 2, state: 'parked' })
  expect((await log.bounds('flights.timeline', 1)).next).toBe(2)
  expect((await log.bounds('airspace.partials', 1)).next).toBeGreaterThan(0)
  expect(await engines.lookup('score', partitionOf('nobody', 1) + 1, 'nobody')).toBeUndefined()
  expect([troubles, await close()]).toEqual([[], true])
})

const inNowhere = (input: ThreadInput): ThreadInput => {
  return { ...input, log: { engine: 'embedded', share: { ...shareOf(input), folder: join(root, 'nowhere') } } }
}

const onNobody = (input: ThreadInput): ThreadInput => {
  return { ...input, log: { engine: 'kafka', options: { brokers: ['127.0.0.1:1'], clientId: 'test', prefix: '' } } }
}

test('a thread that ends is told of, and another one takes up its tasks', async () => {
  const { log, engines, mark, troubles, close } = await world(inNowhere)
  await engines.start()
  await mark(10 * hour)
  await engines.caughtUp()
  expect((await log.bounds('flights.timeline', 1)).next).toBe(1)
  expect(troubles).toEqual([expect.stringMatching(/^engine 1: .*cannot open .*nowhere/)])
  expect(await close()).toBe(true)
  // a thread begins three times, with a second's wait before two of them
}, 60_000)

test('one that cannot start is told of, and another one takes up its tasks', async () => {
  const { log, engines, mark, troubles, close } = await world(inNowhere, onNobody)
  await engines.start()
  await mark(10 * hour)
  await engines.caughtUp()
  expect((await log.bounds('flights.timeline', 1)).next).toBe(1)
  expect(troubles[1]).toMatch(/^engine 1: .*LOG_UNREACHABLE|^engine 1: .*connecting to 127.0.0.1:1/)
  expect(troubles).toHaveLength(2)
  expect(await close()).toBe(true)
}, 60_000)

test('after it was stopped nobody waits for it', async () => {
  const { engines, close } = await world()
  await engines.start()
  await close()
  await expect(engines.caughtUp()).rejects.toThrow('the pipeline was stopped')
})
