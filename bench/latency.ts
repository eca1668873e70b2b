// How long a prediction takes once everything that it waits for is in the log, while events keep coming at a fixed rate.
//
// A prediction due at T, at a flight of partition p, waits for two marks of flights.events (marks are 10 minutes apart,
// lateness L, windows of W = 10 minutes):
//
//   its frame   the last one it uses ends at F = floor(T to W) - W. It is sealed once the watermark of every partition
//               has reached F: with the first mark >= F + L in the last partition to get it
//   its turn    the timeline of p must have gone past T: the first mark > T + L of p
//
// The second comes later in event time, so it is what a prediction last waits for; `ms` count from the call that appends
// the later of the two in wall time to the return of the commit that holds the prediction. `sinceFrame` counts from
// the mark of the frame alone, and so contains the 20 or so event minutes until its turn at the pace of the run.
//
// One process, no doors. A day and a half pass at full speed, until flights are predicted; then the replay publishes at
// the given rate by the number of events, waiting before each mark, so that a unit of work holds the events of 10 minutes
// of event time. The schedule does not wait for those who are late: `behind` says how late the publisher was at its
// marks. Then the same at the pace of the demo, one event hour a second. The first seconds at pace are left out.
//
//   npm run bench -- latency [--rate 5000] [--seconds 30] [--warm-up 5] [--partitions 1] [--from 2013-02-01] [--json]

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { demo, newSpec } from '../src/app/sources.ts'
import { openApp, openReplay, openStores, type Stores } from '../src/app.ts'
import { configure } from '../src/config.ts'
import { Pace } from '../src/jobs/pace.ts'
import type { Replay } from '../src/jobs/replay.ts'
import { days, floorTo, minutes } from '../src/lib/time.ts'
import type { Mark, Prediction, PredictionSkipped } from '../src/records.ts'
import { readAll } from '../src/runtime/digest.ts'
import { type Quantiles, quantiles } from './inputs/numbers.ts'
import { type Note, type TimedLog, timedLog } from './inputs/timed-log.ts'

const { values: args } = parseArgs({
  options: {
    rate: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: '30' },
    'warm-up': { type: 'string', default: '5' },
    partitions: { type: 'string', default: '1' },
    from: { type: 'string', default: '2013-02-01' },
    json: { type: 'boolean' },
  },
})
const seconds = Number(args.seconds)
const warmUpMs = Number(args['warm-up']) * 1000
const fastUntil = Date.parse(`${args.from}T12:00:00Z`) + days(1)
const windowMs = minutes(10)
const markEveryMs = minutes(10)

type Row = {
  pace: string
  eventsPerSecond: number
  predictions: number
  ms: Quantiles
  sinceFrame: Quantiles
  behind: Quantiles
  unitRecords: Quantiles
}

type MayAdvance = (mark: number, publish: () => Promise<void>) => Promise<boolean>
type Late = { at: number; ms: number }
/** Started when the fast part is over. */
type Pacing = {
  readonly name: string
  readonly start: (replay: Replay) => MayAdvance
  /** How late the publisher was, and when. */
  readonly behind: readonly Late[]
}

const rows = [await run(atRate(Number(args.rate))), await run(atDemo())]
if (!args.json) for (const row of rows) console.log(row)
const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() }
console.log(JSON.stringify({ bench: 'latency', node: process.version, ...machine, partitions: args.partitions, rows }))

