// The loop of the fake program: drift, alerts, trainings and models as in the replay of February 2013. It has a past of
// 4 weeks, and as event time moves on the blizzard shifts the weather, raises an alert, which asks for a training, whose
// model stands in the shadow for some days and is promoted. A function of event time and of what was ordered.

import { features } from '../../src/features/table.ts'
import { Failure } from '../../src/lib/failure.ts'
import type * as loop from '../../src/server/loop.ts'
import { columnsOf, driftNowAt, histogramOf, pastDays, reportAt, severityNow, totalsAt } from './fake-drift.ts'
import { fakeReport, fakeSearch } from './fake-search.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export type FakeLoop = loop.Loop & {
  /** Event time has reached this instant. */
  advanceTo(at: number): void
  status(): loop.LoopStatus
  emit(change: loop.LoopChange): void
  /** Orders are held, as in a paused replay. */
  hold(isHeld: boolean): void
}

const seed = 'seed-2013-01'
const next = 'm-2013-02-09T03'

/** When what happens, from 8 February 2013, midnight UTC. */
const storm = Date.UTC(2013, 1, 8)
const openedAt = storm + 27 * hourMs
const registeredAt = storm + 48 * hourMs
const firstTestAt = storm + 4 * dayMs
const promotedAt = storm + 9 * dayMs
const resolvedAt = storm + 12 * dayMs

