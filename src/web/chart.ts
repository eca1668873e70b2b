// The risk chart for uPlot: its data, axes and series. Shares on the left axis, flights as faint bars behind.

import uPlot from 'uplot'
import { instantParts } from './format.ts'
import type { RiskPoint } from './wire.ts'

export type Colours = {
  predicted: string
  predictedFill: string
  late: string
  cancelled: string
  flights: string
  grid: string
  text: string
  now: string
  font: string
}

type ChartSettings = {
  width: number
  height: number
  colours: Colours
  /** IANA name. */
  zone: string
  eventTime: () => number | null
  onHover: (index: number | null) => void
}

/** Hours without flights are gaps, not zeros. */
export function chartData(points: readonly RiskPoint[]): uPlot.AlignedData {
  return [
    points.map(point => point.at / 1000),
    points.map(point => (point.flights === 0 ? null : point.flights)),
    points.map(point => point.meanProbability),
    points.map(point => point.cancelledShare),
    points.map(point => point.lateShare),
  ]
}

export function chartOptions(settings: ChartSettings): uPlot.Options {
  const { width, height, colours, onHover } = settings
  const axis = { stroke: colours.text, font: colours.font, ticks: { show: false } }
  return {
    width,
    height,
    legend: { show: false },
    padding: [10, 8, 0, 0],
    cursor: { y: false, points: { size: 7 } },
    scales: {
      x: { time: true },
      share: { range: (_plot, _min, max) => [0, Math.min(1, Math.max(0.5, (max ?? 0) * 1.08))] },
      // Twice as high as the highest bar, so that bars stay below the lines.
      flights: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * 2.2)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 90,
        incrs: [3, 6, 12, 24].map(hours => hours * 3600),
        values: (_plot, splits) => splits.map(split => hourLabel(split * 1000, settings.zone)),
      },
      {
        ...axis,
        scale: 'share',
        size: 44,
        space: 34,
        grid: { stroke: colours.grid, width: 1 },
        values: (_plot, splits) => splits.map(split => `${Math.round(split * 100)} %`),
      },
    ],
    series: seriesOf(colours),
    hooks: {
      setCursor: [plot => onHover(plot.cursor.idx ?? null)],
      drawAxes: [plot => drawNow(plot, settings)],
    },
  }
}

function seriesOf(colours: Colours): uPlot.Series[] {
  const { bars } = uPlot.paths
  return [
    {},
    {
      scale: 'flights',
      fill: colours.flights,
      width: 0,
      points: { show: false },
      ...(bars ? { paths: bars({ size: [0.8, 24], align: 1 }) } : {}),
    },
    {
      scale: 'share',
      stroke: colours.predicted,
      fill: colours.predictedFill,
      width: 2.5,
      points: { show: false },
    },
    { scale: 'share', stroke: colours.cancelled, width: 1.75, dash: [2, 4], points: { show: false } },
    {
      scale: 'share',
      stroke: colours.late,
      width: 1.25,
      points: { show: true, size: 5.5, fill: colours.late, stroke: colours.late },
    },
  ]
}

/** The day at midnight, the hour otherwise. */
function hourLabel(at: number, zone: string): string {
  const { weekday, day, time } = instantParts(at, zone)
  return time === '00:00' ? `${weekday} ${day}` : time
}

/** A line at the event time: what lies to its right has not left yet. */
function drawNow(plot: uPlot, { colours, eventTime }: ChartSettings): void {
  const at = eventTime()
  if (at === null) return
  const x = Math.round(plot.valToPos(at / 1000, 'x', true))
  const { left, top, width, height } = plot.bbox
  if (x < left || x > left + width) return
  const { ctx } = plot
  ctx.save()
  ctx.strokeStyle = colours.now
  ctx.lineWidth = devicePixelRatio
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio])
  ctx.beginPath()
  ctx.moveTo(x, top)
  ctx.lineTo(x, top + height)
  ctx.stroke()
  ctx.restore()
}
