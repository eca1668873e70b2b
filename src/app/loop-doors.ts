// The loop as the doors see it (src/server/loop.ts): the book of what was said, the rows behind a histogram, and orders
// to the registry.

import { randomUUID } from 'node:crypto'
import type { App } from '../app.ts'
import { unpack } from '../forest/flat.ts'
import { cardOf, reportIn } from '../jobs/model-card.ts'
import { offerOf, SearchStore } from '../jobs/search-store.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import { seconds } from '../lib/time.ts'
import type { DriftMetrics, ModelCommand } from '../records.ts'
import { artefactAddress } from '../runtime/artefacts.ts'
import type { Append } from '../runtime/log.ts'
import type {
  Alert,
  Decision,
  DriftAsk,
  DriftHistory,
  DriftReport,
  DriftSpan,
  Loop,
  LoopChange,
  LoopNow,
  LoopStatus,
  ModelDetail,
  ModelInfo,
  ModelOrder,
  Models,
  ModelUpload,
  Ordered,
  ShadowTest,
  TrainingRequest,
} from '../server/loop.ts'
import { ColumnReports } from './loop-columns.ts'
import { comparisonOf } from './loop-compare.ts'
import { driftNowOf, driftReportOf } from './loop-report.ts'
import { LoopTails } from './loop-tails.ts'

export type LoopApp = Pick<App, 'log' | 'codec' | 'clock' | 'partitions' | 'stageSettings' | 'blobs'> & {
  readonly models: Pick<App['models'], 'get'>
}

export type LoopDoorsOptions = {
  readonly app: LoopApp
  /** Event time reached; null before the first mark. */
  readonly eventTime: () => number | null
  readonly append: (records: readonly Append[]) => Promise<void>
  readonly onTrouble: (error: unknown) => void
}

type Order = Pick<ModelCommand, 'verb' | 'version' | 'reason' | 'compare' | 'card' | 'evidence'> & {
  readonly id?: string
}

/** How long an order waits for what is decided. */
const decisionWithinMs = seconds(3)
const othersNow = 20

export class LoopDoors implements Loop {
  readonly #o: LoopDoorsOptions
  readonly #tails: LoopTails
  readonly #columns: ColumnReports

  constructor(options: LoopDoorsOptions) {
    this.#o = options
    const { log, codec, clock } = options.app
    this.#tails = new LoopTails({ log, codec, clock, onTrouble: options.onTrouble })
    this.#columns = new ColumnReports(options.app, this.#tails.book)
  }

  start(): Promise<void> {
    return this.#tails.start()
  }

  stop(): void {
    this.#tails.stop()
  }

