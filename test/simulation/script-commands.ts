// What is asked of the registry: the models that a script starts with, and what operators, trainers and judges order while
// its steps go on. Some of it cannot be had: another champion is expected, a version is unknown, an id comes twice.

import { hash as digestOf } from 'node:crypto'
import { hash32 } from '../../src/lib/random.ts'
import { hours, minutes } from '../../src/lib/time.ts'
import type { CommandedBy, CommandVerb, ModelCommand } from '../../src/records.ts'
import { artefactAddress } from '../../src/runtime/artefacts.ts'
import type { Dice } from './dice.ts'

export const versions = ['m0', 'm1', 'm2', 'm3'] as const

export function artefactOf(version: string): { hash: string; bytes: Uint8Array } {
  const bytes = Buffer.from(`model ${version}`)
  return { hash: digestOf('sha256', bytes, 'hex'), bytes }
}

export type Command = { id: string; verb: CommandVerb; version: string; hour: number } & Partial<ModelCommand>

export function commandOf({ version, verb, ...rest }: Command): ModelCommand {
  const { hash } = artefactOf(version)
  const artefact = artefactAddress(hash)
  const origin = { trainedFrom: null, trainedTo: null, rows: 0, why: 'made up', parent: null }
  const card = { artefact, hash, featureSet: '', ...origin, parameters: '{}', metrics: '{}' }
  return {
    version,
    verb,
    by: 'OPERATOR',
    compare: false,
    expectedChampion: null,
    effectiveFrom: null,
    reason: 'asked',
    evidence: null,
    card: verb === 'REGISTER' ? card : null,
    correction: verb === 'RECALIBRATE' ? correctionOf(rest.id) : [],
    ...rest,
  }
}

type Steps = { startAt: number; stepMs: number; stepCount: number }

export function commandsOf(dice: Dice, { startAt, stepMs, stepCount }: Steps) {
  const hour = startAt - hours(24)
  const opening: ModelCommand[] = []
  if (dice.chance(0.7)) {
    opening.push(commandOf({ id: 'register m0', verb: 'REGISTER', version: 'm0', hour }))
    opening.push(commandOf({ id: 'start with m0', verb: 'PROMOTE', version: 'm0', hour }))
  }
  const orders: { command: ModelCommand; stepEndsAt: number; afterMark: number }[] = []
  for (let step = 0; step < stepCount; step++) {
    const from = startAt + step * stepMs
    const order = (command: Command) =>
      orders.push({
        command: commandOf(command),
        stepEndsAt: from + stepMs,
        afterMark: from + minutes(10 * dice.below(stepMs / minutes(10))),
      })
    const many = dice.pick([0, 1, 1, 3])
    for (let n = 0; n < many; n++) orderOne(order, dice, { step, n, from, stepMs })
    orders.push(recalibrationIn(from, stepMs))
  }
  return { opening, orders }
}

type At = { step: number; n: number; from: number; stepMs: number }

function orderOne(order: (command: Command) => void, dice: Dice, { step, n, from, stepMs }: At): void {
  const version = dice.pick(versions)
  const hour = from + hours(dice.between(1, stepMs / hours(1)))
  const by = dice.pick<CommandedBy>(['JUDGE', 'TRAINER', 'OPERATOR'])
  const id = `${step}.${n}`
  const compare = dice.chance(0.3)
  const expectedChampion = dice.pick([null, ...versions])
  const verb = dice.pick<CommandVerb>(['REGISTER', 'PROMOTE', 'PROMOTE', 'REJECT', 'ROLL_BACK'])
  if (verb === 'PROMOTE' || verb === 'REJECT')
    order({ id: `${id} register`, verb: 'REGISTER', version, hour: hour - 1, by: 'JUDGE' })
  // an instant of the operator's own may lie in the past
  const effectiveFrom = dice.pick([null, null, null, from - hours(5), from + hours(30)])
  const command = { id, verb, version, hour, by, compare, expectedChampion, effectiveFrom }
  order(command)
  if (dice.chance(0.1)) order(command)
}

/** Of a version that may be the champion, some time in a step. */
function recalibrationIn(from: number, stepMs: number) {
  const id = `recalibrate ${from}`
  const drawn = (many: number, seed: number) => hash32(id, seed) % many
  const version = versions[drawn(2, 4)] as string
  const hour = from + hours(1 + drawn(stepMs / hours(1), 5))
  const afterMark = from + minutes(10 * drawn(stepMs / minutes(10), 6))
  return { command: commandOf({ id, verb: 'RECALIBRATE', version, hour }), stepEndsAt: from + stepMs, afterMark }
}

/** Up to 0.6 nats either way, at each knot. */
function correctionOf(id: string): number[] {
  return [1, 2, 3].map(seed => (hash32(id, seed) % 12_001) - 6000)
}
