// Verify: takes what was recorded as given (events, marks, commands, and which models each frame names), recomputes the
// rest in a folder of its own, and compares record by record. What was recorded must be the beginning of what is
// recomputed: a pipeline that was stopped has simply not come as far. One that is running is looked at as of one moment.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAirports } from '../adapters/source-airports.ts'
import { type App, openApp, openStores, type Stores, sourceFolder, stageSettingsOf } from '../app.ts'
import type { Config } from '../config.ts'
import { Failure } from '../lib/failure.ts'
import { pipeline } from '../pipeline.ts'
import type { AirspaceFrame, ModelCommand, ModelDecision, RetrainRequest } from '../records.ts'
import { asOfNow } from '../runtime/as-of.ts'
import { readAll } from '../runtime/digest.ts'
import type { Append, Claim, LogRecord } from '../runtime/log.ts'
import { wireHeaderBytes } from '../runtime/schemas.ts'
import { type Pipeline, topicSpecs } from '../runtime/topology.ts'
import type { StageSettings } from '../stages/settings.ts'
import { retrained, searchedAgain } from './retrain.ts'

export type Difference = { topic: string; partition: number; offset: number; key: string; what: string }
export type Verdict = {
  equal: boolean
  compared: Record<string, number>
  difference: Difference | null
  pipeline: string
}

export type VerifyHooks = {
  readonly onTrouble: (where: string, error: unknown) => void
  readonly onProgress: (step: string) => void
  /** Whether to train again, too, and compare the models. */
  readonly retrain: boolean
  /** Told of the folder that is filled meanwhile and gone at the end, for who must end it in the middle. */
  readonly onScratch?: (folder: string) => void
}

const appendRecords = 2000
/** In the order of the road, so that the first difference is the one that caused the others. */
const recomputed = [
  'flights.timeline',
  'flights.rejected',
  'flights.late',
  'airspace.partials',
  'models.registry',
  'airspace.frames',
  'flights.predictions',
  'flights.outcomes',
  'drift.partials',
  'drift.metrics',
  'retrain.requests',
  'models.commands',
]
/** A decision after what it decides on, an answer after what it was asked: see as-of.ts. Inputs come last. */
const downstreamFirst = [
  'models.registry',
  'models.commands',
  'retrain.requests',
  'drift.metrics',
  'drift.partials',
  'flights.outcomes',
  'flights.predictions',
  'airspace.frames',
  'airspace.partials',
  'flights.late',
  'flights.rejected',
  'flights.timeline',
]
/** Whether a door or a job has written a record of these topics: then it is an input, taken as given. */
const isGiven: Readonly<Record<string, (value: unknown) => boolean>> = {
  'retrain.requests': value => (value as RetrainRequest).by === 'OPERATOR',
  'models.commands': value => (value as Partial<ModelCommand>).by !== 'JUDGE',
}

