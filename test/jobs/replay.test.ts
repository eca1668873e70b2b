import { describe, expect, test } from 'vitest'
import { Replay, type ReplayOptions, type SourceChunk } from '../../src/jobs/replay.ts'
import { Failure } from '../../src/lib/failure.ts'
import { days, hours, minutes } from '../../src/lib/time.ts'
import type { ModelCommand, StepEnded } from '../../src/records.ts'
import { partitionOf } from '../../src/runtime/partition.ts'
import { scheduled } from '../stages/events.ts'
import { codec, logWith, marksOf, type Said, saidIn } from './logs.ts'

const start = Date.UTC(2013, 0, 1)
const partitions = 2
const stepMs = hours(1)

const command: ModelCommand = {
  id: 'v1',
  by: 'OPERATOR',
  hour: 0,
  verb: 'PROMOTE',
  version: 'v1',
  expectedChampion: null,
  compare: false,
  effectiveFrom: null,
  reason: '',
  evidence: null,
  card: null,
  correction: [],
}

/** Twelve events of 7 flights, 11 minutes from each other; the first at 00:25. */
const events = Array.from({ length: 12 }, (_, n) => ({ key: `F${n % 7}`, at: start + minutes(25 + 11 * n) }))

function chunksOf(skip: number, size = 5): SourceChunk[] {
  const chunks: SourceChunk[] = []
  for (let from = skip; from < events.length; from += size) {
    const part = events.slice(from, from + size)
    const bytes = part.map(({ key, at }) =>
      Buffer.from(codec.encode('FlightScheduled', scheduled(at, { flightId: key }))),
    )
    let end = 0
    const ends = Uint32Array.from(bytes, each => (end += each.length))
    const deliveredAt = Float64Array.from(part, ({ at }) => at)
    chunks.push({ keys: part.map(({ key }) => key), deliveredAt, ends, bytes: Buffer.concat(bytes) })
  }
  return chunks
}

type World = Awaited<ReturnType<typeof logWith>>

function replayOn({ log, blobs }: World, change: Partial<ReplayOptions> = {}): Replay {
  return new Replay({
    log,
    codec,
    blobs,
    partitions,
    stepMs,
    source: async function* (skip) {
      yield* chunksOf(skip)
    },
    closedAt: start + hours(3) + 1,
    opening: async () => [command],
    caughtUp: async () => undefined,
    mayAdvance: async () => true,
    unitRecords: 3,
    onProgress: () => undefined,
    ...change,
  })
}

async function run(world: World, change: Partial<ReplayOptions> = {}): Promise<boolean> {
  const replay = replayOn(world, change)
  await replay.open()
  return await replay.run()
}

type Contents = { commands: Said[]; events: Said[][] }

async function contents({ log }: World): Promise<Contents> {
  const parts = await Promise.all([0, 1].map(partition => saidIn(log, 'flights.events', partition)))
  return { commands: await saidIn(log, 'models.commands'), events: parts }
}

const stepsOf = ({ commands }: Contents) =>
  commands.filter(({ name }) => name === 'StepEnded').map(({ value }) => ((value as StepEnded).at - start) / hours(1))

async function played(change: Partial<ReplayOptions> = {}): Promise<Contents> {
  const world = await logWith(partitions)
  expect(await run(world, change)).toBe(true)
  return await contents(world)
}

