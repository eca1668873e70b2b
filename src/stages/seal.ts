// seal: adds the partials of all partitions to one frame a window, in a single total order, and names in it the models
// and the pipeline in force from then on. It waits for every partition without a time limit, and reads the registry's
// decisions as they come: a decision takes effect in the first frame that starts at or after its effectiveFrom, so it
// does not matter which of the two inputs is read first as long as the decision is there when that frame is sealed.

import { merge } from '../features/partial.ts'
import { assert } from '../lib/assert.ts'
import type { AirspacePartial, ModelDecision, ModelRef } from '../records.ts'
import type { Behaviour, Stage, StageIo } from '../runtime/stage.ts'
import { windowKey } from './observe.ts'
import type { StageSettings } from './settings.ts'

type InForce = { champion: ModelRef | null; challengers: ModelRef[] }
type Answer = InForce & { effectiveFrom: number }
type Sealing = { now: InForce; next: Answer[]; sealedTo: number | null }

export const seal: Stage<StageSettings> = {
  name: 'seal',
  layout: 1,
  open: (io, settings) => openSeal(io, settings),
}

function openSeal(io: StageIo, { version }: StageSettings): Behaviour {
  const registry = io.input('models.registry')
  const partials = io.gather('airspace.partials')
  const frames = io.output('airspace.frames')
  const table = io.table<Sealing>('sealing')
  const state = table.get('') ?? { now: { champion: null, challengers: [] }, next: [], sealedTo: null }

  function readRegistry(): boolean {
    const record = registry.peek()
    if (!record) return false
    registry.take()
    const decision = record.value as ModelDecision
    if (record.name === 'ModelDecision' && decision.accepted) {
      const { effectiveFrom, champion, challengers } = decision
      state.next.push({ effectiveFrom, champion, challengers })
    }
    return true
  }

  function sealWindow(): boolean {
    const heads = partials.map(input => input.peek())
    if (heads.some(head => head === null)) return false
    const parts = heads.map(head => head?.value as AirspacePartial)
    for (const input of partials) input.take()
    const { from, to } = parts[0] as AirspacePartial
    assert(
      parts.every(part => part.to === to),
      'partials of one window arrive together',
    )
    for (let head = state.next[0]; head && head.effectiveFrom <= from; head = state.next[0]) {
      state.now = { champion: head.champion, challengers: head.challengers }
      state.next.shift()
    }
    const { champion, challengers } = state.now
    frames.emit('AirspaceFrame', windowKey(to), {
      from,
      to,
      pipeline: version,
      champion,
      challengers,
      missing: [],
      ...merge(parts),
    })
    state.sealedTo = to
    io.reached(to)
    return true
  }

  return {
    step() {
      const did = readRegistry() || sealWindow()
      if (did) table.set('', state)
      return did
    },
  }
}
