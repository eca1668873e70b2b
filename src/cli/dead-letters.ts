// Dead letters: what lies in flights.rejected, and which of them were put back already.
//
// A letter's id is its place, partition-offset. That a letter was put back is a row of redrive.changelog, written in the
// same unit of work as the record that went back (dead-redrive.ts). That changelog has no snapshots, so that its rows can
// be read here without owning the data folder.

import type { Stores } from '../app.ts'
import { Failure } from '../lib/failure.ts'
import type { Rejected } from '../records.ts'
import { changesIn, unitKey } from '../runtime/changes.ts'
import { readAll } from '../runtime/digest.ts'
import { tryDecode } from './opened.ts'

export const deadTopic = 'flights.rejected'
export const redriveChangelog = 'redrive.changelog'
export const redriveTable = 'redriven'

export type Letter = {
  readonly id: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly rejected: Rejected
  /** How often it was put back. */
  readonly redriven: number
}

/** A row of the table `redriven`: by the letter's id. */
export type Redriven = { readonly times: number }

/** Every letter that is kept, partition by partition. */
export async function* lettersIn(stores: Stores): AsyncGenerator<Letter> {
  const { log, codec } = stores
  const spec = (await log.topics()).find(({ name }) => name === deadTopic)
  const redriven = await redrivenIn(stores)
  for (let partition = 0; partition < (spec?.partitions ?? 0); partition++) {
    for await (const { offset, key, value, headers = {} } of readAll(log, deadTopic, partition)) {
      if (value === null) continue
      const { decoded, problem } = await tryDecode(codec, value)
      if (problem)
        throw new Failure('STATE_CORRUPT', `${deadTopic}/${partition}@${offset} is no dead letter: ${problem.message}`)
      const id = `${partition}-${offset}`
      yield { id, key, headers, rejected: decoded.value as Rejected, redriven: redriven.get(id) ?? 0 }
    }
  }
}

/** @throws Failure USAGE when there is none of this id */
export async function letterOf(stores: Stores, id: string): Promise<Letter> {
  for await (const letter of lettersIn(stores)) if (letter.id === id) return letter
  throw noLetter(id)
}

export function noLetter(id: string): Failure {
  return new Failure('USAGE', `there is no dead letter "${id}"`, {
    field: 'ID',
    help: 'An id is partition and offset, as 0-15. `slipstream dead ls` lists them.',
  })
}

/** How often each letter was put back, by id. */
async function redrivenIn({ log }: Stores): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>()
  if (!(await log.topics()).some(({ name }) => name === redriveChangelog)) return times
  for await (const { key, value, offset } of readAll(log, redriveChangelog, 0)) {
    if (key !== unitKey || value === null) continue
    for (const { table, key: id, row } of changesIn(value, `${redriveChangelog}/0@${offset}`).rows)
      if (table === redriveTable) times.set(id, (row as Redriven).times)
  }
  return times
}
