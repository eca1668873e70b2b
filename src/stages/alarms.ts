// The judge's alerts: which reading of a window speaks for a shift, and one alert for one sustained shift of a kind.
//
//   DATASET_DRIFT     the trailing day, each hour: the share of columns, among those that may alert, that lie beyond what was
//                     ordinary in the training (src/drift/ordinary.ts)
//   TARGET_DRIFT      the trailing 7 days, each day: late flights among those that landed
//   PREDICTION_DRIFT  the trailing 7 days, each day: the champion's probabilities
//   PERFORMANCE       the trailing 7 days, each day: the champion's AUC against that on rows held out of its training

import { quiet, type Reading, type Sustained, sustain } from '../drift/sustained.ts'
import type { AlertKind, AlertOpened, AlertResolved, ColumnMetric, DriftMetrics, RequestedBy } from '../records.ts'
import type { LoopSettings } from './settings.ts'

type Alarm = Sustained & {
  /** Whether a training was asked for since it opened. */
  asked: boolean
}
export type AlarmState = Record<AlertKind, Alarm>
type Changes = { opened: AlertOpened[]; resolved: AlertResolved[] }
/** What a window says of one kind of alert. */
type Now = {
  readonly reading: Reading
  readonly message: string
  /** What drifted, the most first. */
  readonly columns: readonly ColumnMetric[]
  /** Figures that an alert shows beside its columns. */
  readonly evidence: object
  readonly patience: LoopSettings['patience']
}
type Wish = { by: RequestedBy; why: string; alert: string }

const kinds: readonly AlertKind[] = ['DATASET_DRIFT', 'TARGET_DRIFT', 'PREDICTION_DRIFT', 'PERFORMANCE']
/** Readings of the trailing week are a day apart. */
const patienceInDays = { openAfter: 2, resolveAfter: 3 }
const columnsNamed = 12

export function noAlarms(): AlarmState {
  const alarm = (): Alarm => ({ ...quiet(), asked: false })
  return { DATASET_DRIFT: alarm(), TARGET_DRIFT: alarm(), PREDICTION_DRIFT: alarm(), PERFORMANCE: alarm() }
}

export class Alarms {
  readonly #state: AlarmState
  readonly #settings: LoopSettings

  constructor(state: AlarmState, settings: LoopSettings) {
    this.#state = state
    this.#settings = settings
  }

  /** How many are open. */
  get open(): number {
    return kinds.filter(kind => this.#state[kind].openedAt !== null).length
  }

  ofDay(day: DriftMetrics): Changes {
    const { unusualShare, driftedShare, model } = day
    const { unusualShare: shifted, clearShare: clear, patience } = this.#settings
    const reading = readingOf(unusualShare, { shifted, clear })
    const percent = `${Math.round((unusualShare ?? 0) * 100)} % of the columns`
    const message = `${percent} lie beyond what was ordinary in the training of ${model}`
    const evidence = { unusualShare, driftedShare }
    return this.#take('DATASET_DRIFT', day, { reading, message, columns: worst(day.columns), evidence, patience })
  }

  /** @param heldOutAuc of the model in force */
  ofWeek(week: DriftMetrics, heldOutAuc: number | null): Changes {
    const { target, prediction } = week
    const { aucFall, rowsMin } = this.#settings
    const seen = week.performance.find(({ model, name }) => model === week.model && name === 'auc')
    const auc = seen && seen.count >= rowsMin ? seen.value : null
    const fall = auc === null || heldOutAuc === null ? null : heldOutAuc - auc
    const common = { patience: patienceInDays, evidence: {} }
    const changes = [
      this.#take('TARGET_DRIFT', week, {
        ...common,
        reading: verdictOf(target),
        message: `the share of late flights differs from that in the training of ${week.model}`,
        columns: target ? [target] : [],
      }),
      this.#take('PREDICTION_DRIFT', week, {
        ...common,
        reading: verdictOf(prediction),
        message: `the probabilities of ${week.model} differ from those on rows held out of its training`,
        columns: prediction ? [prediction] : [],
      }),
      this.#take('PERFORMANCE', week, {
        ...common,
        reading: readingOf(fall, { shifted: aucFall, clear: aucFall / 2 }),
        message: `AUC ${auc?.toFixed(3)} over 7 days, ${heldOutAuc?.toFixed(3)} on rows held out of the training of ${week.model}`,
        columns: [],
        evidence: { auc, heldOutAuc, count: seen?.count ?? 0 },
      }),
    ]
    return { opened: changes.flatMap(({ opened }) => opened), resolved: changes.flatMap(({ resolved }) => resolved) }
  }

  /** What an open alert asks for that has not been asked for yet. */
  wish(): Wish | null {
    for (const kind of ['PERFORMANCE', 'DATASET_DRIFT'] as const) {
      const { openedAt, asked } = this.#state[kind]
      if (openedAt === null || asked) continue
      const isFall = kind === 'PERFORMANCE'
      const why = isFall ? 'the model does worse than on the rows held out of its training' : 'the columns have shifted'
      return { by: isFall ? 'PERFORMANCE' : 'DRIFT', why, alert: idOf(kind, openedAt) }
    }
    return null
  }

  /** A training was asked for: it answers whatever is open. */
  answered(): void {
    for (const kind of kinds) this.#state[kind].asked = this.#state[kind].openedAt !== null
  }

  #take(kind: AlertKind, { to, from, model }: DriftMetrics, now: Now): Changes {
    const alarm = this.#state[kind]
    const { since, openedAt } = alarm
    const change = sustain(alarm, now.reading, to, now.patience)
    if (change === 'opened') {
      alarm.asked = false
      const shown = now.columns.map(({ column, method, score, threshold, bound }) => {
        return { column, method, score, threshold, bound }
      })
      const evidence = JSON.stringify({ from, to, ...now.evidence, columns: shown })
      const columns = shown.map(({ column }) => column)
      const about = { id: idOf(kind, to), at: to, kind, model, since: since ?? to }
      return { opened: [{ ...about, columns, message: now.message, evidence }], resolved: [] }
    }
    if (change === null || openedAt === null) return { opened: [], resolved: [] }
    const message = `back to what it was: ${now.message}`
    return { opened: [], resolved: [{ id: idOf(kind, openedAt), at: to, kind, openedAt, message }] }
  }
}

function idOf(kind: AlertKind, openedAt: number): string {
  return `${kind.toLowerCase().replace('_', '-')}-${new Date(openedAt).toISOString().slice(0, 13)}`
}

function readingOf(value: number | null, at: { shifted: number; clear: number }): Reading {
  if (value === null) return 'unknown'
  if (value >= at.shifted) return 'shifted'
  return value < at.clear ? 'clear' : 'between'
}

function verdictOf(metric: ColumnMetric | null): Reading {
  if (!metric || metric.drifted === null) return 'unknown'
  return metric.drifted ? 'shifted' : 'clear'
}

/** Columns that are unusual and may alert, the furthest beyond their bound first. */
function worst(columns: readonly ColumnMetric[]): ColumnMetric[] {
  const excess = ({ score, bound }: ColumnMetric) => (score ?? 0) / (bound ?? 1)
  return columns
    .filter(({ unusual, mayAlert }) => unusual && mayAlert)
    .sort((a, b) => excess(b) - excess(a) || (a.column < b.column ? -1 : 1))
    .slice(0, columnsNamed)
}
