// Summary: what came of a replay: counts, balance, digests, and how good the predictions were as they were made.

import type { App } from '../app.ts'
import { type Canonical, canonicalDigests } from '../jobs/canonical.ts'
import { type MonthMetrics, monthlyMetrics } from '../jobs/monthly.ts'
import type { ModelDecision } from '../records.ts'
import { readAll, topicDigest } from '../runtime/digest.ts'
import { balanceOf, type PartitionBalance } from '../stages/balance.ts'

export type Summary = {
  events: number
  seconds: number
  /** In which a training was open. */
  secondsTraining: number
  /** Without the seconds of training. */
  eventsPerSecond: number
  predictions: number
  outcomes: number
  deadLetters: number
  late: number
  balance: Omit<PartitionBalance, 'partition'> & { partitions: PartitionBalance[] }
  balanced: boolean
  peakRssMiB: number
  digests: Record<string, string>
  canonical: Canonical | Record<string, never>
  models: { version: string; promotedAt: string; auc: number | null }[]
  metrics: Record<string, MonthMetrics>
}

/** @param events published in these `seconds`, which a resumed replay counts from where it went on */
export async function summarize(
  app: App,
  { seconds, events, digests }: { seconds: number; events: number; digests: boolean },
): Promise<Summary> {
  const { log, codec, airports, engines, stageSettings } = app
  const source = { log, codec }
  const counts = (stage: string) => engines.tasks.filter(task => task.stage === stage).map(task => task.balance())
  const balance = balanceOf(counts('ingest'), counts('score'))
  const horizonMinutes = stageSettings.horizonsMinutes.includes(120)
    ? 120
    : (stageSettings.horizonsMinutes[0] as number)
  const metrics = await monthlyMetrics(source, { airports, horizonMinutes })
  const { total } = balance
  return {
    events: total.in,
    seconds,
    secondsTraining: 0,
    eventsPerSecond: Math.round(events / seconds),
    predictions: total.predicted,
    outcomes: total.settled + total.givenUp,
    deadLetters: total.rejected,
    late: total.late,
    balance: { ...total, partitions: balance.partitions },
    balanced: balance.even,
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    digests: digests ? await allDigests(app) : {},
    canonical: digests ? await canonicalDigests(source, metrics) : {},
    models: await modelsOf(app, metrics),
    metrics,
  }
}

async function allDigests({ log, codec }: App): Promise<Record<string, string>> {
  const names = (await log.topics()).map(({ name }) => name).filter(name => !name.endsWith('.changelog'))
  const digests: Record<string, string> = {}
  for (const name of names.sort()) digests[name] = await topicDigest({ log, codec }, name)
  return digests
}

/** Who was promoted, when it took effect, and how it did in the months it was in force. */
async function modelsOf({ log, codec }: App, metrics: Record<string, { auc: number | null; n: number }>) {
  const models: { version: string; promotedAt: string; auc: number | null }[] = []
  for await (const record of readAll(log, 'models.registry', 0)) {
    if (!record.value) continue
    const { name, value } = codec.decode(record.value)
    if (name !== 'ModelDecision') continue
    const { accepted, verb, version, effectiveFrom } = value as ModelDecision
    if (!accepted || (verb !== 'PROMOTE' && verb !== 'ROLL_BACK')) continue
    models.push({ version, promotedAt: new Date(effectiveFrom).toISOString(), auc: meanAuc(metrics) })
  }
  return models
}

function meanAuc(metrics: Record<string, { auc: number | null; n: number }>): number | null {
  const months = Object.values(metrics).filter(({ auc }) => auc !== null)
  const n = months.reduce((sum, month) => sum + month.n, 0)
  return n === 0 ? null : months.reduce((sum, month) => sum + (month.auc as number) * month.n, 0) / n
}
