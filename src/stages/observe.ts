// observe: sums what one partition of the timeline saw in one window of event time, and closes the window when the
// timeline has passed its end. One partial a window, empty ones too. Integers only, so that order cannot matter.

import { type AirspaceContent, emptySums, partialOf, see, sumsOf, type WindowSums } from '../features/partial.ts'
import { floorTo } from '../lib/time.ts'
import type { TimelineEntry, Watermark } from '../records.ts'
import type { Behaviour, Stage, StageIo } from '../runtime/stage.ts'
import type { StageSettings } from './settings.ts'

/** The open window as it lies in the table; made of the live sums only when a unit ends. */
class OpenWindow {
  readonly from: number
  readonly sums: WindowSums

  constructor(from: number, sums: WindowSums) {
    this.from = from
    this.sums = sums
  }

  toJSON(): { from: number; content: AirspaceContent } {
    return { from: this.from, content: partialOf(this.sums) }
  }
}

export const observe: Stage<StageSettings> = {
  name: 'observe',
  layout: 1,
  open: (io, settings) => openObserve(io, settings),
}

function openObserve(io: StageIo, { windowMs }: StageSettings): Behaviour {
  const timeline = io.input('flights.timeline')
  const partials = io.output('airspace.partials')
  const table = io.table<OpenWindow>('window')
  const stored = table.get('') as { from: number; content: AirspaceContent } | undefined
  let open = stored ? new OpenWindow(stored.from, sumsOf(stored.content)) : null

  function close(window: OpenWindow): OpenWindow {
    const { from, sums } = window
    const to = from + windowMs
    const partial = { from, to, partition: io.partition, ...partialOf(sums) }
    partials.emit('AirspacePartial', windowKey(to), partial)
    return new OpenWindow(to, emptySums())
  }

  return {
    step() {
      const record = timeline.peek()
      if (!record) return false
      const { at } = record.value as TimelineEntry | Watermark
      open ??= new OpenWindow(floorTo(at, windowMs), emptySums())
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