describe('a replay', () => {
  test('opens with the commands, a StepEnded, and a mark at the start of the step in every partition', async () => {
    const { commands, events: parts } = await played()
    expect(commands.slice(0, 2)).toMatchObject([{ name: 'ModelCommand', key: 'v1' }, { name: 'StepEnded' }])
    for (const part of parts) expect(part[0]).toEqual({ key: 'mark', name: 'Mark', value: { at: start } })
  })

  test('writes a mark every ten minutes up to the end of the last step, the same in every partition', async () => {
    const { events: parts } = await played()
    // closed a millisecond after 3:00, so that the step from 3:00 to 4:00 is played to its end
    const expected = Array.from({ length: 25 }, (_, n) => start + minutes(10 * n))
    for (const part of parts) expect(marksOf(part)).toEqual(expected)
  })

  test('places every event in the partition of its key, in order, behind the last mark that it has reached', async () => {
    const { events: parts } = await played()
    parts.forEach((part, partition) => {
      const own = events.filter(({ key }) => partitionOf(key, partitions) === partition)
      expect(part.filter(({ name }) => name !== 'Mark').map(({ key }) => key)).toEqual(own.map(({ key }) => key))
      let mark = 0
      const behind: number[] = []
      for (const { name, value } of part) {
        const { at } = value as { at: number }
        if (name === 'Mark') mark = at
        else behind.push(at - mark)
      }
      expect(behind.filter(each => each < 0 || each >= minutes(10))).toEqual([])
    })
  })

  test('says StepEnded once at the end of every step', async () => {
    expect(stepsOf(await played())).toEqual([0, 1, 2, 3, 4])
  })

  test('is the same whatever the sizes of units and chunks', async () => {
    const expected = await played()
    const source = async function* (skip: number) {
      yield* chunksOf(skip, 1)
    }
    for (const unitRecords of [1, 2, 1000]) expect(await played({ unitRecords, source })).toEqual(expected)
  })

  test('of nothing ends at once', async () => {
    const { commands, events: parts } = await played({ source: async function* () {} })
    expect([commands, ...parts]).toEqual([[], [], []])
  })

  test('that is done stays done', async () => {
    const world = await logWith(partitions)
    await run(world)
    const before = await contents(world)
    expect(await run(world)).toBe(true)
    expect(await contents(world)).toEqual(before)
  })
})

describe('killed', () => {
  const commits = async (): Promise<number> => {
    let count = 0
    const world = await logWith(partitions, { onCommit: (task, n) => void (task === 'replay' && (count = n)) })
    await run(world)
    return count
  }

  test.each(['before', 'after'] as const)(
    'at any commit, %s it took effect, it goes on as if nothing had been',
    async when => {
      const expected = await played()
      const count = await commits()
      expect(count).toBeGreaterThan(20)
      for (let kill = 1; kill <= count; kill++) {
        const world = await logWith(partitions, {
          onCommit(task, n, now) {
            if (task === 'replay' && n === kill && now === when) throw new Failure('COMMIT_UNKNOWN', 'killed')
          },
        })
        await expect(run(world)).rejects.toThrow('killed')
        expect(await run(world)).toBe(true)
        expect(await contents(world)).toEqual(expected)
      }
    },
  )

  test('again and again, every third commit, it still comes to the same end', async () => {
    const expected = await played()
    let lives = 0
    // three commits a life: the mark of the claim and two units
    const world = await logWith(partitions, {
      onCommit(task, n, now) {
        if (task === 'replay' && n % 4 === 0 && now === 'before') throw new Failure('COMMIT_UNKNOWN', 'killed')
      },
    })
    for (let done = false; !done; lives++) {
      if (lives > 200) throw new Error('it does not come to an end')
      done = await run(world, { unitRecords: 1 }).catch(() => false)
    }
    expect(lives).toBeGreaterThan(10)
    expect(await contents(world)).toEqual(expected)
  })

  test.each(['before', 'after'] as const)(
    'a commit whose answer is lost, %s it took effect, does not end it where it may try again',
    async when => {
      const expected = await played()
      const lost: unknown[] = []
      const world = await logWith(partitions, {
        onCommit(task, n, now) {
          if (task === 'replay' && n % 4 === 0 && now === when) throw new Failure('COMMIT_UNKNOWN', 'no answer')
        },
      })
      expect(await run(world, { unitRecords: 1, again: async error => lost.push(error) > 0 })).toBe(true)
      expect(lost.length).toBeGreaterThan(5)
      expect(await contents(world)).toEqual(expected)
    },
  )

  test('it ends where it may not try again, or trying does not help', async () => {
    const lost = () => {
      throw new Failure('COMMIT_UNKNOWN', 'no answer')
    }
    const world = await logWith(partitions, {
      onCommit: (task, n) => (task === 'replay' && n === 3 ? lost() : undefined),
    })
    expect(await run(world, { again: async () => false })).toBe(false)
    const fenced = () => {
      throw new Failure('TASK_FENCED', 'another came')
    }
    const other = await logWith(partitions, {
      onCommit: (task, n) => (task === 'replay' && n === 3 ? fenced() : undefined),
    })
    await expect(run(other, { again: async () => true })).rejects.toThrow('another came')
  })

  test('finds the place of the last commit', async () => {
    const world = await logWith(partitions)
    let left = 8
    expect(await run(world, { mayAdvance: async () => left-- > 0 })).toBe(false)
    const replay = replayOn(world)
    // 8 marks of ten minutes: 01:20; the events up to 01:29 are published: 25, 36, 47, 58, 69, 80
    expect(await replay.open()).toEqual({ items: 6, mark: start + minutes(80), done: false })
    expect(await replay.run()).toBe(true)
    expect(await contents(world)).toEqual(await played())
  })
})

