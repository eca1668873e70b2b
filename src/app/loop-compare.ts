// Two versions side by side: what their cards say, what they said of the same stretch of the stream, and the tests of one
// against the other.

import type { MetricPair, ModelComparison, ModelInfo } from '../server/loop.ts'
import type { LoopBook } from './loop-book.ts'

export function comparisonOf(
  versions: [ModelInfo, ModelInfo],
  book: Pick<LoopBook, 'weeks' | 'shadowTests'>,
): ModelComparison {
  const names = versions.map(({ version }) => version)
  const cards = versions.map(({ card }) => figuresIn(card.metrics)) as [Map<string, number>, Map<string, number>]
  return {
    versions,
    card: pairsOf(cards),
    stream: streamOf(versions, book),
    shadowTests: book.shadowTests.filter(
      ({ champion, challenger }) => champion !== challenger && names.includes(champion) && names.includes(challenger),
    ),
  }
}

function streamOf(
  [first, second]: [ModelInfo, ModelInfo],
  { weeks }: Pick<LoopBook, 'weeks'>,
): ModelComparison['stream'] {
  for (const { from, to, performance } of weeks.toReversed()) {
    const sides = [first, second].map(({ version }) => {
      const own = performance.filter(({ model, value }) => model === version && value !== null)
      return new Map(own.map(({ name, value }) => [name, value as number]))
    }) as [Map<string, number>, Map<string, number>]
    // counts of the champion's decisions are nobody else's
    const figures = pairsOf(sides).filter(({ difference }) => difference !== null)
    if (figures.length === 0) continue
    // who was not in force all the while has fewer
    const flightsOf = ({ version }: ModelInfo) => {
      const said = performance.find(({ model, name }) => model === version && name === figures[0]?.name)
      return new Map([['flights', said?.count ?? 0]])
    }
    return { from, to, figures: [...figures, ...pairsOf([flightsOf(first), flightsOf(second)])] }
  }
  return null
}

/** By name, as far as either side has it. */
function pairsOf([first, second]: [ReadonlyMap<string, number>, ReadonlyMap<string, number>]): MetricPair[] {
  return [...new Set([...first.keys(), ...second.keys()])].map(name => {
    const [a, b] = [first.get(name) ?? null, second.get(name) ?? null]
    return { name, values: [a, b], difference: a === null || b === null ? null : b - a }
  })
}

/** The numbers in a card's metrics by their path; those on held-out rows by their own name, intervals left out. */
function figuresIn(metrics: unknown, path = ''): Map<string, number> {
  const found = new Map<string, number>()
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) return found
  for (const [key, value] of Object.entries(metrics)) {
    const name = path === '' || path === 'heldOut' ? key : `${path}.${key}`
    if (typeof value === 'number') found.set(name, value)
    else for (const [inner, figure] of figuresIn(value, name)) found.set(inner, figure)
  }
  return found
}
