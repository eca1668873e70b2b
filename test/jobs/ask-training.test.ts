import { describe, expect, test } from 'vitest'
import { TrainingDesk } from '../../src/jobs/ask-training.ts'
import { days, minutes } from '../../src/lib/time.ts'
import type { ModelDecision, ModelRef, RetrainRequest } from '../../src/records.ts'
import { codec, saidIn } from './logs.ts'
import { answerAll, ask, flights, happen, modelIn, requestOf, start, type World, worldOf } from './training.ts'

const deskOf = ({ log }: World) => new TrainingDesk({ log, codec, latenessMs: minutes(10), stepMs: days(1) })
const at = start + days(60) + minutes(5)
const why = 'New routes.'

async function decided({ log }: World, id: string, champion: ModelRef | null, challengers: ModelRef[] = []) {
  const decision: ModelDecision = {
    id,
    at,
    by: 'JUDGE',
    verb: 'PROMOTE',
    version: 'v1',
    accepted: true,
    because: '',
    evidence: null,
    effectiveFrom: at,
    champion,
    challengers,
  }
  const claim = await log.claim('register')
  const value = codec.encode('ModelDecision', decision)
  await claim.commit([{ topic: 'models.registry', partition: 0, key: `decision/${id}`, value }])
}

const requestsIn = async ({ log }: World) =>
  (await saidIn(log, 'retrain.requests')).map(({ value }) => value as RetrainRequest)

describe('asking for a training', () => {
  test('makes a request up to the outcomes that are there, against the champion of the moment', async () => {
    const world = await worldOf(3)
    await happen(world, flights(301))
    await decided(world, 'a', null)
    await decided(world, 'b', { version: 'v1', hash: 'h1', correction: [] })
    const asked = await deskOf(world).ask({ at, why })
    expect(asked).toEqual({
      id: 'o-2013-03-02T00:05',
      at,
      effectiveFrom: start + days(61),
      by: 'OPERATOR',
      why,
      alert: null,
      champion: 'v1',
      cut: [101, 100, 100],
    })
    expect(await requestsIn(world)).toEqual([asked])
    await answerAll(world)
    expect((await modelIn(world)).command).toMatchObject({ version: asked.id, reason: why })
  })

  test('finds the last outcome behind a long tail of watermarks, and none in an empty partition', async () => {
    const world = await worldOf(2)
    await happen(world, flights(2).slice(0, 1))
    const claim = await world.log.claim('score')
    const value = codec.encode('Watermark', { at })
    for (let n = 0; n < 4; n++) {
      await claim.commit(
        Array.from({ length: 100 }, () => ({ topic: 'flights.outcomes', partition: 0, key: 'watermark', value })),
      )
    }
    expect((await deskOf(world).ask({ at, why })).cut).toEqual([1, 0])
  })

  test('is refused while a request has no answer, or has one that is not in force yet', async () => {
    const world = await worldOf(2)
    await happen(world, flights(300))
    await ask(world, requestOf(world))
    const open = { code: 'TRAINING_OPEN', message: 'the training r1 is open: The columns have drifted.' }
    await expect(deskOf(world).ask({ at: at + days(9), why })).rejects.toMatchObject(open)
    await answerAll(world)
    await expect(deskOf(world).ask({ at: start + days(61) - 1, why })).rejects.toMatchObject(open)
    await deskOf(world).ask({ at: start + days(61), why })
    expect((await requestsIn(world)).map(({ by }) => by)).toEqual(['DRIFT', 'OPERATOR'])
  })

  test('is refused while a challenger is in shadow', async () => {
    const world = await worldOf(1)
    await happen(world, flights(10))
    await decided(world, 'a', { version: 'v1', hash: 'h1', correction: [] }, [
      { version: 'v2', hash: 'h2', correction: [] },
    ])
    const refusal = { code: 'TRAINING_OPEN', message: 'the challenger v2 is in shadow' }
    await expect(deskOf(world).ask({ at, why })).rejects.toMatchObject(refusal)
    await decided(world, 'b', { version: 'v1', hash: 'h1', correction: [] })
    expect((await deskOf(world).ask({ at, why })).champion).toBe('v1')
  })

  test('of several at once one wins', async () => {
    const world = await worldOf(1)
    await happen(world, flights(10))
    const desk = deskOf(world)
    const asked = await Promise.allSettled([1, 2, 3].map(() => desk.ask({ at, why })))
    expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect((await requestsIn(world)).length).toBe(1)
    await desk.close()
  })

  test('gives another id to a second request of the same instant', async () => {
    const world = await worldOf(1)
    await happen(world, flights(10))
    // without lateness a request of midnight is in force, and so no longer open, at once
    const desk = new TrainingDesk({ log: world.log, codec, latenessMs: 0, stepMs: days(1) })
    const midnight = start + days(60)
    const ids: string[] = []
    for (let n = 0; n < 3; n++) {
      ids.push((await desk.ask({ at: midnight, why })).id)
      await answerAll(world)
    }
    expect(ids).toEqual(['o-2013-03-02T00:00', 'o-2013-03-02T00:00-2', 'o-2013-03-02T00:00-3'])
  })
})
