// observe: sums what one partition of the timeline saw in one window of event time, and closes the window when the
// timeline has passed its end. One partial a window, empty ones too. Integers only, so that order cannot matter.

import { type AirspaceContent, emptySums, partialOf, see, sumsOf, type WindowSums } from '../features/partial.ts'
import { floorTo } from '../lib/time.ts'
import type { TimelineEntry, Watermark } from '../records.ts'
import type { Behaviour, Stage, StageIo } from '../runtime/stage.ts'
import type { Packing } from '../runtime/table.ts'
import type { StageSettings } from './settings.ts'

type OpenWindow = { readonly from: number; readonly sums: WindowSums }
type PackedWindow = { readonly from: number; readonly content: AirspaceContent }

/** Live sums become data only when a unit ends. */
const windowPacking: Packing<OpenWindow> = {
  pack: ({ from, sums }): PackedWindow => ({ from, content: partialOf(sums) }),
  unpack: ({ from, content }: PackedWindow): OpenWindow => ({ from, sums: sumsOf(content) }),
}

export const observe: Stage<StageSettings> = {
  name: 'observe',
  layout: 1,
  open: (io, settings) => openObserve(io, settings),
}

function openObserve(io: StageIo, { windowMs }: StageSettings): Behaviour {
  const timeline = io.input('flights.timeline')
  const partials = io.output('airspace.partials')
  const table = io.table('window', windowPacking)
  let open = table.get('')

  function close(window: OpenWindow): OpenWindow {
    const { from, sums } = window
    const to = from + windowMs
    const partial = { from, to, partition: io.partition, ...partialOf(sums) }
    partials.emit('AirspacePartial', windowKey(to), partial)
    return { from: to, sums: emptySums() }
  }

  return {
    step() {
      const record = timeline.peek()
      if (!record) return false
      const { at } = record.value as TimelineEntry | Watermark
      open ??= { from: floorTo(at, windowMs), sums: emptySums() }
      if (open.from + windowMs <= at) open = close(open)
      else {
        timeline.take()
        io.reached(at)
        if (record.name === 'TimelineEntry') see(open.sums, record.value as TimelineEntry)
      }
      table.set('', open)
      return true
    },
  }
}

/** The key of a window: when it ends, as text. */
export function windowKey(to: number): string {
  return String(to)
}
