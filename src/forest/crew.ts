// Threads that sum histograms together. They share the kernel's memory and a board: who leads writes a job on it and
// counts its number up, each member sums the groups of columns that are its own, and counts itself done. Whole numbers and
// groups that no two sum together: any number of members leaves the same bits.

import { assert } from '../lib/assert.ts'

/** What a member needs; it can be sent to a thread. */
export type Membership = {
  readonly memory: WebAssembly.Memory
  readonly board: Int32Array<SharedArrayBuffer>
  /** 0 is who leads. */
  readonly member: number
  readonly members: number
}

export type Crew = {
  /** Who leads included. */
  readonly members: number
  /** Starts the thread of a member: it calls `serve`. */
  readonly join: (membership: Membership) => void
}

/** Of the parts that are numbered 0 to `parts` - 1. */
export type CrewJob = readonly [
  rows: number,
  end: number,
  gradients: number,
  bytes: number,
  into: number,
  count: number,
  parts: number,
  /** Room for bytes of rows, by member. */
  gathered: number,
  /** First of the rows, if none between them is missing; else -1. */
  dense: number,
]

/** Does one part of a job. */
export type DoPart = (job: CrewJob, part: number) => void

const numberAt = 0
const doneAt = 1
const jobAt = 2
const boardLength = 16
const dismissed: CrewJob = [0, 0, 0, 0, 0, 0, -1, 0, 0]
/** A member that takes longer has died. */
const patienceMs = 120_000

export type Lead = {
  readonly run: (job: CrewJob) => void
  /** Lets the members go. */
  readonly close: () => void
}

export function leadOf(memory: WebAssembly.Memory, { members, join }: Crew, doPart: DoPart): Lead {
  const board = new Int32Array(new SharedArrayBuffer(4 * boardLength))
  for (let member = 1; member < members; member++) join({ memory, board, member, members })
  const post = (job: CrewJob): void => {
    board.set(job, jobAt)
    Atomics.store(board, doneAt, 0)
    Atomics.add(board, numberAt, 1)
    Atomics.notify(board, numberAt)
  }
  return {
    run(job) {
      post(job)
      doShare(job, { member: 0, members }, doPart)
      for (let done = Atomics.load(board, doneAt); done < members - 1; done = Atomics.load(board, doneAt)) {
        const waited = Atomics.wait(board, doneAt, done, patienceMs)
        assert(waited !== 'timed-out', 'every member of the crew is alive')
      }
    },
    close: () => post(dismissed),
  }
}

/** Does a member's share of each job until it is let go. Blocks the thread. */
export function serve({ board, member, members }: Membership, doPart: DoPart): void {
  for (let seen = 0; ; ) {
    Atomics.wait(board, numberAt, seen)
    const number = Atomics.load(board, numberAt)
    if (number === seen) continue
    seen = number
    const job = [...board.subarray(jobAt, jobAt + dismissed.length)] as unknown as CrewJob
    if (job[6] < 0) return
    doShare(job, { member, members }, doPart)
    Atomics.add(board, doneAt, 1)
    Atomics.notify(board, doneAt)
  }
}

function doShare(job: CrewJob, { member, members }: Pick<Membership, 'member' | 'members'>, doPart: DoPart): void {
  for (let part = member; part < job[6]; part += members) doPart(job, part)
}
