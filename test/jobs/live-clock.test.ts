import { describe, expect, test } from 'vitest'
import { ClockFake } from '../../src/adapters/clock-fake.ts'
import { LiveClock } from '../../src/jobs/live-clock.ts'
import { Failure } from '../../src/lib/failure.ts'
import { seconds } from '../../src/lib/time.ts'
import type { ModelCommand } from '../../src/records.ts'
import { codec, logWith, marksOf, saidIn } from './logs.ts'

const opening: ModelCommand[] = ['v1', 'v2'].map(version => ({
  id: version,
  by: 'OPERATOR',
  hour: 0,
  verb: 'PROMOTE',
  version,
  expectedChampion: null,
  compare: false,
  effectiveFrom: null,
  reason: '',
  evidence: null,
  card: null,
  correction: [],
}))

type World = Awaited<ReturnType<typeof logWith>>

async function started({ log, blobs }: World, at: number, partitions = 2) {
  const clock = new ClockFake(at)
  const troubles: unknown[] = []
  const onTrouble = (error: unknown) => void troubles.push(error)
  const live = new LiveClock({ log, codec, blobs, clock, partitions, everyMs: seconds(10), opening, onTrouble })
  await live.start()
  return { clock, live, troubles }
}

const marksIn = async ({ log }: World, partition = 0) => marksOf(await saidIn(log, 'flights.events', partition))

/** Lets commits that take their time come through. */
async function pass(clock: ClockFake, durationMs: number): Promise<void> {
  for (let left = durationMs; left > 0; left -= seconds(1)) await clock.advance(seconds(1))
}

describe('the live clock', () => {
  test('writes a mark into every partition when it starts and every ten seconds from then on', async () => {
    const world = await logWith(3)
    const { clock, live } = await started(world, seconds(1000), 3)
    await pass(clock, seconds(25))
    const expected = [1000, 1010, 1020].map(seconds)
    for (const partition of [0, 1, 2]) expect(await marksIn(world, partition)).toEqual(expected)
    await live.stop()
    await pass(clock, seconds(30))
    expect(await marksIn(world)).toEqual(expected)
  })

  test('asks for the opening once, before the first mark, also over restarts', async () => {
    const world = await logWith(2)
    for (const at of [1000, 2000, 3000]) await (await started(world, seconds(at))).live.stop()
    const commands = await saidIn(world.log, 'models.commands')
    expect(commands.map(({ key, name }) => [key, name])).toEqual([
      ['v1', 'ModelCommand'],
      ['v2', 'ModelCommand'],
    ])
    expect(await marksIn(world)).toEqual([1000, 2000, 3000].map(seconds))
  })

  test('never goes back: a clock that was set back says nothing until it has passed the last mark', async () => {
    const world = await logWith(2)
    await (await started(world, seconds(1000))).live.stop()
    const { clock, live } = await started(world, seconds(985))
    expect(await marksIn(world)).toEqual([seconds(1000)])
    await pass(clock, seconds(40))
    await live.stop()
    // it looks at 985, 995, 1005, ...
    expect(await marksIn(world)).toEqual([1000, 1005, 1015, 1025].map(seconds))
  })

  test('goes on after a commit that failed, and what was not committed is not remembered', async () => {
    let fails = false
    const world = await logWith(2, {
      onCommit(task, _n, when) {
        if (task !== 'clock' || when !== 'before' || !fails) return
        fails = false
        throw new Failure('COMMIT_UNKNOWN', 'no answer')
      },
    })
    const { clock, live, troubles } = await started(world, seconds(1000))
    fails = true
    await pass(clock, seconds(35))
    await live.stop()
    expect(troubles).toMatchObject([{ code: 'COMMIT_UNKNOWN' }])
    expect(await marksIn(world)).toEqual([1000, 1020, 1030].map(seconds))
  })

  test('one process holds it: a second one takes it over', async () => {
    const world = await logWith(2)
    const first = await started(world, seconds(1000))
    const second = await started(world, seconds(1005))
    await pass(second.clock, seconds(10))
    const marks = await marksIn(world)
    expect(marks).toEqual([1000, 1005, 1015].map(seconds))
    await second.live.stop()
    await first.live.stop()
  })
})
