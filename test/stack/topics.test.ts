// `slipstream topics create` and `check` against a cluster.

import kafkajs from 'kafkajs'
import { expect, test } from 'vitest'
import { start } from '../../scripts/proof/children.ts'
import { here, newPrefix, onKafka, plainKafka } from './brokers.ts'
import { cleanUp, newFolder } from './processes.ts'

const root = newFolder()
cleanUp()

async function topics(verb: string, prefix: string, ...flags: string[]) {
  const where = [...onKafka(prefix), '--data-dir', root]
  const { code, out, err } = await start(['topics', verb, ...where, ...flags, '--json']).ended
  return { code, ...(JSON.parse(out || err) as Record<string, unknown>) }
}

/** How each topic is kept. */
async function configsIn(prefix: string): Promise<(topic: string) => Record<string, string>> {
  const admin = plainKafka().admin()
  await admin.connect()
  const names = (await admin.listTopics()).filter(name => name.startsWith(prefix))
  const resources = names.map(name => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name }))
  const answer = await admin.describeConfigs({ includeSynonyms: false, resources })
  await admin.disconnect()
  const found = new Map(answer.resources.map(({ resourceName, configEntries }) => [resourceName, configEntries]))
  return topic =>
    Object.fromEntries(
      (found.get(prefix + topic) ?? []).map(({ configName, configValue }) => [configName, configValue]),
    )
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

  test('are kept as topics/ says: by the times of the broker, changelogs in small segments and for ever', async () => {
    const prefix = newPrefix()
    expect(await topics('create', prefix)).toMatchObject({ code: 0 })
    const configOf = await configsIn(prefix)
    const day = 86_400_000
    const common = { 'message.timestamp.type': 'LogAppendTime', 'compression.type': 'uncompressed' }
    const wanted = {
      'flights.events': { ...common, 'cleanup.policy': 'delete', 'retention.ms': `${400 * day}` },
      'flights.predictions': { ...common, 'cleanup.policy': 'delete', 'retention.ms': `${30 * day}` },
      'models.registry': { ...common, 'cleanup.policy': 'compact', 'retention.ms': '-1' },
      'score.changelog': { ...common, 'retention.ms': '-1', 'segment.bytes': `${64 << 20}` },
    }
    for (const [topic, config] of Object.entries(wanted)) expect(configOf(topic)).toMatchObject(config)
  })

  test('with fewer partitions than page one says are refused by whoever would run on them', async () => {
    const prefix = newPrefix()
    const admin = plainKafka().admin()
    await admin.connect()
    const made = ['flights.events', 'flights.timeline', 'airspace.frames'].map((topic, index) => {
      return { topic: prefix + topic, numPartitions: [4, 2, 1][index] as number }
    })
    await admin.createTopics({ topics: made, waitForLeaders: true })
    await admin.disconnect()
    const shown = [{ topic: 'flights.timeline', problem: 'has 2 partitions, not 4' }]
    expect(await topics('create', prefix)).toMatchObject({ code: 4, differences: expect.arrayContaining(shown) })
    const flags = ['--data-dir', newFolder(), '--from', '2013-02-08', '--to', '2013-02-08', '--json']
    const { code, err } = await start(['replay', ...onKafka(prefix), ...flags]).ended
    expect(code).toBe(5)
    expect(err).toContain('TOPIC_MISMATCH')
    expect(err).toContain('flights.timeline has 2 partitions')
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
