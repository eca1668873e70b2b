// `slipstream topics create` and `check` against a cluster.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { start } from '../../scripts/proof/children.ts'
import { brokers, deleteTopics, here, newPrefix, plainKafka } from './brokers.ts'

const root = mkdtempSync(path.join(tmpdir(), 'slipstream-topics-'))
afterAll(async () => {
  await deleteTopics()
  rmSync(root, { recursive: true, force: true })
})

async function topics(verb: string, prefix: string, ...flags: string[]) {
  const where = [
    '--engine',
    'kafka',
    '--kafka-brokers',
    brokers.join(','),
    '--kafka-prefix',
    prefix,
    '--data-dir',
    root,
  ]
  const { code, out, err } = await start(['topics', verb, ...where, ...flags, '--json']).ended
  return { code, ...(JSON.parse(out || err) as Record<string, unknown>) }
}

here.describe('topics of a cluster', () => {
  test('are shown before they are made, made once, and then as page one says', async () => {
    const prefix = newPrefix()
    expect(await topics('check', prefix)).toMatchObject({ code: 4 })
    expect(await topics('create', prefix, '--dry-run')).toMatchObject({ code: 0, created: 0 })
    expect(await topics('create', prefix, '--partitions', '3')).toMatchObject({ code: 0, created: 20 })
    expect(await topics('create', prefix)).toMatchObject({ code: 0, created: 0, missing: [], differences: [] })
    expect(await topics('check', prefix)).toMatchObject({ code: 0, checked: 'contracts and cluster', differences: [] })
  })

  test('one that was made by hand, with other partitions and times, is shown and left', async () => {
    const prefix = newPrefix()
    const admin = plainKafka().admin()
    await admin.connect()
    await admin.createTopics({
      topics: [{ topic: `${prefix}airspace.frames`, numPartitions: 2 }],
      waitForLeaders: true,
    })
    await admin.disconnect()
    const found = await topics('check', prefix)
    expect(found).toMatchObject({ code: 4 })
    const problems = (found as unknown as { differences: { topic: string; problem: string }[] }).differences
      .filter(({ topic }) => topic === 'airspace.frames')
      .map(({ problem }) => problem)
    expect(problems).toContain('has 2 partitions, not 1')
    expect(problems).toContain('has message.timestamp.type=CreateTime, not LogAppendTime')
  })

  test('a broker that nobody can reach is named, and a password is not', async () => {
    const secret = ['--kafka-sasl', 'plain', '--kafka-user', 'u', '--kafka-password', 'opensesame']
    const where = ['--engine', 'kafka', '--kafka-brokers', '127.0.0.1:1', '--data-dir', root]
    const { code, err } = await start(['topics', 'check', ...where, ...secret, '--verbose']).ended
    expect(code).toBe(1)
    expect(err).toContain('LOG_UNREACHABLE')
    expect(err).toContain('127.0.0.1:1')
    expect(err).not.toContain('opensesame')
  })
})
