import { expect, test } from 'vitest'
import { ClockWall } from '../../src/adapters/clock-wall.ts'
import { retrained } from '../../src/app/retrain.ts'
import type { App } from '../../src/app.ts'
import type { ModelCommand } from '../../src/records.ts'
import { codec, say } from '../jobs/logs.ts'
import { ask, flights, happen, requestOf, worldOf } from '../jobs/training.ts'

const settings = { horizonsMinutes: [120] }

async function stores(answer: Partial<ModelCommand> | null) {
  const world = await worldOf(1)
  await happen(world, flights(20))
  const request = requestOf(world, { by: 'OPERATOR', cut: [...world.numbers] })
  if (answer) {
    await ask(world, request)
    const asked = { expectedChampion: null, compare: false, effectiveFrom: null, card: null, hour: request.at }
    const value = { id: 'train r1', by: 'TRAINER', verb: 'DECLINE', version: 'r1', reason: '', ...asked, ...answer }
    await say(world.log, 'models.commands', { name: 'ModelCommand', value: value as ModelCommand })
  }
  return { ...world, codec, clock: new ClockWall(), stageSettings: settings, schemaIds: {} } as unknown as App
}

const verified = async (answer: Partial<ModelCommand>) => {
  const hooks = { onTrouble: () => undefined, onProgress: () => undefined, retrain: true }
  return await retrained(await stores(answer), await stores(null), hooks)
}

test('what can be trained again is compared', async () => {
  const reason = '0 labelled rows up to the cut; it takes 5000'
  expect(await verified({ reason, evidence: '{"labelledRows":0}' })).toEqual({ compared: 1, difference: null })
  expect(await verified({ reason: 'Too few.', evidence: null })).toMatchObject({
    difference: { topic: 'models.commands', key: 'r1', what: `reason: recorded "Too few.", trained again "${reason}"` },
  })
})

test('a training that was given up is a fact, and is not tried again', async () => {
  const answer = { reason: 'TRAINING_FAILED: it crashed', evidence: '{"attempts":3,"code":"TRAINING_FAILED"}' }
  expect(await verified(answer)).toEqual({ compared: 0, difference: null })
})
