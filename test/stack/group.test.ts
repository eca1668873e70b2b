// Members of a group on real brokers: tasks are dealt out, move when somebody comes or goes, and come back to one who is
// started again under its name.

import { afterAll, afterEach, expect, test } from 'vitest'
import { until } from '../../scripts/proof/workers.ts'
import { KafkaGroup, type KafkaGroupOptions } from '../../src/adapters/log-kafka-group.ts'
import { failureIn } from '../../src/lib/failure.ts'
import { brokers, deleteTopics, here, newPrefix } from './brokers.ts'

const stages = [
  { stage: 'score', tasks: 4 },
  { stage: 'seal', tasks: 1 },
]
let members: KafkaGroup[] = []
let troubles: unknown[] = []

afterEach(async () => {
  await Promise.all(members.map(member => member.close()))
  members = []
  troubles = []
})
afterAll(deleteTopics)

/** Lets go of what is not its own at once, as an engine does between units. */
function letsGo(member: KafkaGroup): KafkaGroup {
  const look = () => {
    for (const task of everything) if (member.owns(task) === false) member.hasLetGo(task)
  }
  member.onChange(look)
  return member
}

function cluster() {
  const prefix = newPrefix()
  return (
    instance: string | null,
    { keeps = false, ...more }: Partial<KafkaGroupOptions> & { keeps?: boolean } = {},
  ) => {
    const member = new KafkaGroup({
      settings: { brokers, clientId: 'slipstream-test', prefix },
      pipeline: 'v1',
      instance,
      sessionMs: 6000,
      runs: ['score', 'seal'],
      stages,
      onTrouble: error => troubles.push(error),
      ...more,
    })
    members.push(keeps ? member : letsGo(member))
    void member.start().catch(() => undefined)
    return member
  }
}

const counts = (some: readonly KafkaGroup[]) => some.map(({ tasks }) => tasks.length).toSorted((a, b) => a - b)
const all = (some: readonly KafkaGroup[]) => some.flatMap(({ tasks }) => tasks).toSorted()
const everything = ['score-0', 'score-1', 'score-2', 'score-3', 'seal-0']

here.describe('a group of members', () => {
  test('deals every task to one of them, and again when one comes or goes', async () => {
    const join = cluster()
    const [a, b] = [join('a'), join('b')]
    await until('two share', () => counts([a, b]).join() === '2,3')
    expect(all([a, b])).toEqual(everything)
    const before = { a: a.tasks, b: b.tasks }
    const c = join('c')
    await until('three share', () => c.tasks.length > 0 && all([a, b, c]).length === 5)
    expect(all([a, b, c])).toEqual(everything)
    // nothing moved between the two that were there
    expect(a.tasks.every(task => before.a.includes(task)) && b.tasks.every(task => before.b.includes(task))).toBe(true)
    await c.close()
    await until('two share again', () => all([a, b]).length === 5)
    expect(troubles).toEqual([])
  })

  test('a task that changes hands is nobody’s until its holder has let it go, or for a session', async () => {
    const join = cluster()
    const a = join('a', { keeps: true })
    await until('one has all', () => a.tasks.length === 5)
    const b = join('b', { keeps: true })
    await b.start()
    await until('it is told to', () => a.tasks.length === 3)
    expect(b.tasks).toEqual([])
    const moving = everything.filter(task => a.owns(task) === false)
    for (const task of moving) a.hasLetGo(task)
    await until('the other has them', () => b.tasks.length > 0)
    expect(b.tasks.toSorted()).toEqual(moving)
    // both keep what they have, and are not waited for for ever
    const c = join('c')
    await c.start()
    expect(c.tasks).toEqual([])
    await until('three share', () => all([a, b, c]).length === 5 && c.tasks.length > 0)
    expect(all([a, b, c])).toEqual(everything)
    expect(troubles).toEqual([])
  })

  test('one that comes back under its name has its tasks at once, and the other keeps its own', async () => {
    const join = cluster()
    const [a, b] = [join('a'), join('b')]
    await until('two share', () => counts([a, b]).join() === '2,3')
    const had = [...a.tasks]
    const changes: number[] = []
    b.onChange(() => changes.push(b.tasks.length))
    // as a process that is killed: it says nothing, and the old one finds its name taken
    const again = join('a')
    await until('it has them', () => again.tasks.length > 0)
    expect([again.tasks, changes]).toEqual([had, []])
    expect(await again.confirm(had[0] as string)).toBe(true)
    // the old one finds its name taken, and joins under none: it shares like any other
    await until('all three share', () => a.tasks.length > 0 && all([a, b, again]).length === 5)
    expect(all([a, b, again])).toEqual(everything)
  })

  test('jobs are those that members offer, each one’s of them', async () => {
    const join = cluster()
    const [a, b] = [join('a', { runs: ['score', 'clock'] }), join('b', { runs: ['seal', 'clock', 'train'] })]
    await until('all is dealt', () => all([a, b]).length === 7)
    expect(a.tasks.filter(task => task.startsWith('score'))).toHaveLength(4)
    expect(b.tasks).toEqual(expect.arrayContaining(['seal-0', 'train-0']))
    expect(all([a, b]).filter(task => task === 'clock-0')).toHaveLength(1)
    expect([a.owns('train-0'), b.owns('train-0')]).toEqual([false, true])
  })

  test('one of another pipeline version, or with a session that brokers do not take, is refused at once', async () => {
    const join = cluster()
    const a = join('a')
    await until('it has all', () => a.tasks.length === 5)
    const refused = async (more: Partial<KafkaGroupOptions>) => {
      const member = join('other', more)
      return member.start().then(
        () => 'taken',
        (error: unknown) => failureIn(error)?.code,
      )
    }
    expect(await refused({ pipeline: 'v2' })).toBe('PIPELINE_VERSION')
    expect(await refused({ sessionMs: 1000 })).toBe('USAGE')
  })
})
