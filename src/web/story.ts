// What is seen, as one line of six steps in the order in which the loop turns: the risk rises, predictions are graded, an
// alert opens, a training is asked for, its model runs in shadow, a decision falls. Each says how it stands in one sentence.

import { count, decimals, percent } from './format.ts'
import {
  alertName,
  alertsInOrder,
  decisionMark,
  differenceOf,
  isOpen,
  lastVerdict,
  openTests,
  shadowDay,
} from './loop.ts'
import type { Mark } from './marks.ts'
import type { LoopNow, RiskPoint, Status } from './wire.ts'

export type StoryStep = Mark & {
  name: string
  text: string
  /** Event time of what the text tells; null: of now. */
  at: number | null
}

export type StoryFacts = { status: Status; risk: readonly RiskPoint[]; loop: LoopNow }

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Points of the mean risk that count as a change. */
const riskMoves = 0.08

/** Fewer graded predictions say nothing. */
const gradedMin = 200

export function storyOf(facts: StoryFacts): StoryStep[] {
  const { loop } = facts
  return [
    riskStep(facts),
    gradedStep(facts),
    alertStep(loop),
    trainingStep(facts),
    shadowStep(loop),
    decisionStep(loop),
  ]
}

export type RiskAhead = {
  flights: number
  /** Mean probability of the departures still to come that have one, 0..1. */
  ahead: number | null
  /** The same of the 24 hours before. */
  before: number | null
  /** Share of the departures to come that are cancelled by now. */
  cancelled: number | null
}

/** @param at event time */
export function riskAhead(risk: readonly RiskPoint[], at: number): RiskAhead {
  const hour = Math.floor(at / hourMs) * hourMs
  const coming = risk.filter(point => point.at >= hour)
  const past = risk.filter(point => point.at < hour && point.at >= hour - dayMs)
  return {
    flights: coming.reduce((sum, { flights }) => sum + flights, 0),
    ahead: meanOf(coming, ({ meanProbability }) => meanProbability),
    before: meanOf(past, ({ meanProbability }) => meanProbability),
    cancelled: meanOf(coming, ({ cancelledShare }) => cancelledShare),
  }
}

/** Weighted by flights. */
function meanOf(points: readonly RiskPoint[], of: (point: RiskPoint) => number | null): number | null {
  let [sum, flights] = [0, 0]
  for (const point of points) {
    const share = of(point)
    if (share === null) continue
    sum += share * point.flights
    flights += point.flights
  }
  return flights === 0 ? null : sum / flights
}

function riskStep({ status, risk }: StoryFacts): StoryStep {
  const name = 'Risk'
  const { eventTime } = status
  const { ahead, before, cancelled, flights } = riskAhead(risk, eventTime ?? 0)
  if (eventTime === null || ahead === null) {
    return { name, shape: 'none', word: 'not yet', text: 'No departure ahead has been predicted.', at: null }
  }
  const known =
    cancelled === null || cancelled === 0 ? 'none is cancelled yet' : `${percent(cancelled)} cancelled so far`
  const then = before === null ? '' : `, after ${percent(before)} in the 24 h before`
  const text = `${percent(ahead)} of ${departures(flights)} ahead ${flights === 1 ? 'is' : 'are'} predicted late${then}; ${known}.`
  return { name, ...riskMark(ahead, before), text, at: null }
}

const departures = (flights: number): string => `${count(flights)} departure${flights === 1 ? '' : 's'}`

function riskMark(ahead: number, before: number | null): Mark {
  const moved = before === null ? 0 : ahead - before
  if (moved >= riskMoves) return { shape: 'warn', word: 'rising' }
  if (moved <= -riskMoves) return { shape: 'ok', word: 'falling' }
  return ahead >= 0.35 ? { shape: 'warn', word: 'high' } : { shape: 'ok', word: 'steady' }
}

function gradedStep({ status }: StoryFacts): StoryStep {
  const { n, hits, misses, auc } = status.quality
  const name = 'Graded'
  if (n < gradedMin || hits + misses === 0) {
    const text = `${count(n)} predictions graded; below ${gradedMin} they say nothing.`
    return { name, shape: 'none', word: 'too few', text, at: null }
  }
  const right = percent(hits / (hits + misses))
  const text = `${count(n)} predictions of 7 days are graded: ${right} of the verdicts right, AUC ${decimals(auc, 3)}.`
  return { name, shape: 'ok', word: `${right} right`, text, at: null }
}

function alertStep({ alerts }: LoopNow): StoryStep {
  const name = 'Alert'
  const alert = alertsInOrder(alerts)[0]
  if (alert === undefined) return { name, shape: 'ok', word: 'none', text: 'Nothing has drifted for long.', at: null }
  if (isOpen(alert)) {
    const others = alerts.filter(isOpen).length - 1
    const more = others === 0 ? '' : ` ${others} more open.`
    return { name, shape: 'bad', word: alertName(alert), text: `${alert.message}.${more}`, at: alert.at }
  }
  const text = `The last one, ${alertName(alert)}, is resolved.`
  return { name, shape: 'ok', word: 'resolved', text, at: alert.resolvedAt }
}

function trainingStep({ status, loop: { requests } }: StoryFacts): StoryStep {
  const name = 'Training'
  const request = requests[0]
  const { training } = status
  if (training !== null) {
    const text = `${training.id} is being trained on ${count(training.rows)} labelled rows.`
    return { name, shape: 'warn', word: percent(training.progress), text, at: request?.at ?? null }
  }
  if (request === undefined) return { name, shape: 'idle', word: 'none', text: 'None has been asked for.', at: null }
  const { at, answer, id, why } = request
  if (answer === null) return { name, shape: 'warn', word: 'open', text: `Training ${id}: ${why}.`, at }
  if (answer.verb === 'DECLINE' || !answer.accepted) {
    return { name, shape: 'none', word: 'no model', text: `${id}: ${answer.because}.`, at }
  }
  return { name, shape: 'ok', word: 'trained', text: `${id}, asked for because ${why}.`, at }
}

function shadowStep(loop: LoopNow): StoryStep {
  const name = 'Shadow'
  const challenger = loop.decisions[0]?.challengers[0]
  const test = openTests(loop)[0]
  if (test === undefined) {
    const waits = challenger === undefined ? null : `${challenger} says its own beside the champion; no whole day yet.`
    if (waits !== null) return { name, shape: 'idle', word: 'day 0', text: waits, at: null }
    return { name, shape: 'idle', word: 'none', text: 'No challenger runs beside the champion.', at: null }
  }
  const text = `${test.challenger} beside ${test.champion}: ${differenceOf(test)}.`
  return { name, shape: 'idle', word: shadowDay(test), text, at: test.at }
}

function decisionStep(loop: LoopNow): StoryStep {
  const name = 'Decision'
  const decision = lastVerdict(loop)
  if (decision === null) return { name, shape: 'idle', word: 'none', text: 'No model has been judged yet.', at: null }
  return { name, ...decisionMark(decision), text: `${decision.version}: ${decision.because}.`, at: decision.at }
}
