// The page's time axis: the share of drifted columns, and below it what happened, in three lanes (alerts as stretches,
// trainings and models as marks). Pure geometry; parts draw it.

import { alertName, isOpen, type Lane, type LoopEvent } from '../loop.ts'
import type { Alert, DriftHistory } from '../wire.ts'

const dayMs = 86_400_000

export type Axis = { from: number; to: number; width: number }

/** Pixels from the left. */
export const xOf = (at: number, { from, to, width }: Axis): number => ((at - from) / Math.max(1, to - from)) * width

export const lanesInOrder: readonly Lane[] = ['alerts', 'trainings', 'models']

/** From the first window that is known to `to`, but a day at least. */
export function axisOf({ first, to, width }: { first: number; to: number; width: number }): Axis {
  return { from: Math.min(first, to - dayMs), to, width }
}

export type Stretch = {
  alert: Alert
  left: number
  right: number
  row: number
  /** Where its name has room; null: nowhere. */
  nameAt: 'inside' | 'before' | null
}

const letterWidth = 6.2
const markWidth = 14

export const textWidth = (text: string): number => text.length * letterWidth

export const stretchName = (alert: Alert): string => `${alertName(alert)}${isOpen(alert) ? ', open' : ''}`

/** Alerts as stretches, cut to the axis; those that overlap lie in rows below each other. */
export function stretchesOf(alerts: readonly Alert[], axis: Axis): Stretch[] {
  const rowEnds: number[] = []
  return [...alerts]
    .sort((a, b) => a.at - b.at)
    .flatMap((alert): Stretch[] => {
      const end = alert.resolvedAt ?? axis.to
      if (end < axis.from || alert.at > axis.to) return []
      const left = Math.max(0, xOf(alert.at, axis))
      const right = Math.max(left + 4, Math.min(axis.width, xOf(end, axis)))
      const free = rowEnds.findIndex(rowEnd => rowEnd <= left)
      const row = free === -1 ? rowEnds.length : free
      const named = textWidth(stretchName(alert)) + markWidth
      const nameAt = named <= right - left ? 'inside' : named <= left - (rowEnds[row] ?? 0) ? 'before' : null
      rowEnds[row] = right
      return [{ alert, left, right, row, nameAt }]
    })
}

/** Text beside a mark, and on which side of it; '' where there is no room on either. */
export type Label = { text: string; side: 'left' | 'right' }

export type Flag = { event: LoopEvent; x: number; label: Label }

/** Marks of one lane from left to right; a label is shortened, or left out, where its neighbours are too near. */
export function flagsOf(events: readonly LoopEvent[], lane: Lane, axis: Axis): Flag[] {
  const shown = events
    .filter(event => event.lane === lane && event.at >= axis.from && event.at <= axis.to)
    .sort((a, b) => a.at - b.at)
  let taken = 0
  return shown.map((event, place) => {
    const x = xOf(event.at, axis)
    const next = shown[place + 1]
    const rooms = {
      right: (next === undefined ? axis.width : xOf(next.at, axis)) - x - markWidth,
      left: x - taken - markWidth,
    }
    const label = labelOf([`${event.word} ${event.subject}`, event.word], rooms)
    taken = x + markWidth / 2 + (label.side === 'right' ? textWidth(label.text) : 0)
    return { event, x, label }
  })
}

/** The first of the texts that fits, at the right if it can be. */
export function labelOf(texts: readonly string[], rooms: Record<Label['side'], number>): Label {
  for (const text of texts) {
    for (const side of ['right', 'left'] as const) if (textWidth(text) <= rooms[side]) return { text, side }
  }
  return { text: '', side: 'right' }
}

export type Tick = { at: number; x: number }

/** Midnights in UTC: as many as leave each 70 pixels, at steps of 1, 2, 7, 14, 28 or 56 days. */
export function ticksOf(axis: Axis): Tick[] {
  const daysShown = (axis.to - axis.from) / dayMs
  const most = axis.width / 70
  const step = [1, 2, 7, 14, 28].find(days => daysShown / days <= most) ?? 56
  const ticks: Tick[] = []
  for (let at = Math.ceil(axis.from / dayMs) * dayMs; at <= axis.to; at += step * dayMs)
    ticks.push({ at, x: xOf(at, axis) })
  return ticks
}

/** A share of the columns by end of the window. */
export type Shares = Pick<DriftHistory, 'to'> & { share: readonly (number | null)[] }

/** The highest of each pixel of the axis, so that a year of hours is some hundred points and no peak is lost. */
export function sharePath({ to, share: shares }: Shares, axis: Axis, height: number): string {
  const highest = new Map<number, number>()
  for (const [place, at] of to.entries()) {
    const share = shares[place]
    if (share === null || share === undefined || at < axis.from || at > axis.to) continue
    const x = Math.round(xOf(at, axis))
    highest.set(x, Math.max(share, highest.get(x) ?? 0))
  }
  const points = [...highest].sort(([a], [b]) => a - b)
  return points
    .map(([x, share], at) => `${at === 0 ? 'M' : 'L'}${x} ${Math.round((1 - share) * height * 10) / 10}`)
    .join('')
}
