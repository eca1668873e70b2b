import { describe, expect, test } from 'vitest'
import { LogMemory, type LogMemoryOptions } from '../../src/adapters/log-memory.ts'
import { type Fold, SharedView } from '../../src/runtime/shared-view.ts'
import { append, marks, openCodec } from './small-world.ts'

const topic = 'frames'
type Seen = { applied: number[]; forgotten: number[] }

/** Frames are marks: each makes the view whole up to its instant. */
const fold: Fold<Seen> = {
  topic,
  open: () => ({ applied: [], forgotten: [] }),
  apply: (view, value) => {
    const { at } = value as { at: number }
    view.applied.push(at)
    return at
  },
  timeOf: value => (value as { at: number }).at,
  forget: (view, at) => view.forgotten.push(at),
  lookBackMs: 30,
  spreadMs: 20,
}

async function open({
  tasks = 1 as number | null,
  ats = [] as number[],
  how = {} as LogMemoryOptions,
  of = fold,
} = {}) {
  const log = new LogMemory(how)
  const codec = await openCodec()
  await log.createTopics([{ name: topic, partitions: 1, cleanup: 'delete' }])
  const write = (some: readonly number[]) => append(log, marks(codec, topic, some))
  if (ats.length > 0) await write(ats)
  return { log, codec, write, view: new SharedView(of, log, codec, tasks) }
}

const tens = (from: number, to: number) => Array.from({ length: (to - from) / 10 + 1 }, (_, index) => from + 10 * index)

describe('a shared view', () => {
  test('applies nothing before all tasks have said how far they are', async () => {
    const { view } = await open({ tasks: 2, ats: [10, 20] })
    expect(await view.feed()).toBe(false)
    view.reached('score-0', 10)
    expect([await view.feed(), view.view.applied, view.has(0)]).toEqual([false, [], false])
    view.reached('score-1', 10)
    expect([await view.feed(), view.view.applied]).toEqual([true, [10, 20]])
  })

  test('is fed at most `spread` ahead of the slowest task', async () => {
    const { view } = await open({ tasks: 2, ats: tens(10, 100) })
    view.reached('score-0', 90)
    view.reached('score-1', 20)
    await view.feed()
    expect([view.view.applied, view.upTo]).toEqual([[10, 20, 30, 40], 40])
    expect([view.has(40), view.has(41)]).toEqual([true, false])
    expect(await view.feed()).toBe(false)
    view.reached('score-1', 35)
    await view.feed()
    // 50 <= 35 + 20
    expect(view.upTo).toBe(50)
  })

  test('keeps the newest frame, though every task is ahead of it', async () => {
    const { view, write } = await open({ ats: [10, 20] })
    view.reached('score-0', 35)
    await view.feed()
    await write([30])
    await view.feed()
    expect(view.view).toEqual({ applied: [10, 20, 30], forgotten: [20, 20, 30] })
  })

  test('starts at the look-back of the slowest task', async () => {
    const { view } = await open({ tasks: 2, ats: tens(10, 200) })
    view.reached('score-0', 150)
    view.reached('score-1', 100)
    await view.feed()
    // after 100 - 30 and up to 100 + 20
    expect(view.view.applied).toEqual(tens(80, 120))
  })

  test('says before the first frame from when on it is asked: by the slowest task, or as of the newest frame', async () => {
    const told: number[] = []
    const telling: Fold<Seen> = {
      ...fold,
      apply: (view, value) => {
        told.push(view.forgotten[0] ?? 0)
        return fold.apply(view, value)
      },
    }
    for (const reached of [60, 120]) {
      const { view } = await open({ ats: tens(10, 100), of: telling })
      view.reached('score-0', reached)
      await view.feed()
    }
    // 40 to 80 for the one at 60, and the last frame for the one that is ahead of it
    expect(told).toEqual([60, 60, 60, 60, 60, 100])
  })

  test.each([1, 2, 3, 4, 5])('finds the look-back among gaps (seed %i)', async seed => {
    const { write, view } = await open({ how: { kafkaMode: { seed } } })
    for (const at of tens(10, 300)) await write([at])
    view.reached('score-0', 205)
    await view.feed()
    expect(view.view.applied).toEqual(tens(180, 220))
  })

  test('finds what is left when the look-back was trimmed', async () => {
    const { log, view } = await open({ ats: tens(10, 100) })
    await log.trim(topic, 0, 6)
    view.reached('score-0', 80)
    await view.feed()
    expect(view.view.applied).toEqual(tens(70, 100))
  })

  test('takes each record once, those that come later too', async () => {
    const { view, write } = await open({ ats: [10] })
    view.reached('score-0', 10)
    await view.feed()
    expect(await view.feed()).toBe(false)
    await write([20, 30])
    expect(await view.feed()).toBe(true)
    await write([40])
    view.reached('score-0', 40)
    await view.feed()
    expect(view.view.applied).toEqual([10, 20, 30, 40])
  })

  test('forgets what lies before the slowest task, each time it has moved', async () => {
    const { view } = await open({ tasks: 2, ats: tens(10, 100) })
    view.reached('score-0', 60)
    view.reached('score-1', 50)
    await view.feed()
    view.reached('score-1', 70)
    await view.feed()
    expect(view.view.forgotten).toEqual([50, 50, 60])
    await view.feed()
    expect(view.view.forgotten).toEqual([50, 50, 60])
  })

  test('finds the look-back from any place', async () => {
    const { log, codec } = await open({ ats: tens(10, 200) })
    for (let reached = 40; reached <= 200; reached += 10) {
      const view = new SharedView(fold, log, codec, 1)
      view.reached('score-0', reached)
      await view.feed()
      // the first one after the look-back of 30
      expect(view.view.applied[0]).toBe(reached - 20)
    }
  })

  test('a record that cannot be read is met again, and those around it are not lost', async () => {
    const { log, codec, view } = await open({ ats: [10] })
    view.reached('score-0', 40)
    await view.feed()
    const bad = { topic, partition: 0, key: 'bad', value: Buffer.from('not avro') }
    await append(log, [...marks(codec, topic, [20]), bad, ...marks(codec, topic, [30])])
    await expect(view.feed()).rejects.toThrow('the record does not start')
    await expect(view.feed()).rejects.toThrow('the record does not start')
  })

  test('a frame on which the fold fails is met again', async () => {
    let fails = true
    const { view } = await open({
      ats: [10, 20],
      of: {
        ...fold,
        apply: (seen, value) => {
          if (fails) throw new Error('not now')
          return fold.apply(seen, value)
        },
      },
    })
    view.reached('score-0', 10)
    await expect(view.feed()).rejects.toThrow('not now')
    fails = false
    await view.feed()
    expect(view.view.applied).toEqual([10, 20])
  })
})