  async drift({ span, at }: DriftAsk): Promise<DriftReport | null> {
    const { series, latest } = this.#bookOf(span)
    const metrics = at === undefined ? latest : await this.#metricsBy(span, at)
    return metrics && driftReportOf(metrics, series, this.#o.app.stageSettings.loop)
  }

  history(span: DriftSpan): DriftHistory {
    const { series, figures } = this.#bookOf(span)
    const totals = series.totals()
    return {
      span,
      to: series.ends(),
      ...totals,
      driftedShare: totals.columnsDrifted.map((drifted, at) => {
        const compared = totals.columnsCompared[at] as number
        return compared === 0 ? null : drifted / compared
      }),
      performance: {
        to: figures.map(({ to }) => to),
        rows: figures.map(({ rows }) => rows),
        auc: figures.map(({ auc }) => auc),
        logLoss: figures.map(({ logLoss }) => logLoss),
        brier: figures.map(({ brier }) => brier),
      },
    }
  }

  column(name: string, span: DriftSpan) {
    return this.#columns.report(name, span)
  }

  alerts({ open }: { open: boolean }): readonly Alert[] {
    const { alerts } = this.#tails.book
    return open ? alerts.filter(({ resolvedAt }) => resolvedAt === null) : alerts
  }

  requests(): readonly TrainingRequest[] {
    return this.#tails.book.requests
  }

  models(): Models {
    const { champion, challengers, versions, decisions } = this.#tails.book
    return {
      champion,
      challengers: [...challengers],
      versions: [...versions],
      decisions: [...decisions],
      shadowTests: challengers.flatMap(version => this.#testsOf(version).slice(-1)),
    }
  }

  async model(version: string): Promise<ModelDetail> {
    const { decisions, requests } = this.#tails.book
    const model = this.#versionOf(version)
    return {
      model,
      decisions: decisions.filter(decision => decision.version === version),
      shadowTests: this.#testsOf(version),
      request: requests.find(({ id }) => id === version) ?? null,
      report: await this.#reportOf(model),
    }
  }

  compare([first, second]: readonly [string, string]) {
    const versions: [ModelInfo, ModelInfo] = [this.#versionOf(first), this.#versionOf(second)]
    return comparisonOf(versions, this.#tails.book)
  }

  async command({ verb, version, reason }: ModelOrder): Promise<Ordered> {
    this.#versionOf(version)
    return await this.#order({ verb, version, reason, compare: true, card: null, evidence: null })
  }

  async register(upload: ModelUpload): Promise<Ordered> {
    const { blobs, stageSettings } = this.#o.app
    // what reads other libraries' files is loaded for the first one
    const { importedModel } = await import('./import-model.ts')
    const { model, bytes, hash } = importedModel(upload, stageSettings.horizonsMinutes)
    await blobs.put(artefactAddress(hash), bytes)
    const version = `import-${hash.slice(0, 8)}`
    const card = cardOf(model, hash)
    const { reason } = upload
    return await this.#order({ verb: 'REGISTER', version, reason, compare: false, card, evidence: null })
  }

  async searches() {
    const { searchesIn } = await import('./loop-searches.ts')
    return await searchesIn(this.#o.app.blobs)
  }

  async search(id: string) {
    const { searchNamed } = await import('./loop-searches.ts')
    return await searchNamed(this.#o.app.blobs, id)
  }

  async offer(search: string): Promise<Ordered> {
    return await this.#order(offerOf(await new SearchStore(this.#o.app.blobs).read(search)))
  }

  /** Without an id of its own, each order is another one. */
  async #order(order: Order): Promise<Ordered> {
    const { verb, version } = order
    const hour = this.#o.eventTime()
    if (hour === null) {
      throw new Failure('NOT_READY', 'no event time is known yet, so an order cannot be dated', {
        help: 'Ask again once events have come; /health/ready says when.',
      })
    }
    const id = order.id ?? `operator ${verb.toLowerCase()} ${version} ${randomUUID().slice(0, 8)}`
    const made = this.#tails.book.decisions.find(decision => decision.id === id)
    if (made) return { command: id, decision: made }
    const command: ModelCommand = {
      ...order,
      id,
      by: 'OPERATOR',
      hour,
      expectedChampion: order.compare ? this.#tails.book.champion : null,
      effectiveFrom: null,
      correction: [],
    }
    const decided = this.#decisionOn(id)
    const value = this.#o.app.codec.encode('ModelCommand', command)
    try {
      await this.#o.append([{ topic: 'models.commands', partition: 0, key: version, value }])
      const decision = await decided.within(decisionWithinMs)
      if (decision?.accepted === false) {
        throw new Failure('COMMAND_REFUSED', decision.because, {
          help: '`slipstream models ls` and GET /v1/models say who is in force now; order again if it still makes sense.',
        })
      }
      return { command: id, decision }
    } finally {
      decided.stop()
    }
  }

  now(): LoopNow {
    const { alerts, requests, decisions } = this.#tails.book
    const metrics = this.#tails.book.latest('DAY')
    const isOpen = ({ resolvedAt }: Alert) => resolvedAt === null
    return {
      metrics: metrics && driftNowOf(metrics),
      alerts: [...alerts.filter(isOpen), ...alerts.filter(alert => !isOpen(alert)).slice(0, othersNow)],
      requests: requests.slice(0, othersNow),
      decisions: decisions.slice(0, othersNow),
      shadowTests: this.models().shadowTests,
    }
  }

  onChange(listener: (change: LoopChange) => void): () => void {
    return this.#tails.onChange(listener)
  }

  status(): LoopStatus {
    const { challengers } = this.#tails.book
    const metrics = this.#tails.book.latest('DAY')
    return {
      challengers: [...challengers],
      openAlerts: this.alerts({ open: true }).map(({ id, kind, at }) => ({ id, kind, at })),
      openRequest: this.requests().find(({ answer }) => answer === null)?.id ?? null,
      driftedShare: metrics?.driftedShare ?? null,
      datasetDrift: metrics?.datasetDrift ?? null,
      unusualShare: metrics?.unusualShare ?? null,
    }
  }

  #bookOf(span: DriftSpan) {
    const { series, figures } = this.#tails.book
    return { series: series[span], figures: figures[span], latest: this.#tails.book.latest(span) }
  }

  async #metricsBy(span: DriftSpan, at: number): Promise<DriftMetrics | null> {
    const { log, codec } = this.#o.app
    const window = this.#bookOf(span).series.endedBy(at)
    if (!window) return null
    const { records } = await log.read('drift.metrics', 0, window.offset, { bytesMax: 1, recordsMax: 1 })
    const bytes = records[0]?.value
    return bytes ? (codec.decode(bytes).value as DriftMetrics) : null
  }

  #versionOf(version: string): ModelInfo {
    const found = this.#tails.book.version(version)
    if (found) return found
    const newest = this.#tails.book.versions.slice(0, 5).map(each => each.version)
    throw new Failure('MODEL_UNKNOWN', `there is no version ${version}`, {
      field: 'version',
      help:
        newest.length === 0
          ? 'No model is registered yet.'
          : `The newest are ${newest.join(', ')}; \`slipstream models ls\` lists all.`,
    })
  }

  async #reportOf({ card }: ModelInfo): Promise<ModelDetail['report']> {
    try {
      return reportIn(unpack(await this.#o.app.blobs.get(card.artefact)))
    } catch (error) {
      if (failureIn(error)?.code === 'BLOB_MISSING') return null
      throw error
    }
  }

  #testsOf(challenger: string): ShadowTest[] {
    return this.#tails.book.shadowTests.filter(test => test.challenger === challenger)
  }

  /** Listens for the decision from before the order is written. */
  #decisionOn(id: string): { within(ms: number): Promise<Decision | null>; stop(): void } {
    const { clock } = this.#o.app
    const done = new AbortController()
    let found: Decision | null = null
    const stop = this.onChange(change => {
      if (!('decision' in change) || change.decision.id !== id) return
      found = change.decision
      done.abort()
    })
    return {
      stop,
      within: async ms => {
        if (!done.signal.aborted) await clock.sleep(ms, done.signal)
        return found
      },
    }
  }
}