/** @throws Failure PIPELINE_VERSION when a frame was sealed by another pipeline; NOT_RUNNING when nothing is recorded */
export async function verify(config: Config, hooks: VerifyHooks): Promise<Verdict> {
  const stores = await openStores(config, 'reader')
  const scratch = await mkdtemp(join(tmpdir(), 'slipstream-verify-'))
  hooks.onScratch?.(scratch)
  try {
    const recorded = { ...stores, log: await asOfNow(stores.log, downstreamFirst) }
    const topics = await recorded.log.topics()
    const partitions = topics.find(({ name }) => name === 'flights.events')?.partitions
    if (partitions === undefined) throw new Failure('USAGE', `${config.dataDir} holds no events to verify`)
    const inForce = await modelsOnRecord(recorded)
    const { version } = stageSettingsOf(config, await readAirports(sourceFolder(config.source)))
    const foreign = inForce.pipelines.find(name => name !== version)
    if (foreign) {
      throw new Failure('PIPELINE_VERSION', `the range was recorded by pipeline ${foreign}; this is ${version}`, {
        help: 'Verify with the program and the settings (horizons, lateness) that recorded it.',
      })
    }
    // recomputed on the embedded engine, whatever was recorded on
    const here = { ...config, engine: 'embedded', dataDir: scratch, partitions }
    const decided = await recompute({ recorded, config: here, hooks, part: 'register', inForce })
    const first = await compare(recorded, decided, ['models.registry'])
    await decided.close()
    const rest = await recompute({ recorded, config: here, hooks, part: 'flights', inForce })
    try {
      const second = await compare(
        recorded,
        rest,
        recomputed.filter(name => name !== 'models.registry'),
      )
      const third = hooks.retrain ? await retrained(recorded, rest, hooks) : null
      const before = first.difference ?? second.difference ?? third?.difference ?? null
      // of other outcomes nothing is learned that is worth a comparison
      const fourth = hooks.retrain && !before ? await searchedAgain(recorded, rest, hooks) : null
      const trainings = third ? { trainings: third.compared } : {}
      const searches = fourth ? { searches: fourth.compared } : {}
      const compared = { ...first.compared, ...second.compared, ...trainings, ...searches }
      const difference = before ?? fourth?.difference ?? null
      return { equal: difference === null, compared, difference, pipeline: version }
    } finally {
      await rest.close()
    }
  } finally {
    await stores.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

type InForce = { decisions: ModelDecision[]; pipelines: string[] }

/** Frame by frame who was in force, as the registry's decisions that would say so. */
async function modelsOnRecord({ log, codec }: Stores): Promise<InForce> {
  const decisions: ModelDecision[] = []
  const pipelines = new Set<string>()
  let last = JSON.stringify([null, []])
  for await (const record of readAll(log, 'airspace.frames', 0)) {
    if (!record.value) continue
    const { from, champion, challengers, pipeline: name } = codec.decode(record.value).value as AirspaceFrame
    pipelines.add(name)
    const now = JSON.stringify([champion, challengers])
    if (now === last) continue
    last = now
    const who = { by: 'OPERATOR', verb: 'PROMOTE', version: champion?.version ?? '', because: 'on record' } as const
    decisions.push({
      id: `frame ${from}`,
      at: from,
      ...who,
      accepted: true,
      evidence: null,
      effectiveFrom: from,
      champion,
      challengers,
    })
  }
  return { decisions, pipelines: [...pipelines] }
}

type Recompute = {
  recorded: Stores
  config: Config
  hooks: VerifyHooks
  part: 'register' | 'flights'
  inForce: InForce
}

/** Runs a part of page one over the recorded inputs. */
async function recompute({ recorded, config, hooks, part, inForce }: Recompute): Promise<App> {
  const isRegister = (name: string) => name === 'register'
  const nodes = pipeline.nodes.filter(({ stage }) => isRegister(stage.name) === (part === 'register'))
  const own: Pipeline<StageSettings> = { ...pipeline, nodes }
  const app = await openApp({
    config: { ...config, dataDir: join(config.dataDir, part) },
    onTrouble: hooks.onTrouble,
    pipeline: own,
  })
  for (const address of await recorded.blobs.list('models/'))
    await app.blobs.put(address, await recorded.blobs.get(address))
  await app.log.createTopics(topicSpecs(own, app.partitions))
  const claim = await app.log.claim('verify')
  if (part === 'register') await copy(recorded, claim, { app, topic: 'models.commands', partition: 0 })
  else {
    const decisions = inForce.decisions.map(decision => ({
      topic: 'models.registry',
      partition: 0,
      key: `decision/${decision.id}`,
      value: app.codec.encode('ModelDecision', decision),
    }))
    await claim.commit(decisions)
    for (let partition = 0; partition < app.partitions; partition++) {
      await copy(recorded, claim, { app, topic: 'flights.events', partition })
    }
  }
  await claim.release()
  hooks.onProgress(`recomputing ${part}`)
  await app.engines.start()
  await app.engines.caughtUp()
  return app
}

type Place = { app: App; topic: string; partition: number }

/** Copies a partition, with the schema ids of the other log. */
async function copy(from: Stores, claim: Claim, { app, topic, partition }: Place): Promise<void> {
  let out: Append[] = []
  for await (const { key, value, headers } of readAll(from.log, topic, partition)) {
    const record = { topic, partition, key, value: value && withIdOf(app, from, value) }
    out.push(headers ? { ...record, headers } : record)
    if (out.length < appendRecords) continue
    await claim.commit(out)
    out = []
  }
  if (out.length > 0) await claim.commit(out)
}

/** The same body under the id that the schema has in the other log; bytes that are no record stay as they are. */
function withIdOf(to: Stores, from: Stores, value: Uint8Array): Uint8Array {
  let name: string
  try {
    name = from.codec.decode(value).name
  } catch {
    return value
  }
  const id = to.schemaIds[name]
  if (id === undefined) return value
  const copied = Buffer.from(value)
  copied.writeUInt32BE(id, 1)
  return copied
}

async function compare(
  recorded: Stores,
  app: App,
  topics: readonly string[],
): Promise<Pick<Verdict, 'compared' | 'difference'>> {
  const compared: Record<string, number> = {}
  const specs = await recorded.log.topics()
  for (const topic of topics) {
    compared[topic] = 0
    const count = specs.find(({ name }) => name === topic)?.partitions ?? 0
    for (let partition = 0; partition < count; partition++) {
      const again = readAll(app.log, topic, partition)
      for await (const record of readAll(recorded.log, topic, partition)) {
        if (record.value && isGiven[topic]?.(recorded.codec.decode(record.value).value)) continue
        const { value: other, done } = await again.next()
        const what = done ? 'recorded, but not recomputed' : differenceOf(record, other, recorded, app)
        if (what) return { compared, difference: { topic, partition, offset: record.offset, key: record.key, what } }
        compared[topic]++
      }
    }
  }
  return { compared, difference: null }
}

function differenceOf(a: LogRecord, b: LogRecord, recorded: Stores, app: App): string | null {
  if (a.key !== b.key) return `recomputed with key "${b.key}"`
  if (!a.value || !b.value) return a.value === b.value ? null : 'a tombstone on one side'
  const body = (bytes: Uint8Array) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + wireHeaderBytes, bytes.length - wireHeaderBytes)
  if (recorded.codec.fingerprint(a.value) !== app.codec.fingerprint(b.value)) return 'recomputed under another schema'
  if (body(a.value).equals(body(b.value))) return null
  return firstField(recorded.codec.decode(a.value).value, app.codec.decode(b.value).value)
}

function firstField(a: unknown, b: unknown): string {
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const field = Object.keys(one).find(name => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
  if (field === undefined) return 'other bytes for the same values'
  const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 60)
  return `${field}: recorded ${shown(one[field])}, recomputed ${shown(other[field])}`
}
