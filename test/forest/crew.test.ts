import { expect, test } from 'vitest'
import { type CrewJob, leadOf, type Membership, serve } from '../../src/forest/crew.ts'

const memory = new WebAssembly.Memory({ initial: 1 })
const job: CrewJob = [1, 2, 3, 4, 5, 6, 7, 8, 9]

test('one alone does every part, in order', () => {
  const done: number[] = []
  const lead = leadOf(memory, { members: 1, join: () => undefined }, (_, part) => void done.push(part))
  lead.run(job)
  expect(done).toEqual([0, 1, 2, 3, 4, 5, 6])
  lead.close()
})

test('a member does its own parts of what stands on the board, and goes when it is let go', () => {
  const joined: Membership[] = []
  const lead = leadOf(memory, { members: 3, join: membership => void joined.push(membership) }, () => undefined)
  expect(joined.map(({ member }) => member)).toEqual([1, 2])
  const [one] = joined as [Membership]
  // as who leads would post it
  one.board.set(job, 2)
  one.board[0] = 1
  const done: [CrewJob, number][] = []
  serve(one, (given, part) => {
    done.push([given, part])
    if (part === 4) lead.close()
  })
  expect(done).toEqual([
    [job, 1],
    [job, 4],
  ])
})
