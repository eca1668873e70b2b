import { describe, expect, onTestFinished, test } from 'vitest'
import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { ClockFake } from '../../src/adapters/clock-fake.ts'
import { LoopDoors } from '../../src/app/loop-doors.ts'
import { prepare } from '../../src/drift/column-drift.ts'
import { distributionOfCategories, distributionOfNumbers } from '../../src/drift/distribution.ts'
import { WindowSums } from '../../src/drift/window.ts'
import { features } from '../../src/features/table.ts'
import { hashOf, pack } from '../../src/forest/flat.ts'
import { trialOf } from '../../src/forest/search/search.ts'
import { SearchStore } from '../../src/jobs/search-store.ts'
import { days, hours } from '../../src/lib/time.ts'
import type { ModelCommand, RecordName, Records } from '../../src/records.ts'
import { artefactAddress } from '../../src/runtime/artefacts.ts'
import type { Append } from '../../src/runtime/log.ts'
import type { LoopChange } from '../../src/server/loop.ts'
import { columnKinds } from '../../src/stages/monitor.ts'
import { loopDefaults, type StageSettings } from '../../src/stages/settings.ts'
import { modelOf } from '../forest/models.ts'
import { codec, logWith, saidIn } from '../jobs/logs.ts'
import { columnMetric, decided, metricsOf, opened, registered, resolved, start, tested } from './loop-samples.ts'

const end = start + days(3)
const numeric = features.findIndex(({ kind }) => kind === 'numeric')
const named = features[numeric]?.name ?? ''

async function world({ eventTime = end as number | null } = {}) {
  const { log } = await logWith(2)
  const clock = new ClockFake()
  const troubles: unknown[] = []
  const append = async (records: readonly Append[]) => (await log.claim('test')).commit(records)
  const put = <N extends RecordName>(topic: string, name: N, value: Records[N], { key = 'key', partition = 0 } = {}) =>
    append([{ topic, partition, key, value: codec.encode(name, value) }])
  const measured = (metrics: Records['DriftMetrics']) =>
    put('drift.metrics', 'DriftMetrics', metrics, { key: `${metrics.to}/${metrics.span}` })
  const columns = features.map(() => prepare(distributionOfNumbers([1, 2, 3])))
  const reference = {
    columns,
    bounds: columns.map(() => null),
    target: prepare(distributionOfCategories(['late', 'punctual'])),
    prediction: prepare(distributionOfNumbers([0.1, 0.2])),
    heldOutAuc: 0.7,
  }
  const models = { get: () => ({ scorer: null as never, threshold: 3000, reference }) }
  const stageSettings = { loop: loopDefaults, horizonsMinutes: [120] as readonly number[] } as StageSettings
  const blobs = new BlobsMemory()
  const app = { log, codec, clock, blobs, partitions: 2, stageSettings, models }
  const doors = new LoopDoors({ app, eventTime: () => eventTime, append, onTrouble: error => troubles.push(error) })
  onTestFinished(() => doors.stop())
  return { log, clock, blobs, doors, put, measured, troubles }
}

/** Resolves with the first change that fits. */
function next(doors: LoopDoors, fits: (change: LoopChange) => boolean): Promise<LoopChange> {
  return new Promise(resolve => {
    const stop = doors.onChange(change => {
      if (!fits(change)) return
      stop()
      resolve(change)
    })
  })
}

describe('the past', () => {
  test('is there after the start: windows, versions, and an alert that has been open for longer than windows are kept', async () => {
    const { doors, put, measured } = await world()
    const long = opened(start - days(90))
    const past = opened(start - days(80))
    await put('drift.metrics', 'AlertOpened', long)
    await put('drift.metrics', 'AlertOpened', past)
    await put('drift.metrics', 'AlertResolved', resolved(past, start - days(70)))
    const hoursKept = 33 * 24
    for (let hour = -2 * hoursKept; hour <= 0; hour++) await measured(metricsOf(end + hours(hour)))
    await put('models.registry', 'ModelVersion', registered('v1'))
    await put(
      'models.registry',
      'ModelDecision',
      decided({ verb: 'PROMOTE', version: 'v1', at: start, champion: 'v1' }),
    )
    await doors.start()
    expect(doors.alerts({ open: true }).map(({ id }) => id)).toEqual([long.id])
    expect(doors.alerts({ open: false })).toHaveLength(2)
    expect(doors.history('DAY').to).toHaveLength(28 * 24)
    expect(doors.history('DAY').to.at(-1)).toBe(end)
    expect(doors.models()).toMatchObject({ champion: 'v1', versions: [{ version: 'v1', role: 'champion' }] })
    expect(doors.status().openAlerts).toHaveLength(1)
  })

  test('and what comes afterwards is told', async () => {
    const { doors, put, measured } = await world()
    await doors.start()
    expect(await doors.drift({ span: 'DAY' })).toBeNull()
    const told = next(doors, change => 'metrics' in change)
    await measured(metricsOf(end, { columns: [columnMetric('a', 0.3)] }))
    expect(await told).toMatchObject({ metrics: { to: end, columns: [{ column: 'a', drifted: true }] } })
    const tests = next(doors, change => 'shadowTest' in change)
    await put('drift.metrics', 'ShadowTested', tested('v2', end))
    expect(await tests).toMatchObject({ shadowTest: { challenger: 'v2' } })
  })
})

