import { expect, test } from 'vitest'
import { reasonsOf } from '../../src/features/reasons.ts'
import { features } from '../../src/features/table.ts'

const values: Record<string, number | string> = {
  carrier: 'UA',
  origin: 'EWR',
  destination: 'SFO',
  originDepartureDelay1h: 305,
}
const row = features.map(({ name }) => values[name] ?? null)

test('the reasons are the features that moved it most, whichever way', () => {
  const contributions = new Map([
    ['carrier', -0.1],
    ['originDepartureDelay1h', 0.8],
    ['legArrivalDelay', -0.9],
    ['month', 0],
  ])
  expect(reasonsOf({ features, row, contributions, top: 2 })).toEqual([
    {
      feature: 'legArrivalDelay',
      contribution: -0.9,
      text: "it is not known: arrival delay of the aircraft's previous leg, once it has been seen landing",
    },
    {
      feature: 'originDepartureDelay1h',
      contribution: 0.8,
      text: 'flights from EWR left 31 minutes late on average in the last hour',
    },
  ])
  expect(reasonsOf({ features, row, contributions, top: 9 })).toHaveLength(3)
})

test.each([
  [0.4, 'the aircraft is expected only 20 minutes before the planned departure'],
  [-0.4, 'the aircraft is expected 20 minutes before the planned departure, which has gone with fewer delays'],
])('the same slack is told otherwise when it moved the prediction by %f', (contribution, text) => {
  const slack = features.map(({ name }) => (name === 'slackMinutes' ? 20 : null))
  const contributions = new Map([['slackMinutes', contribution]])
  expect(reasonsOf({ features, row: slack, contributions, top: 1 })).toMatchObject([{ contribution, text }])
})
