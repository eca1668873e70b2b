// The book of the loop: what drift.metrics, models.registry and retrain.requests say, kept as far as the doors show it.
// Fed record by record, in the order of each topic; topics may be ahead of one another. Bounded: rings of windows, the
// last alerts, decisions, tests, requests and versions.

import { correctionsPerNat } from '../drift/recalibration.ts'
import type {
  AlertOpened,
  AlertResolved,
  DriftMetrics,
  ModelDecision,
  ModelRef,
  ModelVersion,
  RetrainRequest,
  ShadowTested,
} from '../records.ts'
import type {
  Alert,
  Decision,
  DriftSpan,
  LoopChange,
  ModelInfo,
  ModelRole,
  ShadowTest,
  TrainingRequest,
} from '../server/loop.ts'
import { driftNowOf } from './loop-report.ts'
import { LoopSeries } from './loop-series.ts'

export const pastDays = 28
const closedAlertsMax = 500
const decisionsMax = 500
const shadowTestsMax = 500
const requestsMax = 200
const versionsMax = 1000
const weeksMax = 60

type HourFigures = { to: number; rows: number; auc: number | null; logLoss: number | null; brier: number | null }
type Week = { from: number; to: number; performance: DriftMetrics['performance'] }
type Stretch = { version: string; from: number; to: number | null }

export class LoopBook {
  readonly series: Readonly<Record<DriftSpan, LoopSeries>> = {
    DAY: new LoopSeries(pastDays * 24),
    WEEK: new LoopSeries(pastDays),
  }
  /** The champion's figures: of each hour, and of each trailing week. */
  readonly figures: Readonly<Record<DriftSpan, HourFigures[]>> = { DAY: [], WEEK: [] }
  /** The last trailing weeks, without their columns. */
  readonly weeks: Week[] = []
  readonly #latest = new Map<DriftSpan, DriftMetrics>()
  readonly #alerts = new Map<string, Alert>()
  readonly #requests = new Map<string, TrainingRequest>()
  /** Of REGISTER and DECLINE, by version: how a request was answered. */
  readonly #answers = new Map<string, TrainingRequest['answer']>()
  readonly #versions = new Map<string, ModelVersion>()
  readonly #rejected = new Set<string>()
  readonly #stretches: Stretch[] = []
  #decisions: Decision[] = []
  #shadowTests: ShadowTest[] = []
  #correction: ModelInfo['correction'] = null
  champion: string | null = null
  challengers: readonly string[] = []

  latest(span: DriftSpan): DriftMetrics | null {
    return this.#latest.get(span) ?? null
  }