test("a model's report comes from its file; without the file there is none", async () => {
  const { doors, put, blobs } = await world()
  const report = { figures: { n: 5 } }
  const { trainedOn, ...same } = modelOf([0.3])
  const bytes = pack({ ...same, trainedOn: { ...trainedOn, metrics: { report } } })
  const artefact = artefactAddress(hashOf(bytes))
  const { version, card } = registered('v1')
  await put('models.registry', 'ModelVersion', { version, card: { ...card, artefact } })
  await doors.start()
  expect((await doors.model('v1')).report).toBeNull()
  await blobs.put(artefact, bytes)
  expect((await doors.model('v1')).report).toEqual(report)
})

describe('searches', () => {
  const wish = {
    seed: 1,
    trials: 2,
    sampler: 'tpe',
    families: ['logistic'],
    folds: 1,
    gapHours: 36,
    why: 'A test.',
  } as const
  const data = {
    rowsMax: 9,
    trainRowsMax: 9,
    windowDays: 9,
    settledHours: 36,
    heldOutShare: 0.2,
    rows: 9,
    rowsDigest: 'd',
    cut: [9],
  }
  const plan = { ...wish, ...data, id: 's-1', at: start, featureSet: 'f', horizonsMinutes: [120], champion: null }
  const fold = { rows: 5, graded: 2, logLoss: 0.5, auc: null, brier: 0.2 }
  const trial = trialOf({ number: 1, family: 'logistic', point: { lambdaL2: 1 } }, [fold], 1, 2)

  test('are seen as they go, and the best is offered once it is there, and once only', async () => {
    const { doors, put, blobs, log } = await world()
    const store = new SearchStore(blobs)
    await store.plan(plan)
    await store.trial('s-1', trial)
    await doors.start()
    expect(await doors.searches()).toMatchObject([
      { id: 's-1', trials: { done: 1, of: 2 }, version: null, best: trial },
    ])
    expect(await doors.search('s-1')).toMatchObject({ plan, trials: [trial] })
    await expect(doors.offer('s-1')).rejects.toMatchObject({ code: 'SEARCH_OPEN' })
    await expect(doors.offer('s-2')).rejects.toMatchObject({ code: 'SEARCH_UNKNOWN' })

    const { card } = registered('s-1')
    await store.result('s-1', { trial: 1, card, evidence: { trials: 2 } })
    const decision = { ...decided({ verb: 'REGISTER', version: 's-1', at: start, champion: 'v0' }), id: 'search s-1' }
    const stop = log.onAppend(topic => {
      if (topic !== 'models.commands') return
      stop()
      void put('models.registry', 'ModelDecision', decision)
    })
    expect(await doors.offer('s-1')).toMatchObject({
      command: 'search s-1',
      decision: { verb: 'REGISTER', version: 's-1' },
    })
    expect((await doors.offer('s-1')).decision?.id).toBe('search s-1')
    const commands = (await saidIn(log, 'models.commands')).map(({ value }) => value as ModelCommand)
    expect(commands).toMatchObject([{ id: 'search s-1', by: 'OPERATOR', hour: end, card, evidence: '{"trials":2}' }])
  })
})

test('a report of the past is that of the last window that ended by then, whole', async () => {
  const { doors, measured } = await world()
  for (const hour of [0, 1, 2]) {
    await measured(metricsOf(end + hours(hour), { columns: [columnMetric('a', hour / 10)], rows: 1000 + hour }))
  }
  await doors.start()
  const report = await doors.drift({ span: 'DAY', at: end + hours(1) + 1 })
  expect(report).toMatchObject({
    to: end + hours(1),
    rows: 1001,
    columns: [{ column: 'a', score: 0.1, method: 'wasserstein' }],
  })
  expect(await doors.drift({ span: 'DAY', at: end - 1 })).toBeNull()
})

