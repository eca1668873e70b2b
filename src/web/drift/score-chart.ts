// The statistic of a column over time, for uPlot: the score, its threshold as a dashed line, and what happened as upright
// lines.

import uPlot from 'uplot'
import { instantParts } from '../format.ts'
import type { LoopEvent } from '../loop.ts'
import type { ColumnReport } from '../wire.ts'
import { scoreText } from './columns.ts'

export type Colours = Record<'score' | 'drifted' | 'threshold' | 'grid' | 'text' | 'surface' | 'font', string>

type Settings = {
  width: number
  height: number
  colours: Colours
  /** IANA name. */
  zone: string
  threshold: () => number
  events: () => readonly LoopEvent[]
  /** Place in the series under the pointer. */
  onHover: (place: number | null) => void
}

/** Columns: end of the window in seconds, score, and the score again where it speaks for drift. */
export function scoreData({ to, score, drifted }: ColumnReport['series']): uPlot.AlignedData {
  return [to.map(at => at / 1000), score, score.map((value, at) => (drifted[at] ? value : null))]
}

export function scoreOptions(settings: Settings): uPlot.Options {
  const { width, height, colours, threshold, onHover } = settings
  const axis = { stroke: colours.text, font: colours.font, ticks: { show: false } }
  return {
    width,
    height,
    legend: { show: false },
    padding: [10, 8, 0, 0],
    cursor: { y: false, points: { size: 7 } },
    scales: {
      x: { time: true },
      y: { range: (_plot, _min, max) => [0, Math.max(threshold() * 1.5, (max ?? 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 70,
        incrs: [1, 2, 7, 14, 28].map(days => days * 86_400),
        values: (_plot, splits) => splits.map(split => instantParts(split * 1000, settings.zone).day),
      },
      {
        ...axis,
        size: 52,
        space: 34,
        grid: { stroke: colours.grid, width: 1 },
        values: (_plot, splits) => splits.map(split => scoreText(split)),
      },
    ],
    series: [
      {},
      { stroke: colours.score, width: 1.75, points: { show: false } },
      { stroke: colours.drifted, width: 2.5, points: { show: true, size: 4, fill: colours.drifted } },
    ],
    hooks: {
      setCursor: [plot => onHover(typeof plot.cursor.idx === 'number' ? plot.cursor.idx : null)],
      drawAxes: [plot => drawEvents(plot, settings), plot => drawThreshold(plot, settings)],
    },
  }
}

function drawThreshold(plot: uPlot, { colours, threshold }: Settings): void {
  const { left, width } = plot.bbox
  const y = Math.round(plot.valToPos(threshold(), 'y', true))
  stroke(plot, { colour: colours.threshold, dash: [5, 4], from: [left, y], to: [left + width, y] })
}

/** Upright lines, each with its word where there is room. */
function drawEvents(plot: uPlot, { colours, events }: Settings): void {
  const { left, top, width, height } = plot.bbox
  const pixels = devicePixelRatio
  const { ctx } = plot
  let taken = left
  for (const { at, lane, word } of [...events()].sort((a, b) => a.at - b.at)) {
    const x = Math.round(plot.valToPos(at / 1000, 'x', true))
    if (x < left || x > left + width) continue
    const dash = lane === 'alerts' ? [] : [2, 3]
    stroke(plot, { colour: colours.threshold, dash, from: [x, top], to: [x, top + height] })
    ctx.save()
    ctx.font = colours.font.replace('11px', `${11 * pixels}px`)
    ctx.fillStyle = colours.text
    ctx.textAlign = 'right'
    const textWidth = ctx.measureText(word).width
    if (x - textWidth - 8 * pixels > taken) ctx.fillText(word, x - 4 * pixels, top + 9 * pixels)
    ctx.restore()
    taken = x
  }
}

type Line = { colour: string; dash: number[]; from: [number, number]; to: [number, number] }

function stroke({ ctx }: uPlot, { colour, dash, from, to }: Line): void {
  ctx.save()
  ctx.strokeStyle = colour
  ctx.lineWidth = 1.25 * devicePixelRatio
  ctx.setLineDash(dash.map(length => length * devicePixelRatio))
  ctx.beginPath()
  ctx.moveTo(...from)
  ctx.lineTo(...to)
  ctx.stroke()
  ctx.restore()
}
