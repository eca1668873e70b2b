import { describe, expect, test } from 'vitest'
import { LogMemory } from '../../src/adapters/log-memory.ts'
import { Turn } from '../../src/jobs/turn.ts'
import { readAll } from '../../src/runtime/digest.ts'
import { expectFailure } from '../runtime/small-world.ts'

const turnOf = (log: LogMemory, by: string, job = 'sink') => new Turn({ log, job, by, isOurs: () => true })

async function heldIn(log: LogMemory): Promise<string[]> {
  const held: string[] = []
  for await (const { key, value } of readAll(log, 'jobs.changelog', 0)) {
    const { token, by } = JSON.parse(Buffer.from(value ?? '').toString()) as { token: number; by: string }
    held.push(`${key} ${token} ${by}`)
  }
  return held
}

describe.each([undefined, 1, 2])('the turn of a job (Kafka mode: seed %s)', seed => {
  const newLog = () => new LogMemory(seed === undefined ? {} : { kafkaMode: { seed } })

  test('has the next number for each who takes it, and the same as long as it is held', async () => {
    const log = newLog()
    const [a, b] = [turnOf(log, 'a'), turnOf(log, 'b')]
    for (const turn of [a, a, b, b]) await turn.hold()
    expect(await heldIn(log)).toEqual(['sink 1 a', 'sink 1 a', 'sink 2 b', 'sink 2 b'])
    await b.release()
    await b.hold()
    expect(b.token).toBe(3)
  })

  test('is over for one who was away while another took it, and it takes a new one after that', async () => {
    const log = newLog()
    const [a, b] = [turnOf(log, 'a'), turnOf(log, 'b')]
    await a.hold()
    await b.hold()
    await expectFailure(a.hold(), 'TASK_FENCED')
    expect(await heldIn(log)).toEqual(['sink 1 a', 'sink 2 b'])
    await a.hold()
    expect(a.token).toBe(3)
    await expectFailure(b.hold(), 'TASK_FENCED')
  })

  test('of one job is no matter of another', async () => {
    const log = newLog()
    const [sink, webhook] = [turnOf(log, 'a'), turnOf(log, 'b', 'webhook')]
    await sink.hold()
    await webhook.hold()
    await sink.hold()
    expect([sink.token, webhook.token]).toEqual([1, 1])
  })
})