describe('the barrier', () => {
  test('nothing is written while somebody has to catch up, and nothing past the end of a step before', async () => {
    const world = await logWith(partitions)
    const waits: { mark: number | undefined; steps: number }[] = []
    const caughtUp = async () => {
      const before = await contents(world)
      for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
      const after = await contents(world)
      expect(after).toEqual(before)
      waits.push({ mark: marksOf(after.events[0] ?? []).at(-1), steps: stepsOf(after).length })
    }
    await run(world, { caughtUp })
    const at = (hour: number) => start + hours(hour)
    expect(waits).toEqual([
      { mark: undefined, steps: 0 },
      // the opening is decided before the first mark
      { mark: undefined, steps: 1 },
      // at the end of a step: before it says so, and after
      { mark: at(1), steps: 1 },
      { mark: at(1), steps: 2 },
      { mark: at(2), steps: 2 },
      { mark: at(2), steps: 3 },
      { mark: at(3), steps: 3 },
      { mark: at(3), steps: 4 },
      { mark: at(4), steps: 4 },
      { mark: at(4), steps: 5 },
      { mark: at(4), steps: 5 },
    ])
  })

  test('the own records of a step are all there when it is asked whether everybody has caught up', async () => {
    const world = await logWith(partitions)
    const seen: number[] = []
    const caughtUp = async () => {
      const { events: parts } = await contents(world)
      seen.push(parts.flat().filter(({ name }) => name !== 'Mark').length)
    }
    await run(world, { caughtUp, unitRecords: 1000 })
    // before 1:00 there are 4 events (25, 36, 47, 58), before 2:00 9, and 12 in all
    expect(seen).toEqual([0, 0, 4, 4, 9, 9, 12, 12, 12, 12, 12])
  })
})

describe('the pace', () => {
  test('is asked for every mark, and what was made is committed on its word', async () => {
    const world = await logWith(partitions)
    const asked: number[] = []
    let published = 0
    const mayAdvance: ReplayOptions['mayAdvance'] = async (mark, publish) => {
      asked.push(mark)
      await publish()
      const { events: parts } = await contents(world)
      published = parts.flat().filter(({ name }) => name !== 'Mark').length
      expect(published).toBe(events.filter(({ at }) => at < mark).length)
      return true
    }
    await run(world, { mayAdvance, unitRecords: 1000 })
    expect(asked).toEqual(Array.from({ length: 24 }, (_, n) => start + minutes(10 * (n + 1))))
    expect(published).toBe(12)
  })

  test('may end it for now; what was made is committed', async () => {
    const world = await logWith(partitions)
    const replay = replayOn(world, { mayAdvance: async mark => mark <= start + minutes(30), unitRecords: 1000 })
    await replay.open()
    expect(await replay.run()).toBe(false)
    // the next mark would be 00:40; the event of 00:36 lies before it
    expect(replay.progress).toEqual({ items: 2, mark: start + minutes(30), done: false })
    await replay.close()
    expect(await replayOn(world).open()).toEqual({ items: 2, mark: start + minutes(30), done: false })
  })
})

test('steps of a day begin at midnight UTC', async () => {
  const { events: parts } = await played({ stepMs: days(1), closedAt: start + hours(5) })
  expect([marksOf(parts[0] ?? [])[0], marksOf(parts[0] ?? []).at(-1)]).toEqual([start, start + days(1)])
})
