// The memory in which trees are grown, and the calls that work on it: the rows of each leaf lie side by side in `rows`
// (their numbers) and `gradients` (pairs of gradient and hessian), always in ascending order.

import { type BinnedSet, byteAt } from './binned.ts'
import { columnBytes, groupColumns, histogramModule } from './histogram-code.ts'

export type Kernel = {
  readonly binned: BinnedSet
  readonly rows: Int32Array
  /** Gradient and hessian of each row of `rows`, multiplied and rounded. */
  readonly gradients: Int32Array
  /** 1 for each byte of the column that goes right in the next `partition`. */
  readonly sides: Uint8Array
  /** Of all columns, 256 pairs of sums each. */
  readonly histogram: (slot: number) => Float64Array
  /** Fills the slot with the sums over the rows from..to. */
  readonly accumulate: (slot: number, from: number, to: number) => void
  /** Takes the sums of `other` from those of `slot`. */
  readonly subtract: (slot: number, other: number) => void
  /** Moves those of the rows from..to that go right behind the others. @returns where they begin */
  readonly partition: (column: number, from: number, to: number) => number
}

type Calls = {
  // oxlint-disable-next-line max-params
  readonly accumulate: (row: number, end: number, gradient: number, bytes: number, histogram: number) => void
  readonly subtract: (from: number, end: number, other: number) => void
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
const code = new WebAssembly.Module(histogramModule())

/** Bytes of one slot's histograms. */
export function slotBytes({ columnCount }: Pick<BinnedSet, 'columnCount'>): number {
  return Math.ceil(columnCount / groupColumns) * groupColumns * columnBytes
}

export function kernelOf(binned: BinnedSet, slots: number): Kernel {
  const { rows: count, bytes, columnCount } = binned
  const groups = Math.ceil(columnCount / groupColumns)
  const ofSlot = slotBytes(binned)
  const at = placesFrom({
    sides: 256,
    rows: 4 * count,
    spareRows: 4 * count,
    gradients: 8 * count,
    spareGradients: 8 * count,
    bytes: bytes.length,
    histograms: slots * ofSlot,
  })
  const memory = new WebAssembly.Memory({ initial: Math.ceil(at.end / pageBytes) })
  const calls = new WebAssembly.Instance(code, { env: { memory } }).exports as unknown as Calls
  new Uint8Array(memory.buffer, at.bytes, bytes.length).set(bytes)
  const histogram = (slot: number): Float64Array =>
    new Float64Array(memory.buffer, at.histograms + slot * ofSlot, ofSlot / 8)
  return {
    binned,
    rows: new Int32Array(memory.buffer, at.rows, count),
    gradients: new Int32Array(memory.buffer, at.gradients, 2 * count),
    sides: new Uint8Array(memory.buffer, at.sides, 256),
    histogram,
    accumulate(slot, from, to) {
      histogram(slot).fill(0)
      for (let group = 0; group < groups; group++) {
        const into = at.histograms + slot * ofSlot + group * groupColumns * columnBytes
        const bytesAt = at.bytes + group * groupColumns * count
        calls.accumulate(at.rows + 4 * from, at.rows + 4 * to, at.gradients + 8 * from, bytesAt, into)
      }
    },
    subtract(slot, other) {
      const first = at.histograms + slot * ofSlot
      calls.subtract(first, first + ofSlot, at.histograms + other * ofSlot)
    },
    partition(column, from, to) {
      const row = at.rows + 4 * from
      const byte = at.bytes + byteAt(column, count)
      const gradient = at.gradients + 8 * from
      const end = at.rows + 4 * to
      const left = calls.partition(row, end, gradient, byte, at.sides, at.spareRows, at.spareGradients)
      return ((left >>> 0) - at.rows) / 4
    },
  }
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
