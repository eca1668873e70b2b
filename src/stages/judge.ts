// judge: adds the partials of all partitions hour by hour, says how the trailing day (each hour) and the trailing 7 days
// (each UTC day) compare with what the model in force was trained on, opens and resolves alerts, asks for a training, and
// decides between champion and challengers.
//
// It reads drift.partials alone. What it decides follows from counts of rows, each of which names its models: what the
// registry holds by now would be a race. A request counts as open until its own effectiveFrom and a day and a horizon
// more, in which its model's first rows come back; then a challenger that is undecided keeps the turn. So one turn of the
// loop runs at a time: ask, train, shadow, decide.
//
// At the end of each UTC day it says, horizon by horizon, which ends of a flight a probability leaves open
// (prediction-set.ts), by the rows of the last 7 days.
//
// Then it also corrects the champion's probabilities by what the day has got wrong (recalibration.ts), with a command that
// names the champion it is meant for. While a promotion is under way there is none, and the next champion begins without.
//
// Rows of a challenger come for two days after the decision on it has taken effect. One that is still there then, because
// the registry refused the decision or somebody has registered it again, is tested anew.

import { type PairedDay, rowsMin as pairedRowsMin, pairedTest } from '../drift/paired-test.ts'
import { type HorizonSets, nextSets, type SetScores } from '../drift/prediction-set.ts'
import { daySumsOf, isSame, nextRecalibration, noCorrection, type Recalibration } from '../drift/recalibration.ts'
import {
  type ListedWindow,
  type Scores,
  type WindowContent,
  WindowSums,
  windowIn,
  windowOfLists,
} from '../drift/window.ts'
import { assert } from '../lib/assert.ts'
import { ceilTo, days, minutes } from '../lib/time.ts'
import type { DriftMetrics, DriftPartial, ModelCommand, RequestedBy } from '../records.ts'
import type { Artefacts, Behaviour, Input, Output, Stage, StageIo } from '../runtime/stage.ts'
import type { Table } from '../runtime/table.ts'
import { type AlarmState, Alarms, noAlarms } from './alarms.ts'
import { columnKinds } from './monitor.ts'
import type { ReadyModel } from './scoring.ts'
import type { StageSettings } from './settings.ts'
import { type InForce, windowMetrics } from './window-metrics.ts'

type Shadow = {
  champion: string
  /** That count. */
  days: PairedDay[]
  /** Days passed, with those that do not count. */
  seen: number
}
type Decided = {
  champion: string
  challenger: string
  verdict: 'PROMOTE' | 'REJECT'
  /** Until then its rows may still come. */
  until: number
}
type Judging = {
  /** Start of the first hour. */
  origin: number | null
  alarms: AlarmState
  /** Start of the day before which no other request is made. */
  busyTo: number
  /** Since when a model is in force, or when a training was last asked for. */
  askedAt: number | null
  /** By challenger. */
  shadows: Record<string, Shadow>
  decided: Decided[]
  /** What was last commanded: absent until a day with a model has ended. */
  recalibration?: Recalibration
  /** By horizon; empty until a day with a model has ended. */
  sets: Record<number, HorizonSets>
}

export const judge: Stage<StageSettings> = {
  name: 'judge',
  layout: 5,
  migrate: {
    4: (table, row) => (table === 'hours' || table === 'days' ? windowOfLists(row as ListedWindow) : row),
  },
  open: (io, settings) => new Judge(io, settings),
}

const trailingDays = 7
const noScores = { values: [], counts: [] }
const noRows: WindowContent = new WindowSums([]).content()

class Judge implements Behaviour {
  readonly #settings: StageSettings
  readonly #io: StageIo
  readonly #partials: readonly Input[]
  readonly #metrics: Output
  readonly #requests: Output
  readonly #commands: Output
  readonly #models: Artefacts<ReadyModel>
  /** The trailing 24 hours, by their end. */
  readonly #hours: Table<WindowContent>
  /** The last UTC days, by their end. */
  readonly #days: Table<WindowContent>
  readonly #table: Table<Judging>
  readonly #j: Judging
  readonly #alarms: Alarms
  readonly #day = new WindowSums(columnKinds)
  readonly #week = new WindowSums(columnKinds)
  /** The hour at hand. */
  readonly #hour = new WindowSums(columnKinds)
  #content: WindowContent = noRows
  /** End of the hour that the window has slid to. */
  #slidTo: number | null = null
  /** What was said of the trailing day, as long as no row has come or gone since. */
  #said: { readonly of: InForce | null; readonly day: DriftMetrics } | null = null