  /** Newest first. */
  get alerts(): readonly Alert[] {
    return [...this.#alerts.values()].sort((a, b) => b.at - a.at)
  }

  /** Newest first. */
  get requests(): readonly TrainingRequest[] {
    return [...this.#requests.values()].reverse()
  }

  /** Newest first. */
  get decisions(): readonly Decision[] {
    return this.#decisions.toReversed()
  }

  /** Oldest first. */
  get shadowTests(): readonly ShadowTest[] {
    return this.#shadowTests
  }

  /** Newest first. */
  get versions(): readonly ModelInfo[] {
    return [...this.#versions.keys()].reverse().map(version => this.version(version) as ModelInfo)
  }

  version(version: string): ModelInfo | null {
    const known = this.#versions.get(version)
    if (!known) return null
    const { card } = known
    const inForce = this.#stretches
      .filter(stretch => stretch.version === version)
      .map(({ from, to }): ModelInfo['inForce'][number] => ({ from, to }))
    return {
      version,
      role: this.#roleOf(version, inForce.length > 0),
      card: { ...card, parameters: parsed(card.parameters), metrics: parsed(card.metrics) },
      inForce,
      correction: version === this.champion ? this.#correction : null,
    }
  }

  /** @returns what somebody who listens would like to know */
  take(name: string, value: unknown, offset: number): readonly LoopChange[] {
    switch (name) {
      case 'DriftMetrics':
        return this.#measured(value as DriftMetrics, offset)
      case 'AlertOpened':
        return this.#opened(value as AlertOpened)
      case 'AlertResolved':
        return this.#resolved(value as AlertResolved)
      case 'ShadowTested':
        this.#shadowTests.push(value as ShadowTested)
        this.#shadowTests = this.#shadowTests.slice(-shadowTestsMax)
        return [{ shadowTest: value as ShadowTested }]
      case 'RetrainRequest':
        return this.#asked(value as RetrainRequest)
      case 'ModelVersion':
        return this.#registered(value as ModelVersion)
      case 'ModelDecision':
        return this.#decided(value as ModelDecision)
      default:
        return []
    }
  }

  #measured(metrics: DriftMetrics, offset: number): LoopChange[] {
    const { span, from, to, performance } = metrics
    if (span !== 'DAY') {
      const list = this.figures[span === 'HOUR' ? 'DAY' : 'WEEK']
      list.push(figuresOf(metrics))
      if (list.length > pastDays * (span === 'HOUR' ? 24 : 1)) list.shift()
    }
    if (span === 'HOUR') return []
    this.#latest.set(span, metrics)
    this.series[span].add(metrics, offset)
    if (span === 'DAY') return [{ metrics: driftNowOf(metrics) }]
    this.weeks.push({ from, to, performance })
    if (this.weeks.length > weeksMax) this.weeks.shift()
    return []
  }

  #opened({ evidence, ...alert }: AlertOpened): LoopChange[] {
    const open: Alert = { ...alert, evidence: parsed(evidence), resolvedAt: null, resolvedMessage: null }
    this.#alerts.set(open.id, open)
    const closed = [...this.#alerts.values()].filter(({ resolvedAt }) => resolvedAt !== null)
    for (const { id } of closed.slice(0, Math.max(0, closed.length - closedAlertsMax))) this.#alerts.delete(id)
    return [{ alert: open }]
  }

  #resolved({ id, at, message }: AlertResolved): LoopChange[] {
    const open = this.#alerts.get(id)
    if (!open) return []
    const alert: Alert = { ...open, resolvedAt: at, resolvedMessage: message }
    this.#alerts.set(id, alert)
    return [{ alert }]
  }

  #asked({ id, at, effectiveFrom, by, why, alert, champion }: RetrainRequest): LoopChange[] {
    const answer = this.#answers.get(id) ?? null
    const request: TrainingRequest = { id, at, effectiveFrom, by, why, alert, champion, answer }
    this.#requests.set(request.id, request)
    shorten(this.#requests, requestsMax)
    return [{ request }]
  }

  #registered(version: ModelVersion): LoopChange[] {
    this.#versions.set(version.version, version)
    for (const oldest of this.#versions.keys()) {
      if (this.#versions.size <= versionsMax) break
      if (oldest !== this.champion && !this.challengers.includes(oldest)) this.#versions.delete(oldest)
    }
    return []
  }

  #decided({ evidence, champion, challengers, ...made }: ModelDecision): LoopChange[] {
    // one a day: where it stands is news of the champion, and no entry among what was decided of models
    if (made.verb === 'RECALIBRATE' && made.by === 'JUDGE') {
      if (made.accepted && champion) this.#recalibrated(champion, made)
      return []
    }
    const decision: Decision = {
      ...made,
      evidence: evidence === null ? null : parsed(evidence),
      champion: champion?.version ?? null,
      challengers: challengers.map(({ version }) => version),
    }
    this.#decisions.push(decision)
    this.#decisions = this.#decisions.slice(-decisionsMax)
    this.challengers = decision.challengers
    if (decision.champion !== this.champion) this.#succeed(decision)
    const { verb, version, accepted, because } = decision
    if (accepted && verb === 'REJECT') this.#rejected.add(version)
    if (accepted && (verb === 'PROMOTE' || verb === 'REGISTER')) this.#rejected.delete(version)
    if (verb !== 'REGISTER' && verb !== 'DECLINE') return [{ decision }]
    const request = this.#answer(version, { verb, accepted, because })
    return request ? [{ decision }, { request }] : [{ decision }]
  }

  #succeed({ champion, effectiveFrom }: Decision): void {
    const last = this.#stretches.at(-1)
    if (last) last.to = effectiveFrom
    if (champion !== null) this.#stretches.push({ version: champion, from: effectiveFrom, to: null })
    if (this.#stretches.length > versionsMax) this.#stretches.shift()
    this.champion = champion
    this.#correction = null
  }

  #recalibrated(
    { correction }: ModelRef,
    { effectiveFrom, because }: Pick<ModelDecision, 'effectiveFrom' | 'because'>,
  ) {
    this.#correction = { nats: correction.map(each => each / correctionsPerNat), from: effectiveFrom, because }
  }

  #answer(version: string, answer: NonNullable<TrainingRequest['answer']>): TrainingRequest | undefined {
    this.#answers.set(version, answer)
    shorten(this.#answers, requestsMax)
    const request = this.#requests.get(version)
    if (request) request.answer = answer
    return request
  }

  #roleOf(version: string, hasBeenInForce: boolean): ModelRole {
    if (version === this.champion) return 'champion'
    if (this.challengers.includes(version)) return 'challenger'
    if (hasBeenInForce) return 'former'
    return this.#rejected.has(version) ? 'rejected' : 'registered'
  }
}

function figuresOf({ to, model, performance }: DriftMetrics): HourFigures {
  const own = performance.filter(figure => figure.model === model)
  const valueOf = (name: string) => own.find(figure => figure.name === name)?.value ?? null
  return {
    to,
    rows: own[0]?.count ?? 0,
    auc: valueOf('auc'),
    logLoss: valueOf('logLoss'),
    brier: valueOf('brier'),
  }
}

function shorten<Value>(map: Map<string, Value>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) break
    map.delete(oldest)
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}
