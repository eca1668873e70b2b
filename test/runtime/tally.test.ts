import { expect, test } from 'vitest'
import { Failure } from '../../src/lib/failure.ts'
import { emptyTally, failed, summed } from '../../src/runtime/tally.ts'

test('a failure in a unit loses it, under its code; one outside of a unit loses none', () => {
  const away = new Failure('LOG_UNREACHABLE', 'nobody answers')
  expect(failed(emptyTally, away, false)).toEqual(emptyTally)
  const twice = failed(failed(emptyTally, away, true), new Error('a defect'), true)
  expect(twice).toEqual({ ...emptyTally, aborted: { LOG_UNREACHABLE: 1, STAGE: 1 } })
})

test('an owner that is fenced is counted, in a unit or not', () => {
  const fenced = new Failure('TASK_FENCED', 'another one has it')
  const tally = failed(failed(emptyTally, fenced, true), fenced, false)
  expect(tally).toEqual({ ...emptyTally, fenced: 2, aborted: { TASK_FENCED: 1 } })
})

test('tallies add up, and the restoring is that of the last that has one', () => {
  const one = { taken: 2, letGo: 1, fenced: 0, aborted: { COMMIT_UNKNOWN: 1 }, restoreSeconds: 3 }
  const other = { taken: 1, letGo: 0, fenced: 4, aborted: { COMMIT_UNKNOWN: 1, STAGE: 2 }, restoreSeconds: 0.5 }
  expect(summed([one, other, emptyTally])).toEqual({
    taken: 3,
    letGo: 1,
    fenced: 4,
    aborted: { COMMIT_UNKNOWN: 2, STAGE: 2 },
    restoreSeconds: 0.5,
  })
})
