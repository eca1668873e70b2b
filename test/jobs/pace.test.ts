import { describe, expect, test } from 'vitest'
import { ClockFake } from '../../src/adapters/clock-fake.ts'
import { Pace, type PaceOptions } from '../../src/jobs/pace.ts'
import { hours, seconds } from '../../src/lib/time.ts'

/** Asks for the marks of hours 1, 2, ... one after the other; `passed` is the last that was granted. */
function walking(options: Partial<PaceOptions> = {}) {
  const clock = new ClockFake(1_000_000)
  const pace = new Pace({ clock, fastUntil: hours(3), hoursPerSecond: 2, ...options })
  const walk = { clock, pace, passed: 0, published: 0, ended: false }
  void (async () => {
    const publish = async () => void walk.published++
    while (walk.passed < 30 && (await pace.mayAdvance(hours(walk.passed + 1), publish))) walk.passed++
    walk.ended = true
  })()
  return walk
}

const paused = { fastUntil: hours(3), pausesThere: true }

describe('a pace', () => {
  test('is full speed up to an instant, then so many event hours a second', async () => {
    const walk = walking()
    await walk.clock.advance(0)
    // hours 4 and 5 are granted at once: the pace begins with the first of them
    expect(walk.passed).toBe(5)
    await walk.clock.advance(499)
    expect(walk.passed).toBe(5)
    await walk.clock.advance(1)
    expect(walk.passed).toBe(6)
    await walk.clock.advance(seconds(3))
    expect(walk.passed).toBe(12)
  })

  test('goes on as another one stood: at its speed, in its pause, to the end of its step', async () => {
    const before = walking()
    before.pace.order('speed', 4)
    before.pace.order('pause')
    const stopped = walking({ as: before.pace.standing })
    await stopped.clock.advance(seconds(5))
    expect(stopped).toMatchObject({ passed: 0 })
    expect(stopped.pace.hoursPerSecond).toBe(4)
    before.pace.order('step')
    const stepping = walking({ as: before.pace.standing, hoursPerSecond: null })
    await stepping.clock.advance(0)
    expect(hours(stepping.passed)).toBe(before.pace.standing.until)
    expect(stepping.pace.paused).toBe(true)
    before.pace.order('resume')
    const going = walking({ as: before.pace.standing, pausesThere: true })
    await going.clock.advance(0)
    await going.clock.advance(seconds(1))
    // 3 at full speed, 2 at once, 4 in the second
    expect(going.passed).toBe(9)
  })

  test('without a speed never waits, and publishes nothing early', async () => {
    const walk = walking({ hoursPerSecond: null })
    await walk.clock.advance(0)
    expect(walk).toMatchObject({ passed: 30, published: 0, ended: true })
  })

  test('lets what was made be published before it waits', async () => {
    const walk = walking()
    await walk.clock.advance(0)
    expect(walk).toMatchObject({ passed: 5, published: 1 })
  })

  test('that could not be kept is not caught up with, but for one mark', async () => {
    const clock = new ClockFake(0)
    const pace = new Pace({ clock, fastUntil: 0, hoursPerSecond: 1 })
    let granted = 0
    const ask = () => void pace.mayAdvance(hours(granted + 1), async () => undefined).then(() => granted++)
    ask()
    // a minute in which the machine is busy: 60 event hours are due
    await clock.advance(seconds(60))
    for (let n = 0; n < 5; n++) {
      ask()
      await clock.advance(0)
    }
    expect(granted).toBe(3)
  })
})

