// The memory in which trees are grown, and the calls that work on it: the rows of each leaf lie side by side in `rows`
// (their numbers) and `gradients` (pairs of gradient and hessian), always in ascending order.
//
// A tree that may use a part of the columns has the bytes of these copied to groups of their own: 8 columns cost as much as
// one, and a copy is one pass where the tree's histograms take several.

import { assert } from '../lib/assert.ts'
import { type BinnedSet, byteAt } from './binned.ts'
import { type Crew, type CrewJob, type DoPart, leadOf, type Membership, serve } from './crew.ts'
import { columnBytes, groupColumns, histogramModule } from './histogram-code.ts'

export type Kernel = {
  readonly binned: BinnedSet
  readonly rows: Int32Array
  /** Gradient and hessian of each row of `rows`, multiplied and rounded. */
  readonly gradients: Int32Array
  /** 1 for each byte of the column that goes right in the next `partition`. */
  readonly sides: Uint8Array
  /** Says which columns are summed from now on, in ascending order. */
  readonly use: (columns: readonly number[]) => void
  /** Where a column's sums begin in a histogram: 512 numbers, a pair for each byte. */
  readonly sumsAt: (column: number) => number
  /** Of the columns in use. */
  readonly histogram: (slot: number) => Float64Array
  /** Fills the slot with the sums over the rows from..to. */
  readonly accumulate: (slot: number, from: number, to: number) => void
  /** Takes the sums of `other` from those of `slot`. */
  readonly subtract: (slot: number, other: number) => void
  /** Moves those of the rows from..to that go right behind the others. @returns where they begin */
  readonly partition: (column: number, from: number, to: number) => number
  /** Lets its threads go. */
  readonly close: () => void
}

type Calls = {
  // oxlint-disable-next-line max-params
  readonly accumulate: (row: number, end: number, gradient: number, bytes: number, histogram: number) => void
  readonly subtract: (from: number, end: number, other: number) => void
  readonly copy: (from: number, end: number, to: number) => void
  // oxlint-disable-next-line max-params
  readonly partition: (
    row: number,
    end: number,
    gradient: number,
    byte: number,
    sides: number,
    spareRow: number,
    spareGradient: number,
  ) => number
}

const pageBytes = 65_536
const pagesMax = 65_536
const code = new WebAssembly.Module(histogramModule())
const sharedCode = new WebAssembly.Module(histogramModule(pagesMax))

export type KernelOptions = {
  /** Histograms that can be kept at once. */
  readonly slots: number
  /** Columns that `use` may be given when they are not all; 0 if absent. */
  readonly chosenMax?: number
  /** Threads that sum with this one. */
  readonly crew?: Crew | undefined
}

/** Leaves with less to sum are not worth the word. */
const sharedRowsMin = 4000

/** Bytes of one slot's histograms. */
export function slotBytes({ columnCount }: Pick<BinnedSet, 'columnCount'>): number {
  return bytesOf(columnCount)
}

function groupsOf(columns: number): number {
  return Math.ceil(columns / groupColumns)
}

function bytesOf(columns: number): number {
  return groupsOf(columns) * groupColumns * columnBytes
}

export function kernelOf(binned: BinnedSet, { slots, chosenMax = 0, crew }: KernelOptions): Kernel {
  const { rows: count, bytes, columnCount } = binned
  const ofSlot = slotBytes(binned)
  const at = placesFrom({
    sides: 256,
    rows: 4 * count,
    spareRows: 4 * count,
    gradients: 8 * count,
    spareGradients: 8 * count,
    bytes: bytes.length,
    chosen: groupsOf(chosenMax) * groupColumns * count,
    histograms: slots * ofSlot,
  })
  const pages = Math.ceil(at.end / pageBytes)
  const isShared = crew !== undefined && crew.members > 1
  const memory = new WebAssembly.Memory(
    isShared ? { initial: pages, maximum: pages, shared: true } : { initial: pages },
  )
  const calls = callsOn(memory, isShared ? sharedCode : code)
  const lead = isShared ? leadOf(memory, crew, partOf(calls)) : null
  new Uint8Array(memory.buffer, at.bytes, bytes.length).set(bytes)
  const identity = Int32Array.from({ length: columnCount }, (_, column) => column)
  let used = { first: at.bytes, columns: columnCount, positions: identity }
  const histogram = (slot: number): Float64Array =>
    new Float64Array(memory.buffer, at.histograms + slot * ofSlot, bytesOf(used.columns) / 8)
  return {
    binned,
    rows: new Int32Array(memory.buffer, at.rows, count),
    gradients: new Int32Array(memory.buffer, at.gradients, 2 * count),
    sides: new Uint8Array(memory.buffer, at.sides, 256),
    use(columns) {
      if (columns.length === columnCount) {
        used = { first: at.bytes, columns: columnCount, positions: identity }
        return
      }
      assert(columns.length <= chosenMax, 'there is room for so many columns')
      const positions = new Int32Array(columnCount).fill(-1)
      for (const [position, column] of columns.entries()) {
        positions[column] = position
        const from = at.bytes + byteAt(column, count)
        calls.copy(from, from + groupColumns * count, at.chosen + byteAt(position, count))
      }
      used = { first: at.chosen, columns: columns.length, positions }
    },
    sumsAt: column => 512 * (used.positions[column] as number),
    histogram,
    accumulate(slot, from, to) {
      histogram(slot).fill(0)
      const parts = groupsOf(used.columns)
      const into = at.histograms + slot * ofSlot
      const [first, end, gradients] = [at.rows + 4 * from, at.rows + 4 * to, at.gradients + 8 * from]
      const job: CrewJob = [first, end, gradients, used.first, into, count, parts]
      if (lead !== null && to - from >= sharedRowsMin && parts > 1) lead.run(job)
      else for (let part = 0; part < parts; part++) partOf(calls)(job, part)
    },
    subtract(slot, other) {
      const first = at.histograms + slot * ofSlot
      calls.subtract(first, first + bytesOf(used.columns), at.histograms + other * ofSlot)
    },
    partition(column, from, to) {
      const row = at.rows + 4 * from
      const byte = at.bytes + byteAt(column, count)
      const gradient = at.gradients + 8 * from
      const end = at.rows + 4 * to
      const left = calls.partition(row, end, gradient, byte, at.sides, at.spareRows, at.spareGradients)
      return ((left >>> 0) - at.rows) / 4
    },
    close: () => lead?.close(),
  }
}

function callsOn(memory: WebAssembly.Memory, module: WebAssembly.Module): Calls {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Calls
}

/** Sums the histograms of one group of columns. */
function partOf(calls: Calls): DoPart {
  return ([rows, end, gradients, bytes, into, count], part) => {
    const bytesAt = bytes + part * groupColumns * count
    calls.accumulate(rows, end, gradients, bytesAt, into + part * groupColumns * columnBytes)
  }
}

/** What a thread of a crew does; returns when it is let go. */
export function serveKernel(membership: Membership): void {
  serve(membership, partOf(callsOn(membership.memory, sharedCode)))
}

/** Addresses of arrays that lie one behind the other, each at a multiple of 16. */
function placesFrom<Name extends string>(sizes: Record<Name, number>): Record<Name | 'end', number> {
  const places = {} as Record<Name | 'end', number>
  let at = 0
  for (const name of Object.keys(sizes) as Name[]) {
    places[name] = at
    at += Math.ceil(sizes[name] / 16) * 16
  }
  places.end = at
  return places
}
