import { describe, expect, test } from 'vitest'
import { applyFrames, applyOlder, nothingHeld, rowsMax } from '../../src/web/feed.ts'
import { nothingLooped } from '../../src/web/loop.ts'
import {
  airportOf,
  alertOf,
  deltaOf,
  gradeOf,
  predictionOf,
  requestOf,
  snapshotOf,
  startAt,
  statusOf,
} from './samples.ts'

const numbers = (held: ReturnType<typeof applyFrames>) => held.rows.map(row => row.prediction.flightNumber)

describe('rows', () => {
  test('are newest first, whatever the order in which they came', () => {
    const held = applyFrames(nothingHeld, [
      snapshotOf({ predictions: [predictionOf({ flightNumber: 1, at: startAt })] }),
      deltaOf(1, {
        predictions: [
          predictionOf({ flightNumber: 3, at: startAt + 1 }),
          predictionOf({ flightNumber: 2, at: startAt + 2 }),
        ],
      }),
    ])
    expect(numbers(held)).toEqual([2, 3, 1])
  })

  test('a prediction that comes twice is one row', () => {
    const held = applyFrames(nothingHeld, [
      snapshotOf({ predictions: [predictionOf()] }),
      deltaOf(1, { predictions: [predictionOf()] }),
    ])
    expect(held.rows).toHaveLength(1)
  })

  test('two horizons of one flight are two rows, and one grade grades both', () => {
    const held = applyFrames(nothingHeld, [
      snapshotOf({ predictions: [predictionOf(), predictionOf({ horizonMinutes: 30 })] }),
      deltaOf(1, { grades: [gradeOf('UA-1545')] }),
    ])
    expect(held.rows.map(row => row.prediction.grade?.arrivalDelayMinutes)).toEqual([32, 32])
  })

  test('a grade makes a new row of the graded flight and leaves the others as they are', () => {
    const before = applyFrames(nothingHeld, [
      snapshotOf({ predictions: [predictionOf({ flightNumber: 1 }), predictionOf({ flightNumber: 2 })] }),
    ])
    const after = applyFrames(before, [deltaOf(1, { grades: [gradeOf('UA-1')] })])
    const of = (held: typeof before, number: number) => held.rows.find(row => row.prediction.flightNumber === number)
    expect(of(after, 1)).not.toBe(of(before, 1))
    expect(of(after, 2)).toBe(of(before, 2))
  })

  test('a prediction that comes again without its grade keeps the grade', () => {
    const held = applyFrames(nothingHeld, [
      snapshotOf({ predictions: [predictionOf()] }),
      deltaOf(1, { grades: [gradeOf('UA-1545')] }),
      deltaOf(2, { predictions: [predictionOf()] }),
    ])
    expect(held.rows[0]?.prediction.grade?.kind).toBe('LANDED')
  })

  test('the oldest go when there are too many', () => {
    const predictions = Array.from({ length: rowsMax + 5 }, (_, index) =>
      predictionOf({ flightNumber: index, at: startAt + index }),
    )
    const held = applyFrames(nothingHeld, [snapshotOf(), deltaOf(1, { predictions })])
    expect(held.rows).toHaveLength(rowsMax)
    expect(held.rows.at(-1)?.prediction.flightNumber).toBe(5)
  })

  test('those from before the page count as arrived and graded before all others', () => {
    const held = applyFrames(nothingHeld, [
      snapshotOf({ predictions: [predictionOf({ flightNumber: 9, at: startAt + 9, grade: gradeOf('UA-9') })] }),
    ])
    const grade = (number: number, at: number) => gradeOf(`UA-${number}`, { at })
    const older = applyOlder(held, [
      predictionOf({ flightNumber: 9, at: startAt + 9 }),
      predictionOf({ flightNumber: 1, at: startAt + 1, grade: grade(1, startAt + 50) }),
      predictionOf({ flightNumber: 2, at: startAt + 2, grade: grade(2, startAt + 40) }),
    ])
    const byGrade = [...older.rows].sort((a, b) => (b.gradedArrival ?? 0) - (a.gradedArrival ?? 0))
    expect(byGrade.map(row => row.prediction.flightNumber)).toEqual([9, 1, 2])
    expect(older.rows.map(row => row.arrival > 0)).toEqual([true, false, false])
  })
})

describe('a later snapshot', () => {
  const first = [snapshotOf({ predictions: [predictionOf({ flightNumber: 1 })] })]

  test('keeps older rows when the stream went on', () => {
    const status = statusOf({ eventTime: startAt + 1 })
    const next = snapshotOf({ status, predictions: [predictionOf({ flightNumber: 2, at: startAt + 1 })] })
    expect(numbers(applyFrames(applyFrames(nothingHeld, first), [next]))).toEqual([2, 1])
  })

  test('drops them when event time went back: it is another stream', () => {
    const status = statusOf({ eventTime: startAt - 1 })
    const next = snapshotOf({ status, predictions: [predictionOf({ flightNumber: 2 })] })
    expect(numbers(applyFrames(applyFrames(nothingHeld, first), [next]))).toEqual([2])
  })

  test('replaces airports and risk as a whole', () => {
    const risk = { at: startAt, flights: 1, meanProbability: 0.1, lateShare: null, cancelledShare: null }
    const held = applyFrames(nothingHeld, [snapshotOf({ airports: [airportOf('ORD')], risk: [risk] }), snapshotOf()])
    expect(held.airports.size).toBe(0)
    expect(held.risk).toEqual([])
  })
})

test('an airport without flights and cancellations leaves', () => {
  const held = applyFrames(nothingHeld, [
    snapshotOf({ airports: [airportOf('ORD'), airportOf('DEN')] }),
    deltaOf(1, { airports: [airportOf('ORD', { flights: 0 }), airportOf('DEN', { flights: 0, cancelled: 1 })] }),
  ])
  expect([...held.airports.keys()]).toEqual(['DEN'])
})

test('the risk series is of the last 72 hours, one point an hour', () => {
  const hourMs = 3_600_000
  const pointOf = (hour: number, flights: number) => ({
    at: startAt + hour * hourMs,
    flights,
    meanProbability: 0.1,
    lateShare: null,
    cancelledShare: null,
  })
  const held = applyFrames(nothingHeld, [
    snapshotOf({ risk: [pointOf(0, 1), pointOf(1, 1)] }),
    deltaOf(1, { risk: [pointOf(72, 1), pointOf(1, 2)] }),
  ])
  expect(held.risk.map(point => [(point.at - startAt) / hourMs, point.flights])).toEqual([
    [1, 2],
    [72, 1],
  ])
})

test('what did not reach the page is counted', () => {
  const held = applyFrames(nothingHeld, [snapshotOf(), deltaOf(1, { dropped: 40 }), deltaOf(2, { dropped: 2 })])
  expect(held.dropped).toBe(42)
})

test('what happened in the loop stays from snapshot to snapshot, and deltas add to it', () => {
  const drift = { ...nothingLooped, alerts: [alertOf()] }
  const opened = applyFrames(nothingHeld, [snapshotOf({ drift }), deltaOf(1, { drift: { requests: [requestOf()] } })])
  const held = applyFrames(opened, [snapshotOf({ drift: nothingLooped })])
  expect([held.loop.alerts.length, held.loop.requests.length]).toEqual([1, 1])
})
