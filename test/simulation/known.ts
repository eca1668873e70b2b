// Only what was known: an event that is changed, dropped or doubled changes nothing that was due before it entered.

import type { Prediction, PredictionSkipped } from '../../src/records.ts'
import { shown } from './checks.ts'
import type { Dice } from './dice.ts'
import { changed, type Script } from './script.ts'
import type { Played } from './world.ts'

/** A script that differs from another in one event, and the instant at which that event enters at the earliest. */
export type Variation = { script: Script; entersAt: number; what: string }

/** Chooses an event that enters soon after a prediction was due, where a leak shows. */
export function vary(script: Script, dice: Dice, calm: Played): Variation | null {
  const dues = (calm.topics.get('flights.predictions') ?? []).flat().map(({ value }) => (value as Prediction).dueAt)
  let best: { index: number; entersAt: number; after: number } | undefined
  for (let tries = 0; tries < 25; tries++) {
    const index = dice.below(script.items.length)
    const item = script.items[index]
    if (!item || item.name === null || item.name === 'AircraftAssigned') continue
    const { at } = item.value as { at: number }
    const entersAt = Math.max(at, watermarkAt(script, item.deliveredAt))
    const after = entersAt - Math.max(...dues.filter(due => due < entersAt))
    if (!best || after < best.after) best = { index, entersAt, after }
  }
  return best ? variationOf(script, dice, best) : null
}

function variationOf(script: Script, dice: Dice, { index, entersAt }: { index: number; entersAt: number }): Variation {
  const item = script.items[index] as Script['items'][number]
  const other = { ...item, value: { ...changed(dice, item.value), revision: dice.between(1, 4) } }
  const [what, instead] = dice.pick([
    ['dropped', []],
    ['changed', [other]],
    ['contradicted', [item, other]],
    ['doubled', [item, item]],
  ] as const)
  const items = [...script.items.slice(0, index), ...instead, ...script.items.slice(index + 1)]
  return { script: { ...script, items }, entersAt, what: `${what}: ${item.name} ${item.key}` }
}

/** The watermark when an item is read that was delivered at an instant. */
function watermarkAt({ marks, latenessMs }: Script, deliveredAt: number): number {
  const every = 600_000
  if (!marks) return Math.floor(deliveredAt / every) * every - latenessMs
  return Math.max(...marks.filter(mark => mark.deliveredAt <= deliveredAt).map(mark => mark.at)) - latenessMs
}

/** What had been said before an instant and cannot depend on what enters then. */
export function saidBefore(played: Played, at: number): Set<string> {
  const answers = (played.topics.get('flights.predictions') ?? []).flat()
  const early = answers.filter(({ value }) => {
    const { dueAt, reason } = value as Prediction & PredictionSkipped
    return dueAt < at && reason !== 'KNOWN_AFTER' && reason !== 'SETTLED'
  })
  return new Set(early.map(shown))
}

export function knewBetter(played: Played, other: Played, { entersAt, what }: Variation): string[] {
  const [before, after] = [saidBefore(played, entersAt), saidBefore(other, entersAt)]
  const first = [...before].find(said => !after.has(said)) ?? [...after].find(said => !before.has(said))
  return first === undefined ? [] : [`${what}, entering at ${new Date(entersAt).toISOString()}, changed ${first}`]
}
