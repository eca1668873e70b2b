// The geometry of a histogram pair: bars of the current rows, over them the outline of the reference. Bins have the same
// width each, whatever their edges, so that categories and numbers look alike. Pure; parts/histogram.tsx draws it.

import type { Histogram } from '../wire.ts'

/** A bin; the shares of each side add up to 1, or are 0 where a side has no rows. */
export type Bin = { label: string; reference: number; current: number; referenceCount: number; currentCount: number }

const number = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 })

export function binsOf(histogram: Histogram): Bin[] {
  const rows = rowsOf(histogram)
  const [all, allCurrent] = [sumOf(rows.map(row => row.reference)), sumOf(rows.map(row => row.current))]
  return rows.map(({ label, reference, current }) => ({
    label,
    reference: all === 0 ? 0 : reference / all,
    current: allCurrent === 0 ? 0 : current / allCurrent,
    referenceCount: reference,
    currentCount: current,
  }))
}

type Row = { label: string; reference: number; current: number }

function rowsOf(histogram: Histogram): Row[] {
  const { reference, current } = histogram
  const label =
    histogram.kind === 'numeric' ? edgeLabel(histogram.edges) : (at: number) => histogram.categories[at] ?? ''
  const rows = reference.map((count, at) => ({ label: label(at), reference: count, current: current[at] ?? 0 }))
  if (histogram.kind === 'numeric' || histogram.other.categories === 0) return rows
  const { categories, ...others } = histogram.other
  return [...rows, { label: `${categories} others`, ...others }]
}

/** A bin is from its left edge to before its right one; the outer two have no outer edge. */
function edgeLabel(edges: readonly number[]): (at: number) => string {
  const text = (at: number) => number.format(edges[at] ?? 0)
  return at => {
    if (edges.length === 2) return 'all'
    if (at === 0) return `below ${text(1)}`
    return at === edges.length - 2 ? `${text(at)} and above` : `${text(at)} to ${text(at + 1)}`
  }
}

const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)

export type Size = { width: number; height: number }

export type Drawing = {
  /** Path of the bars. */
  bars: string
  /** Path of the outline. */
  outline: string
  /** The share at the upper edge. */
  top: number
}

/** In pixels of `size`, the origin above left. */
export function drawingOf(bins: readonly Bin[], { width, height }: Size): Drawing {
  const top = Math.max(...bins.flatMap(({ reference, current }) => [reference, current]), 0)
  if (bins.length === 0 || top === 0) return { bars: '', outline: '', top: 0 }
  const step = width / bins.length
  const gap = Math.min(2, step * 0.15)
  const y = (share: number) => pixel(height - (share / top) * height)
  const bars = bins.map(({ current }, at) => {
    const [left, right] = [pixel(at * step + gap / 2), pixel((at + 1) * step - gap / 2)]
    return current === 0 ? '' : `M${left} ${pixel(height)}V${y(current)}H${right}V${pixel(height)}Z`
  })
  const steps = bins.map(({ reference }, at) => `V${y(reference)}H${pixel((at + 1) * step)}`)
  return { bars: bars.join(''), outline: `M0 ${pixel(height)}${steps.join('')}V${pixel(height)}`, top }
}

const pixel = (value: number) => Math.round(value * 10) / 10

export type Move = { label: string; from: number; to: number; by: number }

/** Bins whose share moved most, the most first; those that did not move by a thousandth are left out. */
export function mostMoved(bins: readonly Bin[], max: number): Move[] {
  return bins
    .map(({ label, reference, current }) => ({ label, from: reference, to: current, by: current - reference }))
    .filter(({ by }) => Math.abs(by) >= 0.001)
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))
    .slice(0, max)
}

/** The line of the scores, and the height of their limit, the newest at the right; gaps where there was none. */
export function sparkOf(scores: readonly (number | null)[], limit: number, { width, height }: Size) {
  const top = 1.1 * Math.max(limit * 1.4, ...scores.map(score => score ?? 0))
  const y = (score: number) => pixel(height - (score / top) * height)
  const step = scores.length < 2 ? 0 : width / (scores.length - 1)
  let line = ''
  let isDrawing = false
  for (const [at, score] of scores.entries()) {
    if (score !== null) line += `${isDrawing ? 'L' : 'M'}${pixel(at * step)} ${y(score)}`
    isDrawing = score !== null
  }
  return { line, limit: y(limit) }
}
