// The whole pipeline on real brokers: a day of the blizzard (2013-02-08) gives the bytes of the embedded engine, also
// when the process is killed on the way.

import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { start } from '../../scripts/proof/children.ts'
import { differenceBetween, replay } from '../../scripts/proof/runs.ts'
import type { Summary } from '../../src/app/summary.ts'
import { here, newPrefix, onKafka, openLog } from './brokers.ts'
import { cleanUp, newFolder, run } from './processes.ts'

const day = [
  '--from',
  '2013-02-08',
  '--to',
  '2013-02-08',
  '--model-from',
  '2013-02-07T05:00:00Z',
  '--retrain-days',
  '0',
]

cleanUp()

here.describe('a day on Kafka', () => {
  let embedded: Summary
  beforeAll(async () => {
    embedded = await replay(newFolder(), day)
  })

  test('every topic has the digest of the embedded engine', async () => {
    const kafka = await replay(newFolder(), [...day, ...onKafka(newPrefix())])
    expect(kafka.events).toBeGreaterThan(3000)
    expect(kafka).toMatchObject({ balanced: true, events: embedded.events })
    expect(differenceBetween(embedded, kafka)).toBeNull()
  })

  test('one thread gives the same as two', async () => {
    const kafka = await replay(newFolder(), [...day, ...onKafka(newPrefix()), '--threads', '1'])
    expect(differenceBetween(embedded, kafka)).toBeNull()
  })

  test('a process that is killed five times and gone on with loses nothing and doubles nothing', async () => {
    const [folder, prefix] = [newFolder(), newPrefix()]
    // so that there are many commits for a kill to fall between
    const flags = [...day, ...onKafka(prefix), '--unit-steps', '100']
    let kills = 0
    for (let shares = 1; shares <= 5; shares++) {
      const { child, ended } = run(start(['replay', '--data-dir', folder, '--json', '--quiet', '--resume', ...flags]))
      await Promise.race([published(prefix, (shares / 8) * embedded.events), ended])
      child.kill('SIGKILL')
      if ((await ended).signal === 'SIGKILL') kills++
    }
    expect(kills).toBe(5)
    expect(differenceBetween(embedded, await replay(folder, ['--resume', ...flags]))).toBeNull()
  })
})

/** Waits until so many events can be read. */
async function published(prefix: string, count: number): Promise<void> {
  const log = openLog(prefix)
  try {
    for (let found = 0; found < count; await sleep(5)) {
      if (!(await log.topics()).some(({ name }) => name === 'flights.events')) continue
      const ends = await Promise.all([0, 1].map(partition => log.bounds('flights.events', partition)))
      found = ends.reduce((sum, { next }) => sum + next, 0)
    }
  } finally {
    await log.close()
  }
}
