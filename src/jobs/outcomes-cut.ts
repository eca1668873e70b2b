// How far the outcomes have come: the running number of the last one in each partition, and the event time reached. A cut
// names the rows of a training or a search for good: whatever comes later has a higher number.

import type { FlightOutcome, Watermark } from '../records.ts'
import { readAll } from '../runtime/digest.ts'
import type { Log } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'

export type OutcomesCut = {
  /** 0 where there is none. */
  readonly cut: number[]
  /** The latest instant of a record near the ends, epoch ms; null when there is none. */
  readonly at: number | null
}

export async function outcomesSoFar(source: { readonly log: Log; readonly codec: Codec }): Promise<OutcomesCut> {
  const spec = (await source.log.topics()).find(({ name }) => name === 'flights.outcomes')
  const cut: number[] = []
  let reached: number | null = null
  for (let partition = 0; partition < (spec?.partitions ?? 0); partition++) {
    const { number, at } = await lastIn(source, partition)
    cut.push(number)
    if (at !== null) reached = Math.max(reached ?? at, at)
  }
  return { cut, at: reached }
}

/** Sought from the end backwards in ever larger steps. */
async function lastIn({ log, codec }: { readonly log: Log; readonly codec: Codec }, partition: number) {
  const { first, next } = await log.bounds('flights.outcomes', partition)
  for (let step = 64; ; step *= 4) {
    const from = Math.max(first, next - step)
    let number = 0
    let at: number | null = null
    for await (const { value } of readAll(log, 'flights.outcomes', partition, from)) {
      if (!value) continue
      const decoded = codec.decode(value)
      const record = decoded.value as FlightOutcome | Watermark
      at = Math.max(at ?? record.at, record.at)
      if (decoded.name === 'FlightOutcome') number = (record as FlightOutcome).number
    }
    if (number > 0 || from === first) return { number, at }
  }
}