export function createFakeLoop(startAt: number): FakeLoop {
  const listeners = new Set<(change: loop.LoopChange) => void>()
  const decisions: loop.Decision[] = [
    decision({ at: storm - 38 * dayMs, verb: 'REGISTER', version: seed, because: 'comes with the program' }),
    decision({ at: storm - 7 * dayMs, verb: 'PROMOTE', version: seed, because: 'the first model', champion: seed }),
  ].reverse()
  const versions: loop.ModelInfo[] = [modelInfo(seed, { rows: 25_000, why: 'comes with the program', parent: null })]
  const alerts: loop.Alert[] = []
  const requests: loop.TrainingRequest[] = []
  const shadowTests: loop.ShadowTest[] = []
  let champion: string = seed
  let challengers: string[] = []
  let eventTime = startAt
  let isHeld = false
  let orders = 0
  let kept = driftNowAt({ to: 0, span: 'DAY', champion })

  function emit(change: loop.LoopChange): void {
    for (const listener of listeners) listener(change)
  }

  /** Carries out a decision, and tells of it. */
  function decide(given: Partial<loop.Decision> & Pick<loop.Decision, 'at' | 'verb' | 'version'>): loop.Decision {
    if (given.accepted !== false) {
      if (given.verb === 'REGISTER') challengers = [...challengers, given.version]
      else challengers = challengers.filter(version => version !== given.version)
      if (given.verb === 'PROMOTE' || given.verb === 'ROLL_BACK') champion = given.version
    }
    const made = decision({ champion, challengers, ...given })
    decisions.unshift(made)
    emit({ decision: made })
    return made
  }

  const story: [at: number, happen: () => void][] = [
    [openedAt, () => add(alerts, alertOf(), alert => ({ alert }))],
    [openedAt, () => add(requests, requestOf(), request => ({ request }))],
    [registeredAt, answerRequest],
    ...Array.from({ length: 5 }, (_, day): [number, () => void] => [
      firstTestAt + day * dayMs,
      () => add(shadowTests, shadowTestOf(day), shadowTest => ({ shadowTest })),
    ]),
    [promotedAt, promote],
    [resolvedAt, resolve],
  ]

  function add<T>(list: T[], item: T, changeOf: (item: T) => loop.LoopChange): void {
    list.unshift(item)
    emit(changeOf(item))
  }

  function answerRequest(): void {
    versions.unshift(modelInfo(next, { rows: 31_204, why: 'the columns have shifted', parent: seed }))
    const { because } = decide({ at: registeredAt, verb: 'REGISTER', version: next, by: 'TRAINER', because: 'trained' })
    const [request] = requests
    if (request === undefined) return
    request.answer = { verb: 'REGISTER', accepted: true, because }
    emit({ request })
  }

  function promote(): void {
    if (!challengers.includes(next)) return
    const because = 'better by 0.0121 nats a row, 3.4 standard errors, over 7 days'
    decide({ at: promotedAt, verb: 'PROMOTE', version: next, by: 'JUDGE', because, evidence: shadowTestOf(4) })
  }

  function resolve(): void {
    const [alert] = alerts
    if (alert === undefined) return
    alert.resolvedAt = resolvedAt
    alert.resolvedMessage = 'back to what it was: 8 % of the columns lie beyond what was ordinary'
    emit({ alert })
  }

  function model(version: string): loop.ModelInfo {
    const found = versions.find(each => each.version === version)
    if (found === undefined) {
      throw new Failure('MODEL_UNKNOWN', `there is no version ${version}`, { field: 'version' })
    }
    const role = version === champion ? 'champion' : challengers.includes(version) ? 'challenger' : 'former'
    const inForce = version === seed ? [{ from: storm - 7 * dayMs, to: champion === seed ? null : promotedAt }] : []
    return { ...found, role, inForce }
  }

  function advanceTo(at: number): void {
    for (const [when, happen] of story) if (when > eventTime && when <= at) happen()
    const isNewHour = Math.floor(at / hourMs) > Math.floor(eventTime / hourMs)
    eventTime = at
    if (isNewHour) emit({ metrics: driftNow() })
  }

  const windowEnd = (at: number, stepMs = hourMs) => Math.floor(at / stepMs) * stepMs

  function driftNow(): loop.DriftNow {
    const to = windowEnd(eventTime)
    // asked with every status, and the same for an hour
    if (kept.to !== to || kept.model !== champion) kept = driftNowAt({ to, span: 'DAY', champion })
    return kept
  }

  function command({ verb, version, reason }: loop.ModelOrder): loop.Ordered {
    const { role } = model(version)
    const id = `operator ${verb} ${version} ${++orders}`
    if (isHeld) return { command: id, decision: null }
    const given = { id, at: eventTime, verb, version, by: 'OPERATOR', because: reason } as const
    const refused = refusalOf(verb, role, version)
    if (refused === null) return { command: id, decision: decide(given) }
    decide({ ...given, accepted: false, because: refused })
    throw new Failure('COMMAND_REFUSED', refused, { help: 'GET /v1/models says who is in force now.' })
  }

  return {
    async drift({ span, at = eventTime }) {
      const to = windowEnd(at, span === 'DAY' ? hourMs : dayMs)
      return to < storm - 30 * dayMs ? null : reportAt({ to, span, champion })
    },
    history: span => historyOf(span, windowEnd(eventTime, span === 'DAY' ? hourMs : dayMs)),
    async column(name, span) {
      const feature = features.find(each => each.name === name)
      if (feature === undefined) {
        const help = 'GET /v1/drift names the columns.'
        throw new Failure('FIELD_TYPE', `there is no column ${name}`, { field: 'name', help })
      }
      const to = windowEnd(eventTime, span === 'DAY' ? hourMs : dayMs)
      return columnOf({ feature, span, to, champion })
    },
    alerts: ({ open }) => alerts.filter(alert => !open || alert.resolvedAt === null),
    requests: () => requests,
    models: () => ({
      champion,
      challengers,
      versions: versions.map(({ version }) => model(version)),
      decisions,
      shadowTests: shadowTests.filter(({ challenger }) => challengers.includes(challenger)).slice(0, 1),
    }),
    model: async version => ({
      model: model(version),
      decisions: decisions.filter(each => each.version === version),
      shadowTests: shadowTests.filter(({ challenger }) => challenger === version).toReversed(),
      request: requests.find(({ id }) => id === version) ?? null,
      report: fakeReport(version === seed ? 0.743 : 0.752),
    }),
    searches: async () => [fakeSearch(storm).search],
    search: async id => {
      const found = fakeSearch(storm)
      if (id === found.search.id) return found
      throw new Failure('SEARCH_UNKNOWN', `there is no search ${id}`, { field: 'search' })
    },
    offer: async id => {
      const given = { id: `search ${id}`, at: eventTime, verb: 'REGISTER', version: id, by: 'OPERATOR' } as const
      if (isHeld) return { command: given.id, decision: null }
      return { command: given.id, decision: decide({ ...given, because: 'the best of 12 trials' }) }
    },
    compare: ([first, second]) => ({
      versions: [model(first), model(second)],
      card: pairs({ auc: [0.743, 0.752], logLoss: [0.468, 0.455], brier: [0.149, 0.146] }),
      stream: {
        from: eventTime - 7 * dayMs,
        to: eventTime,
        figures: pairs({ auc: [0.702, 0.719], brier: [0.161, 0.155] }),
      },
      shadowTests: shadowTests.filter(({ challenger }) => [first, second].includes(challenger)).toReversed(),
    }),
    command: async order => command(order),
    register: async ({ reason }) => {
      const version = 'import-abababab'
      const id = `operator register ${version}`
      if (isHeld) return { command: id, decision: null }
      const given = { id, at: eventTime, verb: 'REGISTER', version, by: 'OPERATOR', because: reason } as const
      return { command: id, decision: decide(given) }
    },
    now: () => ({ metrics: driftNow(), alerts, requests, decisions, shadowTests: shadowTests.slice(0, 1) }),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    status() {
      const { driftedShare, datasetDrift, unusualShare } = driftNow()
      const open = alerts.filter(({ resolvedAt: to }) => to === null)
      return {
        challengers,
        openAlerts: open.map(({ id, kind, at }) => ({ id, kind, at })),
        openRequest: requests.find(({ answer }) => answer === null)?.id ?? null,
        driftedShare,
        datasetDrift,
        unusualShare,
      }
    },
    advanceTo,
    emit,
    hold(held) {
      isHeld = held
    },
  }
}

