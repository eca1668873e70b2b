import { describe, expect, test } from 'vitest'
import {
  framesKept,
  gradesPerFrameMax,
  Listener,
  predictionsPerFrameMax,
  roundOf,
} from '../../src/server/live-frames.ts'
import { createLiveHub } from '../../src/server/live-hub.ts'
import { parseSubscription } from '../../src/server/live-subscription.ts'
import type { LivePrediction, Status } from '../../src/server/program.ts'
import { airports } from './doors.ts'
import { createFakeProgram } from './fake-program.ts'
import { landed, noLoop, noon, prediction } from './live-samples.ts'

type Frame = {
  seq: number
  type: string
  status?: Status
  predictions?: LivePrediction[]
  grades?: { flightId: string }[]
  airports?: { code: string }[]
  risk?: unknown[]
  dropped?: number
}

const status = { ...createFakeProgram().status(), eventTime: noon }

/** One listener and the rounds that it lives through. */
function listening(query = '') {
  const hub = createLiveHub({ airports, status, loop: () => noLoop })
  const listener = new Listener(parseSubscription(new URLSearchParams(query)), 'a-session')
  const frames: Frame[] = []
  const take = (text: string) => void frames.push(JSON.parse(text) as Frame)
  /** @returns the frame of this round, if there was one */
  const round = (waitingBytes = 0): Frame | undefined => {
    const before = frames.length
    listener.advance(roundOf(hub.flush(status)), { hub, waitingBytes, limits: { waitingBytesMax: 1_000 }, send: take })
    return frames[before]
  }
  return { hub, listener, frames, round }
}

describe('a listener', () => {
  test('gets a snapshot, then what is new, under rising numbers', () => {
    const { hub, round, frames } = listening()
    hub.predicted(prediction({ flightId: 'a' }))
    expect(round()).toMatchObject({ seq: 0, type: 'snapshot', predictions: [{ flightId: 'a' }], status })
    hub.predicted(prediction({ flightId: 'b', destination: 'SJU' }))
    hub.graded(landed('a', 3))
    const delta = round()
    expect(delta).toMatchObject({
      seq: 1,
      type: 'delta',
      predictions: [{ flightId: 'b' }],
      grades: [{ flightId: 'a' }],
    })
    expect(delta?.airports?.map(airport => airport.code).sort()).toEqual(['EWR', 'ORD', 'SJU'])
    expect(delta).not.toHaveProperty('dropped')
    expect(round()).toEqual({ seq: 2, type: 'delta', status })
    expect(frames.map(frame => frame.seq)).toEqual([0, 1, 2])
  })

  test('of predictions alone hears nothing in a round without any', () => {
    const { hub, round } = listening('topics=predictions')
    expect(round()).toMatchObject({ type: 'snapshot', airports: [], risk: [] })
    expect(round()).toBeUndefined()
    hub.predicted(prediction())
    const delta = round()
    expect(Object.keys(delta ?? {})).toEqual(['seq', 'type', 'predictions'])
    expect(delta?.seq).toBe(1)
  })

  test('of one carrier gets its predictions and grades, not those of others', () => {
    const { hub, round } = listening('carrier=DL')
    hub.predicted(prediction({ flightId: 'ua' }))
    hub.predicted(prediction({ flightId: 'dl', carrier: 'DL' }))
    expect(round()?.predictions?.map(one => one.flightId)).toEqual(['dl'])
    hub.graded(landed('ua', 3))
    hub.graded(landed('dl', 3))
    hub.graded(landed('of a flight that nobody remembers', 3))
    expect(round()?.grades?.map(grade => grade.flightId)).toEqual(['dl'])
  })

  test('gets the newest of a crowd and the count of the rest', () => {
    const { hub, round } = listening()
    round()
    for (let i = 0; i < predictionsPerFrameMax + 5; i++) hub.predicted(prediction({ flightId: `f${i}` }))
    const delta = round()
    expect(delta?.predictions).toHaveLength(predictionsPerFrameMax)
    expect(delta?.predictions?.[0]?.flightId).toBe(`f${predictionsPerFrameMax + 4}`)
    expect(delta?.dropped).toBe(5)
  })
})

