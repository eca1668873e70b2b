// register: the only writer of models.registry. Commands are asked by jobs, the judge, the API and the command line;
// what they change is decided here, one after the other, and every decision is a record with its evidence.
//
// In a replay (a StepEnded has been seen) commands are held until the publisher's next StepEnded and then applied in the
// order (judge, trainer, operator; hour; id), so that it does not matter in which order they arrived. Live there are no
// steps: they are applied as they come. A repeated id changes nothing. Compare and set: a command that expects another
// champion than there is, is refused and says so. A recalibration is of the champion alone; the next one begins without.
// What a decision says holds with all decisions before it, so none takes
// effect before one that was made earlier.

import { isCorrection } from '../drift/recalibration.ts'
import { ceilTo } from '../lib/time.ts'
import type { CommandedBy, ModelCommand, ModelDecision, ModelRef } from '../records.ts'
import type { Behaviour, Input, Output, Stage, StageIo } from '../runtime/stage.ts'
import type { Table } from '../runtime/table.ts'
import type { StageSettings } from './settings.ts'

type Registry = {
  steps: boolean
  champion: string | null
  challengers: string[]
  previous: string[]
  /** Of the champion's probabilities; empty: none. */
  correction: number[]
  ready: ModelCommand[]
  /** Of the last decision that was accepted. */
  effectiveFrom: number | null
}
type Version = { hash: string }
type Verdict = { accepted: boolean; because: string }

const order: readonly CommandedBy[] = ['JUDGE', 'TRAINER', 'OPERATOR']

export const register: Stage<StageSettings> = {
  name: 'register',
  layout: 2,
  open: (io, settings) => new Register(io, settings),
}

class Register implements Behaviour {
  readonly #settings: StageSettings
  readonly #commands: Input
  readonly #registry: Output
  readonly #held: Table<ModelCommand>
  readonly #done: Table<1>
  readonly #versions: Table<Version>
  readonly #table: Table<Registry>
  readonly #r: Registry

  constructor(io: StageIo, settings: StageSettings) {
    this.#settings = settings
    this.#commands = io.input('models.commands')
    this.#registry = io.output('models.registry')
    this.#held = io.table<ModelCommand>('held')
    this.#done = io.table<1>('done')
    this.#versions = io.table<Version>('versions')
    this.#table = io.table<Registry>('registry')
    this.#r = this.#table.get('') ?? startRegistry()
  }

  step(): boolean {
    const next = this.#r.ready.shift()
    if (next) this.#apply(next)
    else if (!this.#read()) return false
    this.#table.set('', this.#r)
    return true
  }

  balance(): Record<string, number> {
    return { versions: this.#versions.size, decisions: this.#done.size, held: this.#held.size }
  }

  #read(): boolean {
    const record = this.#commands.peek()
    if (!record) return false
    this.#commands.take()
    if (record.name === 'StepEnded') this.#endStep()
    else if (this.#r.steps) this.#hold(record.value as ModelCommand)
    else this.#r.ready.push(record.value as ModelCommand)
    return true
  }

  #hold(command: ModelCommand): void {
    if (!this.#held.has(command.id)) this.#held.set(command.id, command)
  }

  #endStep(): void {
    const held = [...this.#held.entries()].map(([, command]) => command)
    for (const { id } of held) this.#held.delete(id)
    this.#r.steps = true
    this.#r.ready.push(...held.sort(byRule))
  }

  #apply(command: ModelCommand): void {
    if (this.#done.has(command.id)) return
    this.#done.set(command.id, 1)
    const verdict = this.#judge(command)
    const effectiveFrom = this.#effectiveFrom(command)
    if (verdict.accepted) this.#change(command, effectiveFrom)
    const { id, hour, by, verb, version, evidence } = command
    const decision: ModelDecision = {
      id,
      at: hour,
      by,
      verb,
      version,
      ...verdict,
      evidence,
      effectiveFrom,
      champion: this.#refOf(this.#r.champion, this.#r.correction),
      challengers: this.#r.challengers.map(challenger => this.#refOf(challenger, []) as ModelRef),
    }
    this.#registry.emit('ModelDecision', `decision/${id}`, decision)
    if (!verdict.accepted) return
    const champion = this.#refOf(this.#r.champion, this.#r.correction)
    const alias = { alias: 'champion', version: champion?.version ?? null, hash: champion?.hash ?? null }
    this.#registry.emit('ModelAlias', 'alias/champion', { ...alias, effectiveFrom })
  }

  #judge({ verb, version, card, compare, expectedChampion, reason, correction }: ModelCommand): Verdict {
    const { champion, challengers } = this.#r
    const refused = (because: string) => ({ accepted: false, because })
    if (compare && expectedChampion !== champion) {
      return refused(`the champion is ${champion ?? 'nobody'}, not ${expectedChampion ?? 'nobody'}`)
    }
    // a training that found too little says so on record, and changes nothing
    if (verb === 'DECLINE') return refused(reason)
    const known = this.#versions.get(version)
    if (verb === 'REGISTER') {
      if (!card) return refused('a model that cannot say where it came from is not registered')
      if (known && known.hash !== card.hash) return refused(`version ${version} exists with other content`)
      return { accepted: true, because: reason }
    }
    if (!known) return refused(`no version ${version} is registered`)
    if (verb === 'RECALIBRATE') {
      if (version !== champion) return refused(`${version} is not the champion`)
      if (!isCorrection(correction)) return refused('a recalibration says by how much at each knot')
      return { accepted: true, because: reason }
    }
    if (verb === 'PROMOTE' && version === champion) return refused(`${version} is the champion already`)
    if (verb === 'REJECT' && !challengers.includes(version)) return refused(`${version} is not a challenger`)
    if (verb === 'ROLL_BACK' && !this.#r.previous.includes(version)) return refused(`${version} was never the champion`)
    return { accepted: true, because: reason }
  }

  #change({ verb, version, card, correction }: ModelCommand, effectiveFrom: number): void {
    const r = this.#r
    r.effectiveFrom = effectiveFrom
    if (verb === 'REGISTER' && card) {
      this.#versions.set(version, { hash: card.hash })
      this.#registry.emit('ModelVersion', `version/${version}`, { version, card })
      if (r.champion !== version && !r.challengers.includes(version) && r.champion !== null) r.challengers.push(version)
      return
    }
    if (verb === 'RECALIBRATE') {
      r.correction = correction
      return
    }
    r.challengers = r.challengers.filter(challenger => challenger !== version)
    if (verb === 'REJECT') return
    if (r.champion !== null) r.previous.push(r.champion)
    r.champion = version
    r.correction = []
  }

  /** An operator may name the instant; whatever is decided otherwise waits for the end of its step. */
  #effectiveFrom({ effectiveFrom, hour }: ModelCommand): number {
    const { latenessMs, stepMs } = this.#settings
    return Math.max(
      effectiveFrom ?? ceilTo(hour + latenessMs, stepMs),
      this.#r.effectiveFrom ?? Number.NEGATIVE_INFINITY,
    )
  }

  #refOf(version: string | null, correction: number[]): ModelRef | null {
    if (version === null) return null
    return { version, hash: this.#versions.get(version)?.hash ?? '', correction }
  }
}

function byRule(a: ModelCommand, b: ModelCommand): number {
  const rank = order.indexOf(a.by) - order.indexOf(b.by)
  if (rank !== 0) return rank
  if (a.hour !== b.hour) return a.hour - b.hour
  return a.id < b.id ? -1 : 1
}

function startRegistry(): Registry {
  return { steps: false, champion: null, challengers: [], previous: [], correction: [], ready: [], effectiveFrom: null }
}
