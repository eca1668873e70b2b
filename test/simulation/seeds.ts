// One seed: a random script, played in calm and in foul weather, on another number of partitions, and with an event
// changed; every claim is checked. Without a planted bug nothing may be found.

import { breaches, differences, whateverPartitions } from './checks.ts'
import { Dice } from './dice.ts'
import { knewBetter, vary } from './known.ts'
import { makeScript, type Script } from './script.ts'
import { foul } from './weather.ts'
import { Broken, type Played, type PlayOptions, play } from './world.ts'

/** What a test plants. */
export type Plant = Pick<PlayOptions, 'pipeline' | 'onLog'>

const partitionCounts = [1, 2, 3, 5]

/** @returns what was found, in words; empty when all is well */
export async function findings(seed: number, plant: Plant = {}, cover = new Map<string, number>()): Promise<string[]> {
  try {
    return await search(seed, plant, cover)
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    return [error.message]
  }
}

async function search(seed: number, plant: Plant, cover: Map<string, number>): Promise<string[]> {
  const dice = new Dice(seed)
  const made = makeScript(seed)
  // which partition is the wrong one depends on how many there are
  const isPure = dice.chance(0.5)
  const script = isPure ? { ...made, items: made.items.filter(item => !item.misplaced) } : made
  const partitions = partitionCounts[seed % 4] as number
  const calm = await play({ script, partitions, ...plant })
  count(calm, cover)
  const found = breaches(calm, script)
  found.push(...(await foulFindings(calm, { script, partitions, ...plant }, { seed, cover })))
  if (isPure) {
    const other = dice.pick(partitionCounts.filter(each => each !== partitions))
    found.push(...partitionFindings(calm, await play({ script, partitions: other, ...plant }), other))
  }
  const varied = vary(script, dice, calm)
  if (varied) found.push(...knewBetter(calm, await play({ ...plant, script: varied.script, partitions }), varied))
  return found
}

type Base = { script: Script; partitions: number } & Plant

async function foulFindings(
  calm: Played,
  base: Base,
  { seed, cover }: { seed: number; cover: Map<string, number> },
): Promise<string[]> {
  const { lives, digests } = await play({ ...base, ...foul(seed), digestsOnly: true })
  cover.set('lives', (cover.get('lives') ?? 0) + lives)
  if (Object.keys(digests).every(topic => digests[topic] === calm.digests[topic])) return []
  // once more, to say where
  return differences(calm, await play({ ...base, ...foul(seed) }))
}

function partitionFindings(calm: Played, other: Played, count: number): string[] {
  const [one, another] = [whateverPartitions(calm), whateverPartitions(other)]
  return Object.keys(one).flatMap(what => {
    const [left, right] = [one[what] ?? [], another[what] ?? []]
    const at = left.findIndex((text, index) => text !== right[index])
    if (at < 0 && left.length === right.length) return []
    return [`${what} differ on ${count} partitions: ${left[at]?.slice(0, 200)}, and ${right[at]?.slice(0, 200)}`]
  })
}

/** What the scripts have brought about, so that a test can say what they reach. */
function count({ topics }: Played, cover: Map<string, number>): void {
  const fields = {
    'flights.rejected': 'reason',
    'flights.predictions': 'reason',
    'flights.outcomes': 'kind',
    'drift.metrics': 'kind',
    'retrain.requests': 'by',
  }
  const add = (what: string) => cover.set(what, (cover.get(what) ?? 0) + 1)
  for (const [topic, field] of Object.entries(fields)) {
    for (const { name, value } of topics.get(topic)?.flat() ?? []) {
      const found = (value as Record<string, unknown>)[field]
      add(typeof found === 'string' ? `${name} ${found}` : name)
    }
  }
  for (const { name, value } of topics.get('models.registry')?.flat() ?? []) {
    const { verb, accepted } = value as { verb?: string; accepted?: boolean }
    if (name === 'ModelDecision') add(`${verb} ${accepted ? 'accepted' : 'refused'}`)
  }
}