describe('the grades of a round', () => {
  const flights = Array.from({ length: gradesPerFrameMax + 1 }, (_, i) => `f${i}`)

  test('are all sent while there are few, of flights never sent to this listener too', () => {
    const { hub, round } = listening()
    round()
    for (const flightId of flights.slice(1)) hub.graded(landed(flightId, 3))
    expect(round()?.grades).toHaveLength(gradesPerFrameMax)
  })

  test('are those of the flights that this listener was sent once there are many', () => {
    const { hub, round } = listening()
    hub.predicted(prediction({ flightId: 'f7' }))
    round()
    hub.predicted(prediction({ flightId: 'f9' }))
    round()
    for (const flightId of flights) hub.graded(landed(flightId, 3))
    expect(round()?.grades?.map(grade => grade.flightId)).toEqual(['f7', 'f9'])
  })
})

describe('a slow listener', () => {
  test('gets nothing until its buffer has drained, then a snapshot with the newest and the count of what it missed', () => {
    const { hub, round, frames } = listening()
    round()
    hub.predicted(prediction({ flightId: 'a' }))
    expect(round(1_001)).toBeUndefined()
    hub.predicted(prediction({ flightId: 'b' }))
    // Below the limit, but not drained.
    expect(round(900)).toBeUndefined()
    hub.predicted(prediction({ flightId: 'c' }))
    // c is in the snapshot of its own round; a and b came in rounds that were left out.
    expect(round(250)).toMatchObject({ seq: 1, type: 'snapshot', predictions: [{}, {}, {}], dropped: 2 })
    expect(round()).toMatchObject({ seq: 2, type: 'delta' })
    expect(frames.map(frame => frame.seq)).toEqual([0, 1, 2])
  })

  test('with a filter has missed only what it asked for', () => {
    const { hub, round } = listening('carrier=DL')
    round()
    hub.predicted(prediction({ flightId: 'ua' }))
    hub.predicted(prediction({ flightId: 'dl', carrier: 'DL' }))
    round(1_001)
    expect(round()).toMatchObject({ type: 'snapshot', dropped: 1 })
  })
})

describe('resuming', () => {
  test('sends the frames after the number given again', () => {
    const { listener, round } = listening()
    const [, one, two] = [round(), round(), round()]
    expect(listener.resume(0).map(text => JSON.parse(text) as Frame)).toEqual([one, two])
    expect(listener.resume(2)).toEqual([])
    expect(round()).toMatchObject({ seq: 3, type: 'delta' })
  })

  test.each([
    ['without a number', undefined],
    ['from before what is kept', 0],
    ['from a number that was never sent', 999],
  ])('%s brings a snapshot', (_, seq) => {
    const { listener, round } = listening()
    for (let i = 0; i <= framesKept; i++) round()
    expect(listener.resume(seq)).toEqual([])
    expect(round()).toMatchObject({ seq: framesKept + 1, type: 'snapshot' })
  })

  test('brings a snapshot when the frames missed were too big to be kept', () => {
    const { listener, round, hub } = listening('topics=predictions')
    round()
    hub.predicted(prediction({ flightId: 'x'.repeat(300_000) }))
    round()
    hub.predicted(prediction({ flightId: 'y' }))
    const last = round()
    expect(listener.resume(1).map(text => JSON.parse(text) as Frame)).toEqual([last])
    expect(listener.resume(0)).toEqual([])
    expect(round()).toMatchObject({ type: 'snapshot' })
  })

  test('after a pause brings a snapshot that counts what was missed', () => {
    const { hub, listener, round } = listening()
    round()
    listener.pause()
    hub.predicted(prediction())
    expect(round()).toBeUndefined()
    expect(listener.resume(0)).toEqual([])
    expect(round()).toMatchObject({ seq: 1, type: 'snapshot', dropped: 1 })
  })
})