describe('a pause', () => {
  test('holds until resumed', async () => {
    const walk = walking()
    await walk.clock.advance(0)
    walk.pace.order('pause')
    await walk.clock.advance(seconds(60))
    expect(walk).toMatchObject({ passed: 5, pace: { paused: true } })
    walk.pace.order('resume')
    await walk.clock.advance(0)
    expect(walk).toMatchObject({ passed: 6, pace: { paused: false } })
  })

  test('may be waiting at the instant up to which it goes at full speed', async () => {
    const walk = walking(paused)
    await walk.clock.advance(seconds(60))
    expect(walk).toMatchObject({ passed: 3, pace: { paused: true } })
  })

  test('that waits there is none before it, and one that is ordered before it holds at once', async () => {
    const clock = new ClockFake(0)
    const pace = new Pace({ clock, hoursPerSecond: 2, ...paused })
    const ask = (hour: number) => pace.mayAdvance(hours(hour), async () => undefined)
    expect(pace.paused).toBe(false)
    await ask(1)
    expect(pace.paused).toBe(false)
    const revived = new Pace({ clock, hoursPerSecond: 2, fastUntil: paused.fastUntil, as: pace.standing })
    expect(revived.paused).toBe(false)
    void revived.mayAdvance(hours(4), async () => undefined)
    await clock.advance(0)
    expect(revived.paused).toBe(true)
    pace.order('pause')
    expect(pace.paused).toBe(true)
    let granted = false
    void ask(2).then(may => (granted = may))
    await clock.advance(seconds(10))
    expect(granted).toBe(false)
    pace.order('resume')
    await clock.advance(seconds(10))
    expect([granted, pace.paused]).toEqual([true, false])
  })

  test('is one from the start where another life was past the fast part, and a step goes on from there', async () => {
    const clock = new ClockFake(0)
    const pace = new Pace({ clock, hoursPerSecond: 2, ...paused })
    pace.goesOnFrom(hours(8))
    expect(pace.paused).toBe(true)
    let granted = 8
    void (async () => {
      while (await pace.mayAdvance(hours(granted + 1), async () => undefined)) granted++
    })()
    await clock.advance(seconds(5))
    expect(granted).toBe(8)
    pace.order('step')
    await clock.advance(seconds(5))
    expect(granted).toBe(9)
    pace.stop()
    await clock.advance(0)
  })

  test('goes on by one event hour a step', async () => {
    const walk = walking(paused)
    await walk.clock.advance(0)
    walk.pace.order('step')
    await walk.clock.advance(seconds(10))
    expect(walk.passed).toBe(4)
    walk.pace.order('step')
    await walk.clock.advance(seconds(10))
    expect(walk).toMatchObject({ passed: 5, pace: { paused: true } })
  })

  test('a step while running pauses behind it', async () => {
    const walk = walking({ hoursPerSecond: 1 })
    await walk.clock.advance(0)
    walk.pace.order('step')
    await walk.clock.advance(seconds(20))
    expect(walk).toMatchObject({ passed: 6, pace: { paused: true } })
  })
})

describe('the speed', () => {
  test('may be changed while it waits, at once', async () => {
    const walk = walking({ hoursPerSecond: 0.001 })
    await walk.clock.advance(0)
    walk.pace.order('speed', 10)
    await walk.clock.advance(0)
    expect(walk.passed).toBe(6)
    await walk.clock.advance(500)
    // one each 100 ms
    expect(walk).toMatchObject({ passed: 11, pace: { hoursPerSecond: 10 } })
    walk.pace.order('speed')
    await walk.clock.advance(0)
    expect(walk).toMatchObject({ passed: 30, pace: { hoursPerSecond: null } })
  })

  test.each([0, -1, 1001, Number.NaN])('%d is none', async hoursPerSecond => {
    const { pace } = walking()
    expect(() => pace.order('speed', hoursPerSecond)).toThrow(expect.objectContaining({ code: 'USAGE' }))
    expect(pace.hoursPerSecond).toBe(2)
  })
})

test.each(['running', 'paused'])('a stop ends the wait of a %s one', async how => {
  const walk = walking(how === 'paused' ? paused : { hoursPerSecond: 0.001 })
  await walk.clock.advance(0)
  expect(walk.ended).toBe(false)
  walk.pace.stop()
  await walk.clock.advance(0)
  expect(walk).toMatchObject({ ended: true, passed: how === 'paused' ? 3 : 5 })
})
