// A pipeline that several processes share, over days of the blizzard (2013-02-08): one is killed with SIGKILL and started
// again, one is frozen with SIGSTOP until others have its tasks, then continued. Every topic has the digest of the
// embedded engine.

import { beforeAll, expect, test } from 'vitest'
import { type Command, start } from '../../scripts/proof/children.ts'
import { differenceBetween, replay } from '../../scripts/proof/runs.ts'
import { startWorker, until, type Worker } from '../../scripts/proof/workers.ts'
import type { Summary } from '../../src/app/summary.ts'
import { here, newPrefix, onKafka, openLog } from './brokers.ts'
import { cleanUp, newFolder, run } from './processes.ts'

const pipeline = ['--retrain-days', '0', '--partitions', '4']
const days = ['--from', '2013-02-08', '--to', '2013-02-09', '--model-from', '2013-02-07T05:00:00Z', ...pipeline]
const stages = ['ingest', 'observe', 'score', 'monitor']
const allTasks = [
  ...stages.flatMap(stage => [0, 1, 2, 3].map(partition => `${stage}-${partition}`)),
  'register-0',
  'seal-0',
  'judge-0',
]

cleanUp()

/** Processes of one pipeline: its topics, and a folder for what lies beside them. */
function cluster() {
  const prefix = newPrefix()
  const flags = [...onKafka(prefix), '--data-dir', newFolder(), '--threads', '1']
  const join = (...more: string[]): Worker => run(startWorker([...flags, ...pipeline, ...more]))
  const play = (...more: string[]): Command => run(start(['replay', ...flags, ...days, '--json', ...more]))
  return { prefix, join, play }
}

/** What a process says on stderr of failures: of a task, of the group, of a view or of a job. */
const complaints = (err: string) =>
  err.split('\n').filter(line => /^(\w+-\d+|group|view of \S+|train|webhook|warehouse): /.test(line))

const hasAll = (workers: readonly Worker[]) => {
  const had = new Set(workers.flatMap(({ tasks }) => tasks()))
  return allTasks.every(task => had.has(task))
}

here.describe('a pipeline that processes share', () => {
  let embedded: Summary
  beforeAll(async () => {
    embedded = await replay(newFolder(), days)
  })

  test('one killed and started again, one frozen and thawed: nothing is lost and nothing doubled', async () => {
    const { prefix, join, play } = cluster()
    const [killed, frozen, calm] = [join(), join(), join()] as const
    await until('all tasks are had', () => hasAll([killed, frozen, calm]))
    // evenly: of 19 tasks and three members
    await until('each has its share', () => [killed, frozen, calm].every(({ tasks }) => tasks().length >= 4))
    const played = play()
    await published(prefix, embedded.events / 6)
    killed.child.kill('SIGKILL')
    expect((await killed.ended).signal).toBe('SIGKILL')
    const again = join()
    await until('the one that was killed is back', () => again.tasks().length > 0)
    await published(prefix, embedded.events / 3)
    const had = frozen.tasks()
    frozen.child.kill('SIGSTOP')
    // the replay's own process may have some of them
    const others = () => [...calm.tasks(), ...again.tasks()]
    await until('others have taken over from the frozen one', () => had.some(task => others().includes(task)))
    const before = frozen.told()
    frozen.child.kill('SIGCONT')
    await until('the frozen one has noticed', () => frozen.told() > before)
    const { code, out, err } = await played.ended
    expect([code, code === 0 ? '' : err]).toEqual([0, ''])
    expect(differenceBetween(embedded, JSON.parse(out) as Summary)).toBeNull()
    for (const worker of [frozen, calm, again]) {
      expect(worker.child.exitCode).toBeNull()
      worker.child.kill('SIGTERM')
      expect(await worker.ended).toMatchObject({ code: 0 })
    }
  })

  test.each([{ threads: [1] }, { threads: [2] }, { threads: [4] }, { threads: [2, 2] }])(
    'with threads $threads: at a start no owner is fenced and nothing is printed',
    async ({ threads }) => {
      const { join } = cluster()
      const workers = threads.map(count => join('--threads', `${count}`))
      const withAll = (what: string) => () =>
        [what, ...workers.map(worker => `${worker.name()}: ${worker.states()}`)].join('\n')
      await until(withAll('all tasks are had'), () => hasAll(workers))
      const share = 16 / workers.length
      await until(withAll('each has its share'), () => workers.every(({ tasks }) => tasks().length >= share))
      for (const { child } of workers) child.kill('SIGTERM')
      const ended = await Promise.all(workers.map(worker => worker.ended))
      expect(ended.map(({ code, err }) => [code, complaints(err)])).toEqual(workers.map(() => [0, []]))
    },
  )

  test('processes that join and leave in the midst of the work fence nobody', async () => {
    const { prefix, join, play } = cluster()
    const played = play('--threads', '2')
    await published(prefix, embedded.events / 6)
    const workers = [join('--threads', '2'), join('--threads', '2')] as const
    await until('each has its share', () => workers.every(({ tasks }) => tasks().length >= 4))
    await published(prefix, embedded.events / 3)
    workers[0].child.kill('SIGTERM')
    const { code, out, err } = await played.ended
    expect([code, complaints(err)]).toEqual([0, []])
    expect(differenceBetween(embedded, JSON.parse(out) as Summary)).toBeNull()
    workers[1].child.kill('SIGTERM')
    const ended = await Promise.all(workers.map(worker => worker.ended))
    expect(ended.map(each => [each.code, complaints(each.err)])).toEqual(workers.map(() => [0, []]))
  })

  test('processes may be of different kinds: some score, others do the rest', async () => {
    const { join, play } = cluster()
    const scorer = join('--stages', 'score,monitor')
    const rest = join('--stages', 'ingest,observe,register,seal,judge,train')
    await until('all tasks are had', () => hasAll([scorer, rest]))
    expect(scorer.tasks().every(task => /^(score|monitor)-/.test(task))).toBe(true)
    const { code, out } = await play().ended
    expect(code).toBe(0)
    expect(differenceBetween(embedded, JSON.parse(out) as Summary)).toBeNull()
  })

  test('a process of another pipeline version is not taken', async () => {
    const { join } = cluster()
    const first = join()
    await until('all tasks are had', () => hasAll([first]))
    const other = join('--horizons', '60')
    const { code, err, out } = await other.ended
    expect(code).not.toBe(0)
    expect(err + out).toContain('PIPELINE_VERSION')
  })
})

/** Waits until so many events can be read. */
async function published(prefix: string, count: number): Promise<void> {
  const log = openLog(prefix)
  try {
    await until(`${count} events are published`, async () => {
      // none before the topic is made, and while it is
      const ends = await Promise.all([0, 1, 2, 3].map(partition => log.bounds('flights.events', partition))).catch(
        () => [],
      )
      return ends.reduce((sum, { next }) => sum + next, 0) >= count
    })
  } finally {
    await log.close()
  }
}
