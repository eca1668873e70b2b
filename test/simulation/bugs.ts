// Bugs planted on purpose, between the stages and their io or between the runtime and the log. The program itself has no
// switch for them.

import { noSketches } from '../../src/drift/columns.ts'
import { windowMs } from '../../src/features/partial.ts'
import { pipeline } from '../../src/pipeline.ts'
import type { AirspacePartial, FlightOutcome } from '../../src/records.ts'
import { ChangeWriter, changesIn, unitKey } from '../../src/runtime/changes.ts'
import type { Append, Claim, Log } from '../../src/runtime/log.ts'
import type { Behaviour, Input, InputRecord, Shared, StageIo } from '../../src/runtime/stage.ts'
import type { Packing, Table } from '../../src/runtime/table.ts'
import type { StageSettings } from '../../src/stages/settings.ts'
import type { Gate } from './gate.ts'
import type { Plant } from './seeds.ts'

type Open = (io: StageIo, settings: StageSettings) => Behaviour

/** Page one with another way to open a stage. */
function replaced(name: string, open: (original: Open) => Open): Plant {
  const nodes = pipeline.nodes.map(node => {
    if (node.stage.name !== name) return node
    const original: Open = (io, settings) => node.stage.open(io, settings)
    return { ...node, stage: { ...node.stage, open: open(original) } }
  })
  return { pipeline: { ...pipeline, nodes } }
}

/** A log whose claims commit in another way. */
function committing(commit: (claim: Claim, appends: readonly Append[], gate: Gate) => Promise<void>): Plant {
  const onLog = (log: Log, gate: Gate): Log => ({
    ...ownMethods(log),
    claim: async task => {
      const claim = await log.claim(task)
      return { commit: appends => commit(claim, appends, gate), release: () => claim.release() }
    },
  })
  return { onLog }
}

function ownMethods(log: Log): Log {
  return {
    createTopics: specs => log.createTopics(specs),
    topics: () => log.topics(),
    read: (topic, partition, from, limits) => log.read(topic, partition, from, limits),
    bounds: (topic, partition) => log.bounds(topic, partition),
    claim: task => log.claim(task),
    trim: (topic, partition, before) => log.trim(topic, partition, before),
    settled: () => log.settled(),
    isDecided: (topic, partition) => log.isDecided(topic, partition),
    onAppend: listener => log.onAppend(listener),
    close: () => log.close(),
  }
}

const isChange = ({ topic }: Append): boolean => topic.endsWith('.changelog')

/** State and position first, in a commit of their own, and what was put out after that. */
export const positionBeforeOutputs = committing(async (claim, appends, gate) => {
  await claim.commit(appends.filter(isChange))
  const outputs = appends.filter(append => !isChange(append))
  if (outputs.length > 0) await gate.through('commit outputs', () => claim.commit(outputs))
})

/** Of all rows that a unit changed, one stays unwritten. */
export const changelogRowForgotten = committing((claim, appends) => {
  const changed = appends.map(append => (isChange(append) && append.key === unitKey ? withoutARow(append) : append))
  return claim.commit(changed)
})

/** The record of changes without the first one of a flight. */
function withoutARow(append: Append): Append {
  const { layout, position, rows } = changesIn(append.value as Uint8Array, 'what is committed')
  const forgotten = rows.findIndex(({ table }) => table === 'flights')
  const writer = new ChangeWriter(layout, Number.POSITIVE_INFINITY)
  writer.begin(position)
  for (const [index, { table, key, row }] of rows.entries()) {
    if (index === forgotten) continue
    writer.table(table)
    writer.row(key, row)
  }
  return { ...append, value: writer.end()[0] as Uint8Array }
}

/** A read of many events loses the last of them. */
export const lastOfBatchDropped: Plant = {
  onLog: log => ({
    ...ownMethods(log),
    read: async (topic, partition, from, limits) => {
      const chunk = await log.read(topic, partition, from, limits)
      const isBatch = topic === 'flights.events' && chunk.records.length > 2
      return isBatch ? { ...chunk, records: chunk.records.slice(0, -1) } : chunk
    },
  }),
}

/** A prediction uses the frame of the window it stands in, except where a step ends and that frame is not there yet. */
export const frameTooEarly = replaced('score', original => (io, settings) => {
  const laterOf = (t: number): number => (t % settings.stepMs > settings.stepMs - 6 * windowMs ? t : t + 2 * windowMs)
  const shared = <View>(topic: string): Shared<View> => {
    const { view, ...rest } = bound(io.shared<View>(topic))
    return { view: shifted(view as object, laterOf) as View, has: at => rest.has(laterOf(at)) }
  }
  return original({ ...io, shared }, settings)
})

