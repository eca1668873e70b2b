import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assign, type Member, shares } from '../../src/runtime/assign.ts'

const page = [
  { stage: 'ingest', tasks: 4 },
  { stage: 'score', tasks: 4 },
  { stage: 'seal', tasks: 1 },
]
const all = page.map(({ stage }) => stage)
const member = (id: string, more: Partial<Member> = {}): Member => ({
  id,
  runs: all,
  holds: [],
  generation: 1,
  ...more,
})
const given = (members: readonly Member[], stages = page) => Object.fromEntries(assign(stages, members))

/** What each has after the deal, as it says when the group agrees anew. */
function next(members: readonly Member[], generation: number): Member[] {
  const dealt = assign(page, members)
  return members.map(each => ({ ...each, holds: dealt.get(each.id) ?? [], generation }))
}

describe('tasks are dealt out', () => {
  test('all to one who is alone', () => {
    const tasks = ['ingest-0', 'ingest-1', 'ingest-2', 'ingest-3', 'score-0', 'score-1', 'score-2', 'score-3', 'seal-0']
    expect(given([member('a')])).toEqual({ a: tasks })
  })

  test('a partition with its stages to one of two, and who has less gets the single task', () => {
    const { a = [], b = [] } = given([member('a'), member('b')])
    const partitionsOf = (tasks: string[], stage: string) =>
      tasks.filter(task => task.startsWith(stage)).map(task => task.at(-1))
    expect(partitionsOf(a, 'ingest')).toEqual(partitionsOf(a, 'score'))
    expect(partitionsOf(b, 'ingest')).toEqual(partitionsOf(b, 'score'))
    expect([a.length, b.length]).toEqual([5, 4])
  })

  test('those of a stage to members that run it, and nobody gets those that nobody runs', () => {
    const found = given([member('a', { runs: ['ingest'] }), member('b', { runs: ['score'] })])
    expect(found).toEqual({
      a: ['ingest-0', 'ingest-1', 'ingest-2', 'ingest-3'],
      b: ['score-0', 'score-1', 'score-2', 'score-3'],
    })
  })

  test('those of one who has gone to the others, who keep what they have', () => {
    const three = next([member('a'), member('b'), member('c')], 1)
    const left = three.filter(({ id }) => id !== 'b')
    const dealt = assign(page, left)
    for (const { id, holds } of left) expect(dealt.get(id)).toEqual(expect.arrayContaining([...holds]))
    expect([...dealt.values()].flat()).toHaveLength(9)
  })

  test('some to one who comes, no more than make it even', () => {
    const two = next([member('a'), member('b')], 1)
    const dealt = assign(page, [...two, member('c', { generation: -1 })])
    const moved = two.flatMap(({ id, holds }) => holds.filter(task => !dealt.get(id)?.includes(task)))
    // of four tasks a stage three members have 2, 1 and 1
    expect(moved).toHaveLength(2)
    expect(dealt.get('c')?.toSorted()).toEqual(moved.toSorted())
  })

  test('to who has them by the newer generation, when two say that they have them', () => {
    const members = [
      member('a', { holds: ['seal-0'], generation: 3 }),
      member('b', { holds: ['seal-0'], generation: 7 }),
    ]
    expect(given(members)['b']).toContain('seal-0')
  })
})

const members = fc.uniqueArray(
  fc.record({
    id: fc.stringMatching(/^[a-h]$/),
    runs: fc.subarray(all, { minLength: 1 }),
    holds: fc.subarray(['ingest-0', 'ingest-1', 'ingest-2', 'ingest-3', 'score-0', 'score-3', 'seal-0', 'old-1']),
    generation: fc.integer({ min: -1, max: 5 }),
  }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 6 },
)

describe('a task that changes hands', () => {
  const two = next([member('a')], 1)
  const both = [...two, member('b', { generation: -1 })]

  test('is nobody’s until the one who has it has let it go', () => {
    const round = shares(page, [], both)
    const [a, b] = [round.get('a'), round.get('b')]
    expect([a?.letGo.length, b]).toEqual([4, { tasks: [], letGo: [] }])
    expect(a?.tasks).toHaveLength(5)
    const after = [member('a', { holds: a?.tasks ?? [], generation: 2 }), member('b', { generation: 2 })]
    const settled = shares(page, [], after)
    expect(settled.get('a')).toEqual({ tasks: a?.tasks, letGo: [] })
    expect(settled.get('b')?.tasks.toSorted()).toEqual(a?.letGo.toSorted())
  })

  test('is given at once when nobody has it, and a job whoever has it', () => {
    const held = member('a', { runs: ['train'], holds: ['train-0', 'score-1'] })
    const round = shares(page, ['train'], [held, member('b', { runs: ['score'] })])
    expect(round.get('b')?.tasks).toEqual(['score-0', 'score-2', 'score-3'])
    expect(round.get('a')).toEqual({ tasks: ['train-0'], letGo: ['score-1'] })
  })

  test('of two who say that they have it only the newer one is waited for', () => {
    const some = [
      member('a', { runs: ['ingest'], holds: ['seal-0'], generation: 3 }),
      member('b', { runs: ['seal'], holds: ['seal-0'], generation: 7 }),
    ]
    expect(shares(page, [], some).get('b')?.tasks).toEqual(['seal-0'])
    expect(shares(page, [], some).get('a')?.letGo).toEqual([])
  })
})

describe('for any members', () => {
  test('every task that somebody runs is one member’s, and the tasks of a stage are even', () => {
    fc.assert(
      fc.property(members, some => {
        const dealt = assign(page, some)
        for (const { stage, tasks } of page) {
          const able = some.filter(({ runs }) => runs.includes(stage)).map(({ id }) => id)
          const counts = able.map(id => dealt.get(id)?.filter(task => task.startsWith(stage)).length ?? 0)
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(able.length === 0 ? 0 : tasks)
          expect(Math.max(0, ...counts) - Math.min(Math.max(0, ...counts), ...counts)).toBeLessThanOrEqual(1)
        }
        const flat = [...dealt.values()].flat()
        expect(new Set(flat).size).toBe(flat.length)
      }),
    )
  })

  test('the answer does not depend on the order in which they stand', () => {
    fc.assert(
      fc.property(members, fc.integer(), (some, seed) => {
        const turned = [...some.slice(seed % some.length), ...some.slice(0, seed % some.length)]
        expect(given(turned)).toEqual(given(some))
      }),
    )
  })

  test('nobody has what another one holds, and after two rounds all have what they are to have', () => {
    fc.assert(
      fc.property(members, some => {
        const first = shares(page, [], some)
        const letGo = [...first.values()].flatMap(share => share.letGo)
        const flat = [...first.values()].flatMap(share => share.tasks)
        expect(new Set(flat).size).toBe(flat.length)
        expect(flat.filter(task => letGo.includes(task))).toEqual([])
        const agreed = some.map(each => ({ ...each, holds: first.get(each.id)?.tasks ?? [], generation: 9 }))
        const second = shares(page, [], agreed)
        expect([...second.values()].flatMap(share => share.letGo)).toEqual([])
        const dealt = new Set([...assign(page, some).values()].flat())
        expect(new Set([...second.values()].flatMap(share => share.tasks))).toEqual(dealt)
      }),
    )
  })

  test('dealing again changes nothing', () => {
    fc.assert(
      fc.property(members, some => {
        const once = next(some, 9)
        expect(given(once)).toEqual(Object.fromEntries(once.map(({ id, holds }) => [id, [...holds]])))
      }),
    )
  })
})
