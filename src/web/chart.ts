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
  surface: string
  font: string
}

type ChartSettings = {
  width: number
  height: number
  colours: Colours
  /** IANA name. */
  zone: string
  eventTime: () => number | null
  /** Start of the event hour under the pointer. */
  onHover: (at: number | null) => void
}

const hourMs = 3_600_000

/** Flights of hours younger than this are still in the air: their outcome is of those that were quick. */
const landingMs = 6 * hourMs

/**
 * Columns: hour, flights, predicted, cancelled, landed late, and late among those landed so far of an hour still
 * landing. Hours without flights are gaps, not zeros.
 */
export function chartData(points: readonly RiskPoint[], eventTime: number | null): uPlot.AlignedData {
  const hours = everyHour(points)
  const settledUntil = (eventTime ?? Number.POSITIVE_INFINITY) - landingMs
  const isSettled = hours.map(point => point.at < settledUntil)
  return [
    hours.map(point => point.at / 1000),
    hours.map(point => (point.flights === 0 ? null : point.flights)),
    hours.map(point => point.meanProbability),
    hours.map(point => (point.flights === 0 ? null : point.cancelledShare)),
    hours.map((point, index) => (isSettled[index] ? point.lateShare : null)),
    // From the last settled point on, so that the two lines meet.
    hours.map((point, index) => (isSettled[index] && isSettled[index + 1] !== false ? null : point.lateShare)),
  ]
}

/** Hours in which nothing left are missing in what comes; a line must not bridge them. */
function everyHour(points: readonly RiskPoint[]): RiskPoint[] {
  const out: RiskPoint[] = []
  for (const point of points) {
    for (let at = (out.at(-1)?.at ?? point.at) + hourMs; at < point.at; at += hourMs) {
      out.push({ at, flights: 0, meanProbability: null, lateShare: null, cancelledShare: null })
    }
    out.push(point)
  }
  return out
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
        size: 26,
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
      setCursor: [plot => onHover(hourUnder(plot))],
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
    {
      scale: 'share',
      stroke: colours.late,
      width: 1,
      dash: [3, 3],
      points: { show: true, size: 6, fill: colours.surface, stroke: colours.late, width: 1 },
    },
  ]
}

/** The day at midnight, the hour otherwise. */
function hourLabel(at: number, zone: string): string {
  const { weekday, day, time } = instantParts(at, zone)
  return time === '00:00' ? `${weekday} ${day}` : time
}

function hourUnder({ cursor, data }: uPlot): number | null {
  const seconds = typeof cursor.idx === 'number' ? data[0][cursor.idx] : undefined
  return seconds === undefined ? null : seconds * 1000
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