function refusalOf(verb: loop.ModelOrder['verb'], role: loop.ModelRole, version: string): string | null {
  if (verb === 'PROMOTE' && role === 'champion') return `${version} is the champion already`
  if (verb === 'REJECT' && role !== 'challenger') return `${version} is not a challenger`
  if (verb === 'ROLL_BACK' && role !== 'former') return `${version} was never the champion`
  return null
}

function historyOf(span: loop.DriftSpan, end: number): loop.DriftHistory {
  const stepMs = span === 'DAY' ? hourMs : dayMs
  const length = (pastDays * dayMs) / stepMs
  const to = Array.from({ length }, (_, at) => end - (length - 1 - at) * stepMs)
  const reports = to.map(at => totalsAt({ to: at, span, champion: seed }))
  return {
    span,
    to,
    rows: reports.map(({ rows }) => rows),
    columnsCompared: reports.map(({ columnsCompared }) => columnsCompared),
    columnsDrifted: reports.map(({ columnsDrifted }) => columnsDrifted),
    driftedShare: reports.map(({ driftedShare }) => driftedShare),
    unusualShare: reports.map(({ unusualShare }) => unusualShare),
    performance: {
      to,
      rows: reports.map(({ labelled }) => Math.round(labelled / (span === 'DAY' ? 24 : 1))),
      auc: to.map(at => (at % (5 * hourMs) === 0 ? null : 0.71 - 0.08 * severityNow(at))),
      logLoss: to.map(at => 0.47 + 0.2 * severityNow(at)),
      brier: to.map(at => 0.15 + 0.07 * severityNow(at)),
    },
  }
}

type ColumnAsk = { feature: (typeof features)[number]; span: loop.DriftSpan; to: number; champion: string }