describe('a view of tasks that come and go', () => {
  test('is fed with the first that reports, and keeps the spread for those that come after it', async () => {
    const { view } = await open({ tasks: null, ats: tens(10, 200) })
    expect(await view.feed()).toBe(false)
    view.reached('score-0', 150)
    await view.feed()
    // after 150 - 20 - 30 and up to 150 + 20; what is before 150 - 20 may go
    expect(view.view).toEqual({ applied: tens(110, 170), forgotten: [130, 130] })
    const before = view.view
    view.reached('score-1', 130)
    await view.feed()
    expect([view.view === before, view.upTo]).toEqual([true, 170])
  })

  test('is begun anew for a task from further back, and fed no further than that one lets it', async () => {
    const { view } = await open({ tasks: null, ats: tens(10, 200) })
    view.reached('score-0', 150)
    await view.feed()
    view.reached('score-1', 90)
    expect([view.upTo, view.has(100)]).toEqual([Number.NEGATIVE_INFINITY, false])
    await view.feed()
    expect(view.view.applied).toEqual(tens(50, 110))
    // it goes to another process
    view.leave('score-1')
    await view.feed()
    expect(view.upTo).toBe(170)
  })

  test('with no task here goes to the end for those who ask it, and nowhere else', async () => {
    const { view, write } = await open({ tasks: null, ats: tens(10, 200) })
    view.follows = true
    await view.feed()
    expect(view.view.applied).toEqual(tens(180, 200))
    await write([210])
    await view.feed()
    expect(view.upTo).toBe(210)
    const fixed = await open({ tasks: null, ats: tens(10, 200) })
    expect(await fixed.view.feed()).toBe(false)
  })
})