describe('a column', () => {
  /** A window of 24 hours in 2 partitions, each hour with one row of this value. */
  async function withWindow(value: number, { gap = false } = {}) {
    const made = await world()
    for (let hour = 1; hour <= 24; hour++) {
      for (const partition of [0, 1]) {
        if (gap && hour === 7 && partition === 1) continue
        const sums = new WindowSums(columnKinds)
        const row = features.map((_, at) => (at === numeric ? value : null))
        const output = { model: 'v1', hash: 'hash of v1', probability: 2500 }
        const about = { horizonMinutes: 120, dueAt: 0, frameTo: null, skipped: null }
        sums.add({ ...about, features: row, outputs: [output] }, hour % 2 === 0)
        const [from, to] = [end - days(1) + hours(hour - 1), end - days(1) + hours(hour)]
        const partial = { from, to, partition, reached: hour, featureSet: 'f', columns: [], ...sums.content() }
        await made.put('drift.partials', 'DriftPartial', partial, { partition })
      }
    }
    await made.measured(metricsOf(end, { columns: [columnMetric(named, 0.4)] }))
    await made.doors.start()
    return made.doors
  }

  test('shows the rows of the window beside those of the training', async () => {
    const doors = await withWindow(2)
    const report = await doors.column(named, 'DAY')
    expect(report).toMatchObject({
      about: { name: named, kind: 'numeric' },
      latest: { score: 0.4, severity: 4 },
      window: { from: end - days(1), to: end, model: 'v1' },
      series: { to: [end], score: [0.4], drifted: [true] },
      histogramMissing: null,
      missing: { reference: 0, current: 0 },
    })
    const { histogram } = report
    if (histogram?.kind !== 'numeric') throw new Error('it is numeric')
    expect(histogram.reference.reduce((sum, rows) => sum + rows, 0)).toBe(3)
    expect(histogram.current.reduce((sum, rows) => sum + rows, 0)).toBe(48)
  })

  test('of the labels and of the probabilities are columns, too', async () => {
    const doors = await withWindow(2)
    const label = await doors.column('label', 'DAY')
    expect(label.histogram).toMatchObject({ categories: ['late', 'punctual'], reference: [1, 1], current: [24, 24] })
    const { histogram } = await doors.column('probability', 'DAY')
    expect(histogram?.current.reduce((sum, rows) => sum + rows, 0)).toBe(48)
  })

  test('has no histogram, and says why, while an hour of the window is not there', async () => {
    const doors = await withWindow(2, { gap: true })
    const report = await doors.column(named, 'DAY')
    expect(report.histogram).toBeNull()
    expect(report.histogramMissing).toContain('drift.partials')
    expect(report.series.score).toEqual([0.4])
  })

  test('that there is not is refused', async () => {
    const { doors } = await world()
    await expect(doors.column('gate', 'DAY')).rejects.toMatchObject({ code: 'FIELD_TYPE', field: 'name' })
  })

  test('before the first window has a name and nothing else', async () => {
    const { doors } = await world()
    await doors.start()
    expect(await doors.column(named, 'DAY')).toMatchObject({ latest: null, window: null, histogram: null })
  })
})