function columnOf({ feature, span, to, champion }: ColumnAsk): loop.ColumnReport {
  const stepMs = span === 'DAY' ? hourMs : dayMs
  const length = (pastDays * dayMs) / stepMs
  const instants = Array.from({ length }, (_, at) => to - (length - 1 - at) * stepMs)
  const past = instants.map(at => columnsOf(at).find(({ column }) => column === feature.name))
  const latest = past.at(-1) ?? null
  const { name, kind, about, mayAlert } = feature
  const unit = feature.kind === 'numeric' ? feature.unit : null
  const windowMs = span === 'DAY' ? dayMs : 7 * dayMs
  return {
    span,
    about: { name, kind, unit, about, mayAlert },
    latest,
    window: { from: to - windowMs, to, model: champion },
    series: {
      to: instants,
      score: past.map(each => each?.score ?? null),
      drifted: past.map(each => each?.drifted ?? null),
      missingShare: past.map(each => (each ? each.missing / (each.missing + each.currentCount) : null)),
    },
    histogram: histogramOf(feature, to),
    histogramMissing: null,
    missing: { reference: 214, current: latest?.missing ?? 0 },
    unseen: kind === 'categorical' ? [{ category: 'LGB', count: 3 }] : [],
  }
}

function decision(given: Partial<loop.Decision> & Pick<loop.Decision, 'at' | 'verb' | 'version'>): loop.Decision {
  const { at, verb, version } = given
  const effectiveFrom = Math.ceil(at / dayMs) * dayMs
  const id = `${verb.toLowerCase()} ${version}`
  const rest = { by: 'OPERATOR', accepted: true, because: '', evidence: null, champion: null, challengers: [] } as const
  return { ...rest, id, effectiveFrom, ...given, challengers: [...(given.challengers ?? [])] }
}

function modelInfo(version: string, card: { rows: number; why: string; parent: string | null }): loop.ModelInfo {
  return {
    version,
    role: 'registered',
    card: {
      artefact: `models/${'cd'.repeat(32)}`,
      hash: version === seed ? 'ab'.repeat(32) : 'cd'.repeat(32),
      featureSet: 'ef'.repeat(32),
      trainedFrom: storm - 38 * dayMs,
      trainedTo: storm - 8 * dayMs,
      parameters: { trees: version === seed ? 150 : 200, depth: 7, learningRate: 0.05 },
      metrics: {
        heldOut: { auc: 0.743, logLoss: 0.468, brier: 0.149, ece: 0.012, n: 6190 },
        interval95: { auc: [0.731, 0.755], logLoss: [0.451, 0.484], brier: [0.145, 0.153], ece: [0.008, 0.021] },
      },
      ...card,
    },
    inForce: [],
    correction: null,
  }
}

function alertOf(): loop.Alert {
  return {
    id: 'dataset-drift-2013-02-09T03',
    kind: 'DATASET_DRIFT',
    at: openedAt,
    since: openedAt - 5 * hourMs,
    model: seed,
    columns: columnsOf(openedAt)
      .filter(({ drifted, mayAlert }) => drifted && mayAlert)
      .slice(0, 12)
      .map(({ column }) => column),
    message: `41 % of the columns lie beyond what was ordinary in the training of ${seed}`,
    evidence: { from: openedAt - dayMs, to: openedAt, unusualShare: 0.41, driftedShare: 0.576, columns: [] },
    resolvedAt: null,
    resolvedMessage: null,
  }
}

function requestOf(): loop.TrainingRequest {
  return {
    id: next,
    at: openedAt,
    effectiveFrom: registeredAt,
    by: 'DRIFT',
    why: 'the columns have shifted',
    alert: 'dataset-drift-2013-02-09T03',
    champion: seed,
    answer: null,
  }
}

function shadowTestOf(day: number): loop.ShadowTest {
  const days = day + 3
  const standardError = 0.0095 / Math.sqrt(days)
  const statistic = 0.0121 / standardError
  return {
    at: firstTestAt + day * dayMs,
    champion: seed,
    challenger: next,
    days,
    rows: days * 842,
    meanDifference: 0.0121,
    standardError,
    statistic,
    bound: days < 5 ? null : 2.8,
    power: 0.91,
    verdict: day === 4 ? 'PROMOTE' : 'WAIT',
    because: day === 4 ? 'better by 0.0121 nats a row' : `${days} of 7 days`,
  }
}

function pairs(given: Record<string, [number, number]>): loop.MetricPair[] {
  return Object.entries(given).map(([name, [first, second]]) => ({
    name,
    values: [first, second],
    difference: second - first,
  }))
}
