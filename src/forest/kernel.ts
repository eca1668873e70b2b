// The memory in which trees are grown, and the calls that work on it: the rows of each leaf lie side by side in `rows`
// (their numbers) and `gradients` (pairs of gradient and hessian), always in ascending order.
//
// A tree that may use a part of the columns has the bytes of these copied to groups of their own: 8 columns cost as much as
// one, and a copy is one pass where the tree's histograms take several.

import { assert } from '../lib/assert.ts'
import { type BinnedSet, byteAt } from './binned.ts'
import { type Crew, type CrewJob, type DoPart, leadOf, type Membership, serve } from './crew.ts'
import { columnBytes, entryBytes, groupColumns, histogramModule } from './histogram-code.ts'
import { type ScanCalls, scanOf } from './scan.ts'
import type { Scan } from './split.ts'
import { scanBytes } from './split-code.ts'

export type Kernel = {
  readonly binned: BinnedSet
  readonly rows: Int32Array
  /** Gradient and hessian of each row of `rows`, multiplied and rounded. */
  readonly gradients: Int32Array
  /** 1 for each byte of the column that goes right in the next `partition`. */
  readonly sides: Uint8Array
  /** Room for the sums of one feature. */
  readonly scratch: Float64Array
  /** Searches sums of a histogram or in `scratch`. */
  readonly scan: Scan
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

type Calls = ScanCalls & {
  readonly gather: (row: number, end: number, bytes: number, to: number) => void
  readonly accumulate: (gradient: number, end: number, bytes: number, histogram: number) => void
  readonly subtract: (from: number, end: number, other: number) => void
  readonly copy: (from: number, end: number, to: number) => void
  // oxlint-disable-next-line max-params -- machine code takes numbers
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

/** Rows whose bytes are gathered at once: they stay in the first-level cache. */
const gatheredRows = 1024
const gatheredBytes = gatheredRows * groupColumns

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

function memoryOf({ rows, bytes, columnCount }: BinnedSet, { slots, chosenMax = 0, crew }: KernelOptions) {
  const at = placesFrom({
    sides: 256,
    found: scanBytes,
    scratch: columnBytes,
    rows: 4 * rows,
    spareRows: 4 * rows,
    gradients: 8 * rows,
    spareGradients: 8 * rows,
    bytes: bytes.length,
    chosen: groupsOf(chosenMax) * groupColumns * rows,
    gathered: (crew?.members ?? 1) * gatheredBytes,
    // a search reads one entry behind the last
    histograms: slots * bytesOf(columnCount) + entryBytes,
  })
  const pages = Math.ceil(at.end / pageBytes)
  const isShared = crew !== undefined && crew.members > 1
  const memory = new WebAssembly.Memory(
    isShared ? { initial: pages, maximum: pages, shared: true } : { initial: pages },
  )
  return { at, memory, isShared }
}

export function kernelOf(binned: BinnedSet, options: KernelOptions): Kernel {
  const { rows: count, bytes, columnCount } = binned
  const { chosenMax = 0, crew } = options
  const ofSlot = bytesOf(columnCount)
  const { at, memory, isShared } = memoryOf(binned, options)
  const calls = callsOn(memory, isShared ? sharedCode : code)
  const alone = partOf(calls, 0)
  const lead = isShared ? leadOf(memory, crew as Crew, alone) : null
  new Uint8Array(memory.buffer, at.bytes, bytes.length).set(bytes)
  const identity = Int32Array.from({ length: columnCount }, (_, column) => column)
  let used = { first: at.bytes, columns: columnCount, positions: identity }
  const histogram = (slot: number): Float64Array =>
    new Float64Array(memory.buffer, at.histograms + slot * ofSlot, bytesOf(used.columns) / 8)
  const rows = new Int32Array(memory.buffer, at.rows, count)
  return {
    binned,
    rows,
    gradients: new Int32Array(memory.buffer, at.gradients, 2 * count),
    sides: new Uint8Array(memory.buffer, at.sides, 256),
    scratch: new Float64Array(memory.buffer, at.scratch, columnBytes / 8),
    scan: scanOf(calls, memory, at.found),
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
      // rows are in ascending order: if none is left out, their bytes lie side by side
      const dense = rows[to - 1] === (rows[from] as number) + to - from - 1 ? (rows[from] as number) : -1
      const job: CrewJob = [first, end, gradients, used.first, into, count, parts, at.gathered, dense]
      if (lead !== null && to - from >= sharedRowsMin && parts > 1) lead.run(job)
      else for (let part = 0; part < parts; part++) alone(job, part)
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
function partOf({ gather, accumulate }: Calls, member: number): DoPart {
  return ([rows, end, gradients, bytes, into, count, , gathered, dense], part) => {
    const bytesAt = bytes + part * groupColumns * count
    const histogram = into + part * groupColumns * columnBytes
    const all = (end - rows) / 4
    if (dense >= 0) return accumulate(gradients, gradients + 8 * all, bytesAt + groupColumns * dense, histogram)
    const own = gathered + member * gatheredBytes
    for (let row = 0; row < all; row += gatheredRows) {
      const until = Math.min(all, row + gatheredRows)
      gather(rows + 4 * row, rows + 4 * until, bytesAt, own)
      accumulate(gradients + 8 * row, gradients + 8 * until, own, histogram)
    }
  }
}

/** What a thread of a crew does; returns when it is let go. */
export function serveKernel(membership: Membership): void {
  serve(membership, partOf(callsOn(membership.memory, sharedCode), membership.member))
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
