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
  /** Without the seconds in which a training was open, and the events published meanwhile. */
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
  alerts: number
  trainings: number
  promotions: number
  rejections: number
  models: { version: string; promotedAt: string; auc: number | null }[]
  metrics: Record<string, MonthMetrics>
}

/** How fast it went, which a resumed replay counts from where it went on. */
export type Pace = { seconds: number; events: number; secondsTraining: number; eventsTraining: number }

export async function summarize(
  app: App,
  { seconds, events, secondsTraining, eventsTraining, digests }: Pace & { digests: boolean },
): Promise<Summary> {
  const { log, codec, airports, engines, stageSettings, sharing } = app
  await sharing?.others.refresh()
  const source = { log, codec }
  const counts = (stage: string) => engines.tasks.filter(task => task.stage === stage).map(task => task.balance())
  const balance = balanceOf(counts('ingest'), counts('score'))
  const horizonMinutes = stageSettings.horizonsMinutes.includes(120)
    ? 120
    : (stageSettings.horizonsMinutes[0] as number)
  const { months: metrics, models } = await monthlyMetrics(source, { airports, horizonMinutes })
  const { total } = balance
  return {
    events: total.in,
    seconds,
    secondsTraining,
    eventsPerSecond: Math.round((events - eventsTraining) / (seconds - secondsTraining)),
    predictions: total.predicted,
    outcomes: total.settled + total.givenUp,
    deadLetters: total.rejected,
    late: total.late,
    balance: { ...total, partitions: balance.partitions },
    balanced: balance.even,
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    digests: digests ? await allDigests(app) : {},
    canonical: digests ? await canonicalDigests(source, metrics) : {},
    ...(await turnsOf(app)),
    models: await modelsOf(app, models),
    metrics,
  }
}

async function allDigests({ log, codec }: App): Promise<Record<string, string>> {
  const names = (await log.topics()).map(({ name }) => name).filter(name => !name.endsWith('.changelog'))
  const digests: Record<string, string> = {}
  for (const name of names.sort()) digests[name] = await topicDigest({ log, codec }, name)
  return digests
}

/** What the loop did: alerts opened, models made by a training, and what was decided of them. */
async function turnsOf({
  log,
  codec,
}: App): Promise<Pick<Summary, 'alerts' | 'trainings' | 'promotions' | 'rejections'>> {
  const turns = { alerts: 0, trainings: 0, promotions: 0, rejections: 0 }
  for await (const { value } of readAll(log, 'drift.metrics', 0)) {
    if (value && codec.decode(value).name === 'AlertOpened') turns.alerts++
  }
  for await (const { value } of readAll(log, 'models.registry', 0)) {
    if (!value) continue
    const decoded = codec.decode(value)
    if (decoded.name !== 'ModelDecision') continue
    const { by, verb, accepted } = decoded.value as ModelDecision
    if (!accepted) continue
    if (by === 'TRAINER' && verb === 'REGISTER') turns.trainings++
    if (by === 'JUDGE' && verb === 'PROMOTE') turns.promotions++
    if (by === 'JUDGE' && verb === 'REJECT') turns.rejections++
  }
  return turns
}

/** Who was promoted, when it took effect, and how it did on what it predicted as the champion. */
async function modelsOf({ log, codec }: App, metrics: Record<string, MonthMetrics>): Promise<Summary['models']> {
  const models: Summary['models'] = []
  for await (const record of readAll(log, 'models.registry', 0)) {
    if (!record.value) continue
    const { name, value } = codec.decode(record.value)
    if (name !== 'ModelDecision') continue
    const { accepted, verb, version, effectiveFrom } = value as ModelDecision
    if (!accepted || (verb !== 'PROMOTE' && verb !== 'ROLL_BACK')) continue
    models.push({ version, promotedAt: new Date(effectiveFrom).toISOString(), auc: metrics[version]?.auc ?? null })
  }
  return models
}