function bound<View>(of: Shared<View>): { view: View; has: (at: number) => boolean } {
  return { view: of.view, has: at => of.has(at) }
}

/** The view, asked as of another instant: the first argument, or its `t`. */
function shifted(view: object, laterOf: (t: number) => number): object {
  return new Proxy(view, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name, target)
      if (typeof found !== 'function') return found
      if (name === 'modelsAt') return found.bind(target)
      return (asked: unknown, ...more: unknown[]) => {
        const later = typeof asked === 'number' ? laterOf(asked) : asked
        const t = (asked as { t?: number } | null)?.t
        const first = typeof t === 'number' ? { ...(asked as object), t: laterOf(t) } : later
        return found.call(target, first, ...more) as unknown
      }
    },
  })
}

/** Seals a window as soon as one partition has told of it; what the others tell later is lost. */
export const sealDoesNotWait = replaced('seal', original => (io, settings) => {
  let sealing: Table<{ sealedTo: number | null }> | undefined
  const table = <Row>(name: string, packing?: Packing<Row>): Table<Row> => {
    const made = io.table<Row>(name, packing)
    sealing = made as unknown as NonNullable<typeof sealing>
    return made
  }
  const partials = io.gather('airspace.partials')
  const gather = (): Input[] =>
    partials.map(input => ({
      topic: input.topic,
      partition: input.partition,
      peek() {
        const first = partials.map(each => each.peek()).find(head => head !== null)
        return input.peek() ?? (first ? { ...first, value: emptied(first.value as AirspacePartial) } : null)
      },
      take: () => {
        if (input.peek()) input.take()
      },
    }))
  const honest = original({ ...io, gather, table }, settings)
  return {
    step() {
      const sealedTo = sealing?.get('')?.sealedTo ?? Number.NEGATIVE_INFINITY
      const late = partials.find(input => {
        const head = input.peek()
        return head !== null && (head.value as AirspacePartial).to <= sealedTo
      })
      if (!late) return honest.step()
      late.take()
      return true
    },
  }
})

function emptied({ from, to, partition }: AirspacePartial): AirspacePartial {
  return { from, to, partition, cells: [], plans: [], legs: [], runs: [], weather: [] }
}

/** The end of a step is not seen, so commands are applied as they come. */
export const commandsInOrderOfArrival = replaced('register', original => (io, settings) => {
  const commands = io.input('models.commands')
  const register = original(io, settings)
  return {
    step() {
      if (commands.peek()?.name !== 'StepEnded') return register.step()
      commands.take()
      return true
    },
  }
})

/** What was accepted of a flight is forgotten when its task starts again. */
export const duplicatesAfterRestart = replaced('ingest', original => (io, settings) => {
  const table = <Row>(name: string, packing?: Packing<Row>) => {
    if (name !== 'known' || !packing) return io.table<Row>(name, packing)
    const unpack = (packed: never): Row => ({ ...packing.unpack(packed), seen: [] })
    return io.table<Row>(name, { pack: packing.pack, unpack })
  }
  return original({ ...io, table }, settings)
})

/** What an hour has counted so far is forgotten when its task starts again. */
export const hourForgotten = replaced('monitor', original => (io, settings) => {
  const table = <Row>(name: string, packing?: Packing<Row>) => {
    if (name !== 'hour' || !packing) return io.table<Row>(name, packing)
    const nothing = { rows: 0, labelled: 0, late: 0, sketches: noSketches, champions: [], scores: [], pairs: [] }
    const unpack = (packed: never): Row => packing.unpack({ ...(packed as object), content: nothing } as never)
    return io.table<Row>(name, { pack: packing.pack, unpack })
  }
  return original({ ...io, table }, settings)
})

/** Of a flight with several horizons one is counted. */
export const oneHorizonCounted = replaced('monitor', original => (io, settings) => {
  const { topic, partition, ...outcomes } = withBound(io.input('flights.outcomes'))
  const peek = (): InputRecord | null => {
    const head = outcomes.peek()
    if (head?.name !== 'FlightOutcome') return head
    const { rows, ...outcome } = head.value as FlightOutcome
    return { ...head, value: { ...outcome, rows: rows.slice(0, 1) } }
  }
  return original({ ...io, input: () => ({ topic, partition, take: () => outcomes.take(), peek }) }, settings)
})

function withBound(input: Input): Input {
  return { topic: input.topic, partition: input.partition, peek: () => input.peek(), take: () => input.take() }
}