describe('an order', () => {
  const order = { verb: 'PROMOTE', version: 'v2', reason: 'it knows snow' } as const

  async function withModels(eventTime: number | null = end) {
    const made = await world({ eventTime })
    await made.put('models.registry', 'ModelVersion', registered('v1'))
    await made.put('models.registry', 'ModelVersion', registered('v2'))
    const promoted = decided({ verb: 'PROMOTE', version: 'v1', at: start, champion: 'v1', challengers: ['v2'] })
    await made.put('models.registry', 'ModelDecision', promoted)
    await made.doors.start()
    const commands = async () => {
      const { records } = await made.log.read('models.commands', 0, 0, { bytesMax: 1e6 })
      return records.map(({ key, value }) => ({
        key,
        command: codec.decode(value as Uint8Array).value as ModelCommand,
      }))
    }
    /** Once an order has come, the registry says this of it. */
    const answerWith = (accepted: boolean, because: string) =>
      new Promise<void>(resolve => {
        const stop = made.log.onAppend(topic => {
          if (topic !== 'models.commands') return
          stop()
          const answer = async () => {
            const [last] = (await commands()).slice(-1)
            const { id = '', verb = 'PROMOTE', version = '' } = last?.command ?? {}
            const champion = accepted ? version : 'v1'
            const decision = decided({ id, verb, version, at: end, champion }, { accepted, because })
            await made.put('models.registry', 'ModelDecision', decision)
            resolve()
          }
          void answer()
        })
      })
    return { ...made, commands, answerWith }
  }

  test('is a command of the operator that holds for the champion of the moment', async () => {
    const { doors, commands, answerWith } = await withModels()
    const answered = answerWith(true, 'it knows snow')
    const { command, decision } = await doors.command(order)
    await answered
    expect(decision).toMatchObject({ id: command, accepted: true, champion: 'v2' })
    const [written] = await commands()
    expect(written?.key).toBe('v2')
    expect(written?.command).toMatchObject({
      id: command,
      by: 'OPERATOR',
      hour: end,
      verb: 'PROMOTE',
      expectedChampion: 'v1',
      compare: true,
      reason: 'it knows snow',
    })
    expect(doors.models().champion).toBe('v2')
  })

  test('that is decided against is refused with the reason', async () => {
    const { doors, answerWith } = await withModels()
    const answered = answerWith(false, 'the champion is v3, not v1')
    await expect(doors.command(order)).rejects.toMatchObject({
      code: 'COMMAND_REFUSED',
      message: 'the champion is v3, not v1',
    })
    await answered
    expect(doors.models().decisions[0]).toMatchObject({ accepted: false })
  })

  test('to register a model keeps its file, then says where it came from', async () => {
    const { doors, clock, blobs, commands } = await withModels()
    const name = 'legArrivalDelay'
    const model = modelOf([[0, 1, true, 1, 2]], { features: [{ name, kind: 'numeric', resolution: 1 }] })
    const ordered = doors.register({ bytes: pack(model), reason: 'made by hand' })
    while (clock.nextAt === undefined) await new Promise(resolve => setImmediate(resolve))
    await clock.advance(3_000)
    const hash = hashOf(pack(model))
    const version = `import-${hash.slice(0, 8)}`
    expect(await ordered).toMatchObject({ command: expect.stringContaining(version), decision: null })
    expect(Buffer.from(await blobs.get(artefactAddress(hash)))).toEqual(Buffer.from(pack(model)))
    const [{ command } = {}] = await commands()
    expect(command).toMatchObject({ verb: 'REGISTER', by: 'OPERATOR', version, compare: false, reason: 'made by hand' })
    expect(command?.card).toMatchObject({ hash, artefact: artefactAddress(hash), rows: 4 })
  })

  test('that is held answers without a decision', async () => {
    const { doors, clock, commands } = await withModels()
    const ordered = doors.command(order)
    while (clock.nextAt === undefined) await new Promise(resolve => setImmediate(resolve))
    await clock.advance(3_000)
    expect(await ordered).toMatchObject({ decision: null })
    expect(await commands()).toHaveLength(1)
  })

  test('twice the same has two ids, so that both are decided', async () => {
    const { doors, answerWith } = await withModels()
    const answered = answerWith(true, 'first')
    const first = await doors.command(order)
    await answered
    const again = answerWith(false, 'v2 is the champion already')
    await expect(doors.command(order)).rejects.toMatchObject({ code: 'COMMAND_REFUSED' })
    await again
    const [second] = doors.models().decisions
    expect(second?.id).not.toBe(first.command)
  })

  test('of a version that there is not, or before any event, writes nothing', async () => {
    const { doors, commands } = await withModels()
    await expect(doors.command({ ...order, version: 'v9' })).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
      help: 'The newest are v2, v1; `slipstream models ls` lists all.',
    })
    const early = await withModels(null)
    await expect(early.doors.command(order)).rejects.toMatchObject({ code: 'NOT_READY' })
    expect([await commands(), await early.commands()]).toEqual([[], []])
  })
})

test('a record that cannot be read is told, and does not end the process', async () => {
  const { doors, log, measured, troubles } = await world()
  await doors.start()
  const claim = await log.claim('test')
  await claim.commit([{ topic: 'drift.metrics', partition: 0, key: 'x', value: new Uint8Array([9, 9]) }])
  while (troubles.length === 0) await new Promise(resolve => setImmediate(resolve))
  const told = next(doors, change => 'metrics' in change)
  await measured(metricsOf(end))
  expect(await told).toMatchObject({ metrics: { to: end } })
  expect(troubles).toHaveLength(1)
})
