// What every clock promises (src/runtime/clock.ts). `pass` lets so many milliseconds go by.

import { beforeEach, describe, expect, test } from 'vitest'
import type { Clock } from '../../src/runtime/clock.ts'

export type OpenClock = () => { clock: Clock; pass: (durationMs: number) => Promise<void> }

export function describeClock(name: string, open: OpenClock): void {
  describe(name, () => {
    let clock: Clock
    let pass: (durationMs: number) => Promise<void>
    beforeEach(() => {
      ;({ clock, pass } = open())
    })

    test('goes on', async () => {
      const start = clock.now()
      await pass(20)
      expect(clock.now()).toBeGreaterThanOrEqual(start + 19)
    })

    test('sleepers wake in the order of their time, not before it', async () => {
      const woken: string[] = []
      const start = clock.now()
      const sleep = async (durationMs: number) => {
        await clock.sleep(durationMs)
        // timers and wall time may differ by a millisecond
        woken.push(clock.now() >= start + durationMs - 1 ? `${durationMs}` : `${durationMs} too early`)
      }
      const all = Promise.all([sleep(60), sleep(1), sleep(30)])
      await pass(100)
      await all
      expect(woken).toEqual(['1', '30', '60'])
    })

    test('no sleep ends at once', async () => {
      expect(await clock.sleep(0)).toBeUndefined()
      expect(await clock.sleep(-5)).toBeUndefined()
    })

    test('a sleeper wakes at once when its signal aborts, and the others sleep on', async () => {
      const controller = new AbortController()
      const woken: string[] = []
      const long = clock.sleep(600_000, controller.signal).then(() => woken.push('aborted'))
      const short = clock.sleep(40).then(() => woken.push('slept'))
      controller.abort()
      await long
      expect(woken).toEqual(['aborted'])
      await pass(60)
      await short
      expect(woken).toEqual(['aborted', 'slept'])
    })

    test('nobody sleeps on a signal that has aborted', async () => {
      expect(await clock.sleep(600_000, AbortSignal.abort())).toBeUndefined()
    })

    test('a sleep longer than a timer can take does not end at once', async () => {
      const controller = new AbortController()
      let isAwake = false
      const sleep = clock.sleep(2 ** 31 + 10, controller.signal).then(() => {
        isAwake = true
      })
      await pass(10)
      expect(isAwake).toBe(false)
      controller.abort()
      await sleep
    })

    test('turns follow each other without time going by', async () => {
      let turns = 0
      for (; turns < 1000; turns++) await clock.turn()
      expect(turns).toBe(1000)
    })
  })
}
