// The loop as the page holds it: what came over the socket merged by id, and read as events in the order of event time.

import { instantParts } from './format.ts'
import type { Mark } from './marks.ts'
import type { Alert, Decision, LoopNews, LoopNow, ShadowTest, TrainingRequest } from './wire.ts'

export const nothingLooped: LoopNow = { metrics: null, alerts: [], requests: [], decisions: [], shadowTests: [] }

/** Of each kind, the newest so many are kept. */
const keptMax = 500

/** Days after which a challenger is looked at. */
const lookDays = [7, 14, 21, 28]

/** Adds what is new; an entry replaces the one with the same id. Lists are newest first. */
export function mergeLoop(held: LoopNow, news: LoopNews | LoopNow): LoopNow {
  const testId = ({ at, challenger }: ShadowTest) => `${at} ${challenger}`
  return {
    metrics: news.metrics ?? held.metrics,
    alerts: merged(held.alerts, news.alerts, ({ id }) => id),
    requests: merged(held.requests, news.requests, ({ id }) => id),
    decisions: merged(held.decisions, news.decisions, ({ id }) => id),
    shadowTests: merged(held.shadowTests, news.shadowTests, testId),
  }
}

function merged<T extends { at: number }>(held: T[], news: readonly T[] | undefined, idOf: (entry: T) => string): T[] {
  if (news === undefined || news.length === 0) return held
  const byId = new Map(held.map(entry => [idOf(entry), entry]))
  for (const entry of news) byId.set(idOf(entry), entry)
  return [...byId.values()].sort((a, b) => b.at - a.at).slice(0, keptMax)
}

export const isOpen = (alert: Alert): boolean => alert.resolvedAt === null

/** Open ones first, each part newest first. */
export const alertsInOrder = (alerts: readonly Alert[]): Alert[] =>
  [...alerts].sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.at - a.at)

/** The last test of each challenger of the last decision, newest first; a decided one has no more. */
export function openTests({ shadowTests, decisions }: LoopNow): ShadowTest[] {
  const challengers = decisions[0]?.challengers
  const seen = new Set<string>()
  return shadowTests.filter(test => {
    if (seen.has(test.challenger)) return false
    seen.add(test.challenger)
    return test.verdict === 'WAIT' && (challengers === undefined || challengers.includes(test.challenger))
  })
}

/** Days at which the verdict falls next, or fell. */
export const nextLook = (days: number): number => lookDays.find(look => look >= days) ?? (lookDays.at(-1) as number)

/** `day 9 of 14` */
export const shadowDay = ({ days }: ShadowTest): string => `day ${days} of ${nextLook(days)}`

/** `+0.0042 ± 0.0031 nats a row`; above 0 the challenger is better. */
export function differenceOf({ meanDifference, standardError }: ShadowTest): string {
  if (meanDifference === null) return 'no difference known yet'
  const sign = meanDifference < 0 ? '\u2212' : '+'
  const error = standardError === null ? '' : ` \u00b1 ${standardError.toFixed(4)}`
  return `${sign}${Math.abs(meanDifference).toFixed(4)}${error} nats a row`
}

export type Lane = 'alerts' | 'trainings' | 'models'

export type LoopEvent = Mark & {
  id: string
  at: number
  lane: Lane
  /** Of whom: a kind of alert, a version. */
  subject: string
  text: string
}

const kindNames: Record<Alert['kind'], string> = {
  DATASET_DRIFT: 'data drift',
  TARGET_DRIFT: 'label drift',
  PREDICTION_DRIFT: 'prediction drift',
  PERFORMANCE: 'performance',
}

export const alertName = ({ kind }: Pick<Alert, 'kind'>): string => kindNames[kind]

/** Newest first; of one instant, in the order in which the loop turns. */
export function loopEvents(loop: LoopNow): LoopEvent[] {
  const events = [
    ...loop.alerts.flatMap(alertEvents),
    ...loop.requests.map(requestEvent),
    ...testEvents(loop.shadowTests),
    ...loop.decisions.map(decisionEvent),
  ]
  return events
    .map((event, place) => ({ event, place }))
    .sort((a, b) => b.event.at - a.event.at || b.place - a.place)
    .map(({ event }) => event)
}

function alertEvents(alert: Alert): LoopEvent[] {
  const { id, at, resolvedAt, resolvedMessage, message } = alert
  const common = { lane: 'alerts' as const, subject: alertName(alert) }
  const opened: LoopEvent = { ...common, id, at, shape: 'bad', word: 'alert', text: message }
  if (resolvedAt === null) return [opened]
  const text = resolvedMessage ?? 'back to what it was'
  return [opened, { ...common, id: `${id} resolved`, at: resolvedAt, shape: 'ok', word: 'resolved', text }]
}

function requestEvent({ id, at, why, answer }: TrainingRequest): LoopEvent {
  const text = answer?.accepted === false ? `${why}; ${answer.because}` : why
  return { id: `request ${id}`, at, lane: 'trainings', subject: id, shape: 'idle', word: 'training asked', text }
}

/** Days of a look, and each challenger's last; the days between say nothing new. */
function testEvents(tests: readonly ShadowTest[]): LoopEvent[] {
  const seen = new Set<string>()
  return tests.flatMap(test => {
    const isLast = !seen.has(test.challenger)
    seen.add(test.challenger)
    if (!isLast && test.bound === null) return []
    const { at, challenger, because } = test
    return [
      {
        id: `test ${at} ${challenger}`,
        at,
        lane: 'models' as const,
        subject: challenger,
        shape: 'idle' as const,
        word: 'in shadow',
        text: `${shadowDay(test)}: ${differenceOf(test)}; ${because}`,
      },
    ]
  })
}

const decided: Record<Decision['verb'], Mark> = {
  REGISTER: { shape: 'idle', word: 'challenger' },
  PROMOTE: { shape: 'ok', word: 'promoted' },
  REJECT: { shape: 'none', word: 'rejected' },
  ROLL_BACK: { shape: 'warn', word: 'rolled back' },
  DECLINE: { shape: 'none', word: 'no model' },
  RECALIBRATE: { shape: 'idle', word: 'recalibrated' },
}

export function decisionMark({ verb, accepted, champion, version }: Decision): Mark {
  // The answer that there is no model is put on record as not accepted; nobody was refused anything.
  if (!accepted && verb !== 'DECLINE') return { shape: 'warn', word: 'refused' }
  // The first model, and one that was asked for at once, are in force as they come.
  if (verb === 'REGISTER' && champion === version) return { shape: 'ok', word: 'in force' }
  return decided[verb]
}

function decisionEvent(decision: Decision): LoopEvent {
  const { id, at, version, because } = decision
  return { id: `decision ${id}`, at, lane: 'models', subject: version, ...decisionMark(decision), text: because }
}

/** The last decision that said something of a model other than that it is there. */
export const lastVerdict = ({ decisions }: LoopNow): Decision | null =>
  decisions.find(({ verb, accepted }) => accepted && verb !== 'REGISTER' && verb !== 'RECALIBRATE') ?? null

/** `8 Feb 15:00` */
export function shortInstant(at: number, zone: string): string {
  const { day, time } = instantParts(at, zone)
  return `${day} ${time}`
}
