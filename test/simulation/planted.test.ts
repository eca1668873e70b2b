// The checks bite: each of these bugs is found by them, and nothing is found without one (crash.test.ts, seeds-*.test.ts).

import { expect, test } from 'vitest'
import * as bugs from './bugs.ts'
import { crashFindings } from './crashes.ts'
import { findings, type Plant } from './seeds.ts'

/** The first thing found among some seeds, those left out of which `isOther` says that it is found elsewhere. */
async function firstOf(
  plant: Plant,
  seeds: readonly number[],
  isOther: (found: string) => boolean = () => false,
): Promise<string> {
  for (const seed of seeds) {
    const [found] = await findings(seed, plant)
    if (found !== undefined && !isOther(found)) return `seed ${seed}: ${found}`
  }
  return 'nothing'
}

const seeds = Array.from({ length: 25 }, (_, index) => index + 1)

test('a position committed before the outputs is found by a crash between the two', async () => {
  const [found] = await crashFindings(bugs.positionBeforeOutputs, 1)
  expect(found).toMatch(/^die at \d+, (before|after) commit .*: (flights|airspace|models)\./)
})

test('a forgotten row of the changelog is found by a restart', async () => {
  const [found] = await crashFindings(bugs.changelogRowForgotten, 10)
  expect(found).toMatch(/^die at /)
})

test('a dropped last record of a batch is found by a count of what was delivered, or by another schedule', async () => {
  // a mark that is dropped is waited for
  const wasMark = (found: string) => found.startsWith('nothing moves: publisher waits')
  const found = await firstOf(bugs.lastOfBatchDropped, seeds, wasMark)
  expect(found).toMatch(/events were delivered|: record \d+ of partition/)
})

test('a frame applied too early is found as knowledge of what had not happened', async () => {
  expect(await firstOf(bugs.frameTooEarly, seeds)).toMatch(/, entering at .*, changed Prediction/)
})

test('a seal that does not wait for a partition is found by another schedule', async () => {
  expect(await firstOf(bugs.sealDoesNotWait, seeds)).toMatch(/airspace\.frames: record|frames differ/)
})

test('commands applied in the order of their arrival are found by another schedule', async () => {
  expect(await firstOf(bugs.commandsInOrderOfArrival, seeds)).toMatch(/models\.registry|names/)
})

test('duplicates that pass after a restart are found by a crash', async () => {
  expect(await firstOf(bugs.duplicatesAfterRestart, seeds)).toMatch(/: record \d+ of partition \d+ is /)
})

test('an hour that is forgotten at a restart is found by a crash', async () => {
  expect(await firstOf(bugs.hourForgotten, seeds.slice(10))).toMatch(
    /: drift\.(partials|metrics): record \d+ of partition/,
  )
})

test('a horizon that is not counted is found by a recount of the outcomes', async () => {
  expect(await firstOf(bugs.oneHorizonCounted, seeds)).toMatch(/^seed \d+: partition \d+ counted /)
})
