// monitor: counts what one partition's outcomes show in one hour of event time (the hour in which a flight was over), and
// closes the hour when the outcomes' watermark has passed its end. One partial an hour, empty ones too. It says how many
// outcomes it has seen so far: that is what a training may read.

import { type ListedWindow, type WindowContent, WindowSums, windowOfLists } from '../drift/window.ts'
import { featureSetHash, features } from '../features/table.ts'
import { assert } from '../lib/assert.ts'
import { hours } from '../lib/time.ts'
import type { DriftPartial, FlightOutcome, Watermark } from '../records.ts'
import type { Behaviour, Stage, StageIo } from '../runtime/stage.ts'
import type { Packing } from '../runtime/table.ts'
import { windowKey } from './observe.ts'
import type { StageSettings } from './settings.ts'

type OpenHour = { readonly from: number; reached: number; readonly sums: WindowSums }
type PackedHour = {
  readonly from: number
  readonly reached: number
  readonly content: WindowContent
}

export const columnKinds = features.map(({ kind }) => kind)

const hourPacking: Packing<OpenHour> = {
  pack: ({ from, reached, sums }): PackedHour => ({ from, reached, content: sums.content() }),
  unpack: ({ from, reached, content }: PackedHour): OpenHour => {
    const sums = new WindowSums(columnKinds)
    sums.merge(content)
    return { from, reached, sums }
  },
}

export const monitor: Stage<StageSettings> = {
  name: 'monitor',
  layout: 3,
  migrate: {
    2(_, row) {
      const hour = row as PackedHour & { readonly content: ListedWindow }
      return { ...hour, content: windowOfLists(hour.content) } satisfies PackedHour
    },
  },
  open: io => openMonitor(io),
}

function openMonitor(io: StageIo): Behaviour {
  const outcomes = io.input('flights.outcomes')
  const partials = io.output('drift.partials')
  const table = io.table('hour', hourPacking)
  let open = table.get('')

  function close({ from, reached, sums }: OpenHour): OpenHour {
    const to = from + hours(1)
    const featureSet = sums.rows === 0 ? null : featureSetHash
    const partial: DriftPartial = {
      from,
      to,
      partition: io.partition,
      reached,
      featureSet,
      columns: [],
      ...sums.content(),
    }
    partials.emit('DriftPartial', windowKey(to), partial)
    sums.clear()
    return { from: to, reached, sums }
  }

  return {
    step() {
      const record = outcomes.peek()
      if (!record) return false
      const { at } = record.value as FlightOutcome | Watermark
      // the first record is a watermark, the same in every partition
      open ??= { from: at, reached: 0, sums: new WindowSums(columnKinds) }
      if (record.name === 'FlightOutcome') {
        const { featureSet, label, number, rows } = record.value as FlightOutcome
        assert(featureSet === featureSetHash, 'outcomes are of this feature table')
        for (const row of rows) open.sums.add(row, label)
        open.reached = number
        outcomes.take()
      } else if (open.from + hours(1) <= at) open = close(open)
      else outcomes.take()
      io.reached(at)
      table.set('', open)
      return true
    },
  }
}