async function run(pacing: Pacing): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-latency-'))
  const { config } = configure({ dataDir: folder, partitions: args.partitions })
  const stores = await openStores(config, 'owner')
  const timed = timedLog(stores.log, ['flights.events', 'flights.predictions'])
  const app = await openApp({
    config,
    stores: { ...stores, log: timed.log },
    onTrouble: (where, error) => console.error(where, error),
  })
  try {
    await app.engines.start()
    const spec = newSpec({ from: args.from, to: demo.to, 'model-from': `${args.from}T05:00:00Z` }, config)
    let endsAt = Number.POSITIVE_INFINITY
    let mayAdvance: MayAdvance | undefined
    const replay: Replay = await openReplay(app, spec, {
      onProgress: () => undefined,
      mayAdvance: async (mark, publish) => {
        if (mark <= fastUntil) return true
        if (!mayAdvance) {
          endsAt = performance.now() + warmUpMs + seconds * 1000
          mayAdvance = pacing.start(replay)
        }
        return performance.now() < endsAt && (await mayAdvance(mark, publish))
      },
    })
    await replay.run()
    await app.engines.caughtUp()
    await replay.close()
    return await rowOf(pacing, {
      stores,
      timed,
      from: endsAt - seconds * 1000,
      latenessMs: app.stageSettings.latenessMs,
    })
  } finally {
    await app.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** So many events a second of wall time, on a schedule that does not wait for those who are late. */
function atRate(perSecond: number): Pacing {
  const behind: Late[] = []
  const start = (replay: Replay): MayAdvance => {
    const startedAt = performance.now()
    const before = replay.progress.items
    return async (_, publish) => {
      const dueAt = startedAt + ((replay.progress.items - before) / perSecond) * 1000
      await publish()
      const waitMs = dueAt - performance.now()
      if (waitMs > 0) await new Promise(resolve => setTimeout(resolve, waitMs))
      const at = performance.now()
      behind.push({ at, ms: Math.max(0, at - dueAt) })
      return true
    }
  }
  return { name: `${perSecond} events/s`, start, behind }
}

/** The pace of `slipstream up` behind its fast part. */
function atDemo(): Pacing {
  const hoursPerSecond = Number(demo.speed)
  const start = (): MayAdvance => {
    const clock = {
      now: () => performance.now(),
      sleep: (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms)),
      turn: () => Promise.resolve(),
    }
    const pace = new Pace({ clock, fastUntil: 0, hoursPerSecond })
    return (mark, publish) => pace.mayAdvance(mark, publish)
  }
  return { name: `${hoursPerSecond} event hours/s, as the demo`, start, behind: [] }
}

type Taken = { stores: Stores; timed: TimedLog; from: number; latenessMs: number }

async function rowOf({ name, behind }: Pacing, { stores, timed, from, latenessMs }: Taken): Promise<Row> {
  const partitions = Number(args.partitions)
  const numbers = Array.from({ length: partitions }, (_, partition) => partition)
  const marks: Map<number, number>[] = []
  let events = 0
  for (const partition of numbers) {
    const calls = new Map<number, number>()
    for await (const { name: type, value, note } of noted(stores, timed, ['flights.events', partition])) {
      if (type === 'Mark') calls.set((value as Mark).at, note.calledAt)
      else if (note.calledAt >= from) events++
    }
    marks.push(calls)
  }
  const sinceFrame: number[] = []
  const ms: number[] = []
  for (const partition of numbers) {
    for await (const { name: type, value, note } of noted(stores, timed, ['flights.predictions', partition])) {
      if (type !== 'Prediction') continue
      const { dueAt } = value as Prediction | PredictionSkipped
      const turnAt = marks[partition]?.get(floorTo(dueAt + latenessMs, markEveryMs) + markEveryMs)
      const frameMark = floorTo(dueAt, windowMs) - windowMs + latenessMs
      const frameAt = Math.max(...marks.map(calls => calls.get(frameMark) ?? Number.NaN))
      // the frame of the first minutes was appended before the run, or there was none
      if (turnAt === undefined || Number.isNaN(frameAt) || frameAt < from) continue
      ms.push(note.doneAt - Math.max(turnAt, frameAt))
      sinceFrame.push(note.doneAt - frameAt)
    }
  }
  const units = timed.units('replay').filter(({ calledAt }) => calledAt >= from)
  return {
    pace: name,
    eventsPerSecond: Math.round(events / seconds),
    predictions: ms.length,
    ms: quantiles(ms),
    sinceFrame: quantiles(sinceFrame),
    behind: quantiles(behind.filter(({ at }) => at >= from).map(late => late.ms)),
    unitRecords: quantiles(units.map(({ count }) => count)),
  }
}

type Noted = { name: string; value: unknown; note: Note }

/** Every record of a partition with the commit that brought it. */
async function* noted(
  { log, codec }: Stores,
  timed: TimedLog,
  [topic, partition]: [string, number],
): AsyncGenerator<Noted> {
  const notes = timed.notes(topic, partition).values()
  let note = notes.next().value
  let left = note?.count ?? 0
  for await (const { value } of readAll(log, topic, partition)) {
    if (left === 0) {
      note = notes.next().value
      left = note?.count ?? 0
    }
    left--
    if (!note || !value) throw new Error(`${topic}/${partition} holds records that no commit was seen of`)
    yield { ...codec.decode(value), note }
  }
}