  constructor(io: StageIo, settings: StageSettings) {
    this.#settings = settings
    this.#io = io
    this.#partials = io.gather('drift.partials')
    this.#metrics = io.output('drift.metrics')
    this.#requests = io.output('retrain.requests')
    this.#commands = io.output('models.commands')
    this.#models = io.artefacts<ReadyModel>()
    this.#hours = io.table<WindowContent>('hours')
    this.#days = io.table<WindowContent>('days')
    this.#table = io.table('judging')
    this.#j = this.#table.get('') ?? startJudging()
    this.#alarms = new Alarms(this.#j.alarms, settings.loop)
    for (const [, hour] of this.#hours.entries()) this.#day.merge(hour)
    for (const [, day] of this.#days.entries()) this.#week.merge(day)
  }

  step(): boolean {
    const heads = this.#partials.map(input => input.peek())
    if (heads.some(head => head === null)) return false
    const parts = heads.map(head => head?.value as DriftPartial)
    const { from, to } = parts[0] as DriftPartial
    assert(
      parts.every(part => part.to === to),
      'partials of one hour arrive together',
    )
    this.#slide(parts)
    const inForce = this.#inForce()
    if (inForce === 'not here') return false
    for (const input of this.#partials) input.take()
    this.#j.origin ??= from
    this.#evaluate(from, to, inForce)
    if (to % days(1) === 0) this.#endDay(to, inForce)
    if (inForce) {
      this.#j.askedAt ??= to
      const cut = parts.map(({ reached }) => reached)
      this.#ask(to, inForce, cut)
    }
    this.#hours.delete(String(to - days(1)))
    this.#hours.set(String(to), this.#content)
    this.#table.set('', this.#j)
    this.#io.reached(to)
    return true
  }

  balance(): Record<string, number> {
    return { shadows: Object.keys(this.#j.shadows).length, alerts: this.#alarms.open }
  }

  /** Once an hour, however often it has to wait for a model. */
  #slide(parts: readonly DriftPartial[]): void {
    const { to } = parts[0] as DriftPartial
    if (this.#slidTo === to) return
    this.#slidTo = to
    this.#hour.clear()
    for (const part of parts) this.#hour.merge(windowIn(part))
    this.#content = this.#hour.content()
    const gone = this.#hours.get(String(to - days(1))) ?? noRows
    this.#day.slide(this.#content, gone)
    if (this.#content.rows + gone.rows > 0) this.#said = null
  }

  /** The champion of most rows of the trailing day. */
  #inForce(): InForce | null | 'not here' {
    let most: { version: string; hash: string; count: number } | null = null
    for (const [version, { hash, count }] of this.#day.champions) {
      const isMore = most === null || count > most.count || (count === most.count && version < most.version)
      if (isMore) most = { version, hash, count }
    }
    if (most === null) return null
    const { version, hash } = most
    const model = this.#models.get(hash)
    if (model === null) return 'not here'
    return { version, hash, threshold: model.threshold, reference: model.reference }
  }

  #evaluate(from: number, to: number, inForce: InForce | null): void {
    const bounds = this.#settings.loop
    this.#emit(windowMetrics({ from, to, span: 'HOUR', sums: this.#hour }, inForce, bounds))
    const window = { from: Math.max(to - days(1), this.#j.origin as number), to, span: 'DAY', sums: this.#day } as const
    const known = this.#said && isSameModel(this.#said.of, inForce) ? this.#said.day : null
    const day = known ? { ...known, from: window.from, to } : windowMetrics(window, inForce, bounds)
    this.#said = { of: inForce, day }
    this.#emit(day)
    this.#sound(this.#alarms.ofDay(day))
  }

  #endDay(to: number, inForce: InForce | null): void {
    const day = this.#day.content()
    const gone = String(to - days(trailingDays))
    this.#week.slide(day, this.#days.get(gone) ?? noRows)
    this.#days.delete(gone)
    this.#days.set(String(to), day)
    const from = Math.max(to - days(trailingDays), this.#j.origin as number)
    const week = windowMetrics({ from, to, span: 'WEEK', sums: this.#week }, inForce, this.#settings.loop)
    this.#emit(week)
    this.#sound(this.#alarms.ofWeek(week, inForce?.reference?.heldOutAuc ?? null))
    if (!inForce) return
    this.#bound(to, inForce.version)
    this.#shadow(to, inForce.version)
    this.#recalibrate(to, inForce.version)
  }

  /** Says what probabilities leave open from the next step on. */
  #bound(to: number, model: string): void {
    for (const horizonMinutes of this.#settings.horizonsMinutes) {
      const before = this.#j.sets[horizonMinutes] ?? null
      const [day, week] = [this.#day, this.#week].map(sums => setScores(sums.scores.get(model)?.get(horizonMinutes)))
      const next = nextSets(before, day as SetScores, { scores: week as SetScores, days: this.#days.size })
      const { levels, bounds, missed } = next
      this.#j.sets[horizonMinutes] = { levels, bounds }
      this.#metrics.emit('PredictionSets', `${to}/sets/${horizonMinutes}`, {
        at: to,
        effectiveFrom: this.#effectiveFrom(to),
        model,
        horizonMinutes,
        ...bounds,
        lateLevel: levels.late,
        punctualLevel: levels.punctual,
        lateRows: missed.late.rows,
        lateMissed: missed.late.missed,
        punctualRows: missed.punctual.rows,
        punctualMissed: missed.punctual.missed,
      })
    }
  }

  /** Commands another correction of the champion's probabilities, if the day that ends at `to` asks for one. */
  #recalibrate(to: number, model: string): void {
    const known = this.#j.recalibration
    const before = known?.model === model ? known : { model, correction: noCorrection }
    const leaves = this.#j.decided.some(({ champion, verdict }) => champion === model && verdict === 'PROMOTE')
    const day = daySumsOf(setScores(this.#day.said(model)))
    const week = { sums: daySumsOf(setScores(this.#week.said(model))), days: this.#days.size }
    const next = leaves ? before : nextRecalibration(before, day, week)
    this.#j.recalibration = next
    if (isSame(next.correction, before.correction)) return
    const command: ModelCommand = {
      id: `recalibrate ${model} ${hourOf(to)}`,
      by: 'JUDGE',
      hour: to,
      verb: 'RECALIBRATE',
      version: model,
      expectedChampion: model,
      compare: true,
      effectiveFrom: null,
      reason: `${day.late} of ${day.rows} flights were late, ${Math.round(day.expected)} were expected`,
      evidence: null,
      card: null,
      correction: [...next.correction],
    }
    this.#commands.emit('ModelCommand', model, command)
  }

  #emit(metrics: DriftMetrics): void {
    this.#metrics.emit('DriftMetrics', `${metrics.to}/${metrics.span}`, metrics)
  }

  #sound({ opened, resolved }: ReturnType<Alarms['ofDay']>): void {
    for (const alert of opened) this.#metrics.emit('AlertOpened', alert.id, alert)
    for (const alert of resolved) this.#metrics.emit('AlertResolved', alert.id, alert)
  }

  /** Takes the day that ends at `to` into the tests of the challengers, and commands what follows. */
  #shadow(to: number, champion: string): void {
    const pairs = this.#day.pairs.filter(pair => pair.champion === champion)
    this.#j.decided = this.#j.decided.filter(({ until }) => to <= until)
    for (const challenger of Object.keys(this.#j.shadows)) {
      // it was promoted or withdrawn by hand, or it is held against another champion now
      if (!pairs.some(pair => pair.challenger === challenger)) delete this.#j.shadows[challenger]
    }
    for (const { challenger, count, championLoss, challengerLoss } of pairs.sort(byChallenger)) {
      if (this.#isDecided(champion, challenger)) continue
      const known = this.#j.shadows[challenger]
      const shadow = known?.champion === champion ? known : { champion, days: [], seen: 0 }
      this.#j.shadows[challenger] = shadow
      shadow.seen++
      if (count >= pairedRowsMin) shadow.days.push({ rows: count, championLoss, challengerLoss })
      const test = pairedTest(shadow.days, shadow.seen)
      this.#metrics.emit('ShadowTested', `${to}/${challenger}`, { at: to, champion, challenger, ...test })
      if (test.verdict === 'WAIT') continue
      delete this.#j.shadows[challenger]
      this.#j.decided.push({ champion, challenger, verdict: test.verdict, until: this.#effectiveFrom(to) + days(2) })
      const command: ModelCommand = {
        id: `${test.verdict.toLowerCase()} ${challenger} ${hourOf(to)}`,
        by: 'JUDGE',
        hour: to,
        verb: test.verdict,
        version: challenger,
        expectedChampion: champion,
        compare: test.verdict === 'PROMOTE',
        effectiveFrom: null,
        reason: test.because,
        evidence: JSON.stringify({ champion, ...test, daySums: shadow.days }),
        card: null,
        correction: [],
      }
      this.#commands.emit('ModelCommand', challenger, command)
      // one decision at a time: the next champion is another one
      if (test.verdict === 'PROMOTE') break
    }
  }

  /** Asks for a training when something asks for it and no turn of the loop is under way. */
  #ask(to: number, { version }: InForce, cut: number[]): void {
    const j = this.#j
    if (to < j.busyTo || this.#challengerIsOpen(version)) return
    const wish = (this.#settings.loop.alertsRetrain ? this.#alarms.wish() : null) ?? this.#routine(to)
    if (!wish) return
    const effectiveFrom = this.#effectiveFrom(to)
    const id = `m-${hourOf(to)}`
    this.#requests.emit('RetrainRequest', id, { id, at: to, effectiveFrom, champion: version, cut, ...wish })
    j.busyTo = effectiveFrom + days(1) + minutes(Math.min(...this.#settings.horizonsMinutes))
    j.askedAt = to
    this.#alarms.answered()
  }

  #challengerIsOpen(champion: string): boolean {
    return this.#day.pairs.some(pair => pair.champion === champion && !this.#isDecided(champion, pair.challenger))
  }

  #isDecided(champion: string, challenger: string): boolean {
    return this.#j.decided.some(each => each.champion === champion && each.challenger === challenger)
  }

  /** When what is commanded or asked for at the end of an hour takes effect. */
  #effectiveFrom(to: number): number {
    const { latenessMs, stepMs } = this.#settings
    return ceilTo(to + latenessMs, stepMs)
  }

  #routine(to: number): { by: RequestedBy; why: string; alert: null } | null {
    const { retrainDays } = this.#settings.loop
    if (retrainDays === null || to - (this.#j.askedAt as number) < days(retrainDays)) return null
    return { by: 'SCHEDULE', why: `${retrainDays} days have passed since the last request`, alert: null }
  }
}

function setScores(scores: Scores | undefined): SetScores {
  return { late: scores?.late.content() ?? noScores, punctual: scores?.punctual.content() ?? noScores }
}

function isSameModel(a: InForce | null, b: InForce | null): boolean {
  if (a === null || b === null) return a === b
  return a.hash === b.hash && a.version === b.version && a.threshold === b.threshold && a.reference === b.reference
}

function byChallenger(a: { challenger: string }, b: { challenger: string }): number {
  return a.challenger < b.challenger ? -1 : 1
}

function hourOf(to: number): string {
  return new Date(to).toISOString().slice(0, 13)
}

function startJudging(): Judging {
  const busyTo = Number.MIN_SAFE_INTEGER
  return { origin: null, alarms: noAlarms(), busyTo, askedAt: null, shadows: {}, decided: [], sets: {} }
}
