// The small script, once undisturbed and once for each point at which a call can go wrong.

import { breaches, differences } from './checks.ts'
import type { Fate, Point, Weather } from './gate.ts'
import type { Plant } from './seeds.ts'
import { smallScript } from './small-script.ts'
import { Broken, calmSizes, type Played, type PlayOptions, play } from './world.ts'

/** Small units, so that there are many, and snapshots so often that old ones go and changelogs are trimmed. */
const sizes = { ...calmSizes, unitSteps: 20, unitRecords: 40, fetchBytes: 1 << 16, snapshotBytes: 200 }
const base = { script: smallScript, partitions: 2, sizes } satisfies PlayOptions

export async function undisturbed(options: Partial<PlayOptions> = {}): Promise<Played> {
  return await play({ ...base, ...options })
}

/** The point's number in `points` of a run, from 1, and what it is. */
export function pointsOf({ points }: Played): Point[] {
  return points.map((point, index) => {
    const [when, ...call] = point.split(' ')
    return { n: index + 1, when: when as Point['when'], call: call.join(' ') }
  })
}

type Disturbance = { at: Point; fate: Fate; waitAt?: Weather['waitAt'] } & Partial<PlayOptions>

/** @returns how the output differs from that of the undisturbed run when this call goes wrong; empty when it does not */
export async function disturbed(
  calm: Played,
  { at, fate, waitAt = () => 0, ...options }: Disturbance,
): Promise<string[]> {
  const weather = { waitAt, fateAt: ({ n }: Point): Fate => (n === at.n ? fate : 'go') }
  const run = { ...base, ...options, weather, pointsMax: 20_000 }
  const where = `${fate} at ${at.n}, ${at.when} ${at.call}`
  try {
    const { digests, lives } = await play({ ...run, digestsOnly: true })
    const isEqual = Object.keys(digests).every(topic => digests[topic] === calm.digests[topic])
    if (fate === 'die' && lives !== 2) return [`${where}: nobody died`]
    return isEqual ? [] : differences(calm, await play(run)).map(difference => `${where}: ${difference}`)
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    return [`${where}: ${error.message}`]
  }
}

/** Searches every `step`-th crash point; stops at the first finding. */
export async function crashFindings(plant: Plant, step: number): Promise<string[]> {
  const calm = await undisturbed(plant)
  const found = breaches(calm, smallScript)
  for (const at of pointsOf(calm)) {
    if (found.length > 0) break
    if (at.n % step === 0) found.push(...(await disturbed(calm, { at, fate: 'die', ...plant })))
  }
  return found
}
