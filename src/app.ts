// Joins everything: settings, adapters, runtime, stages. Alone in knowing which engine it is.

import { hash as digestOf } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BlobsFiles } from './adapters/blobs-files.ts'
import { ClockWall } from './adapters/clock-wall.ts'
import { CodecAvro } from './adapters/codec-avro.ts'
import { LogSqlite } from './adapters/log-sqlite.ts'
import { SchemasFiles } from './adapters/schemas-files.ts'
import { readAirports } from './adapters/source-folder.ts'
import { buildWeb, type WebBuild } from './adapters/web-build.ts'
import { WorkersThreads } from './adapters/workers-threads.ts'
import type { Config } from './config.ts'
import { airViewFold } from './features/air-view.ts'
import { featureSetHash, features } from './features/table.ts'
import type { Airports } from './flights/airports.ts'
import { eventTypes } from './flights/event-order.ts'
import { keepMs } from './flights/life.ts'
import { canonicalJson } from './forest/canonical-json.ts'
import { hashOf, unpack } from './forest/flat.ts'
import { compile } from './forest/score.ts'
import { Replay, type ReplayOptions, type SourceChunk } from './jobs/replay.ts'
import { Failure } from './lib/failure.ts'
import { days, hours, minutes } from './lib/time.ts'
import { pipeline as pageOne } from './pipeline.ts'
import type { AirspaceFrame, ModelCard, ModelCommand } from './records.ts'
import { ArtefactStore, artefactAddress } from './runtime/artefacts.ts'
import type { Blobs } from './runtime/blobs.ts'
import { Budget } from './runtime/budget.ts'
import type { Clock } from './runtime/clock.ts'
import { Engine } from './runtime/engine.ts'
import type { Log } from './runtime/log.ts'
import type { Codec } from './runtime/schemas.ts'
import type { Fold } from './runtime/shared-view.ts'
import type { Pipeline } from './runtime/topology.ts'
import type { ReadyModel } from './stages/scoring.ts'
import type { StageSettings } from './stages/settings.ts'

/** Raised by hand when the meaning of a topic changes though no setting did. */
const rules = 1

/** The ports of a data folder, opened. */
export type Stores = {
  readonly log: Log
  readonly codec: Codec
  readonly blobs: Blobs
  readonly clock: Clock
  /** Ids of the schemas in this log, by record name. */
  readonly schemaIds: Readonly<Record<string, number>>
  readonly close: () => Promise<void>
}

export type App = Stores & {
  readonly config: Config
  readonly airports: Airports
  readonly stageSettings: StageSettings
  readonly partitions: number
  readonly models: ArtefactStore<ReadyModel>
  readonly engine: Engine<StageSettings>
}

export type AppOptions = {
  readonly config: Config
  readonly onTrouble: (where: string, error: unknown) => void
  /** Another log than the data folder's, such as one in memory. */
  readonly stores?: Stores
  /** A part of page one, for recomputing. */
  readonly pipeline?: Pipeline<StageSettings>
}

const root = new URL('../', import.meta.url)

/** The schemas of schemas/, as text. */
export function schemaTexts(): string[] {
  const folder = new URL('./schemas/', root)
  const files = readdirSync(folder).filter(file => file.endsWith('.avsc'))
  return files.sort().map(file => readFileSync(new URL(file, folder), 'utf8'))
}

/**
 * Opens the stores of the data folder, alone (`owner`) or to look at it while it runs (`reader`).
 * @throws Failure DATA_DIR_LOCKED, STATE_CORRUPT
 */
export async function openStores(config: Config, access: 'owner' | 'reader'): Promise<Stores> {
  const folder = config.dataDir
  if (access === 'owner') mkdirSync(folder, { recursive: true })
  const log = access === 'owner' ? LogSqlite.open(folder) : LogSqlite.openReadOnly(folder)
  const schemas = new SchemasFiles(join(folder, 'schemas.json'))
  const texts = schemaTexts()
  const codec = await CodecAvro.open(schemas, texts)
  const schemaIds: Record<string, number> = {}
  for (const text of texts) {
    const { name, namespace } = JSON.parse(text) as { name: string; namespace: string }
    schemaIds[name] = await schemas.register(`${namespace}.${name}`, text)
  }
  return {
    log,
    codec,
    schemaIds,
    blobs: new BlobsFiles(join(folder, 'blobs')),
    clock: new ClockWall(),
    close: () => log.close(),
  }
}

/** Builds the pipeline over its stores; nothing runs before `engine.start()`. */
export async function openApp({ config, onTrouble, stores, pipeline = pageOne }: AppOptions): Promise<App> {
  const { log, codec, schemaIds, blobs, clock, close } = stores ?? (await openStores(config, 'owner'))
  const airports = await readAirports(sourceFolder(config.source))
  const existing = (await log.topics()).find(({ name }) => name === 'flights.events')
  const partitions = existing?.partitions ?? config.partitions
  if (!existing && !stores) keepSettings(config)
  const stageSettings = stageSettingsOf(config, airports)
  if (existing && !stores) await refuseForeign({ log, codec }, stageSettings.version)
  let engine: Engine<StageSettings> | undefined
  const models = new ArtefactStore<ReadyModel>({
    blobs,
    clock,
    read: readModel,
    onLoaded: () => engine?.wakeAll(),
    onTrouble: (hash, error) => onTrouble(`model ${hash.slice(0, 12)}`, error),
    retryMs: 1000,
  })
  engine = new Engine<StageSettings>({
    pipeline,
    settings: stageSettings,
    partitions,
    log,
    codec,
    blobs,
    clock,
    artefacts: models,
    budget: new Budget(config.bufferMegabytes << 20),
    unitSteps: config.unitSteps,
    unitBytes: config.unitKilobytes << 10,
    fetchBytes: config.fetchKilobytes << 10,
    snapshotBytes: config.snapshotMegabytes << 20,
    folds: [airViewFold() as Fold<unknown>],
    onTrouble,
    backoffMs: { first: 50, max: 5000 },
  })
  const closeAll = async () => {
    models.close()
    await engine.stop(config.stopSeconds * 1000)
    await close()
  }
  return {
    log,
    codec,
    schemaIds,
    blobs,
    clock,
    close: closeAll,
    config,
    airports,
    stageSettings,
    partitions,
    models,
    engine,
  }
}

/** @throws Failure PIPELINE_VERSION when the folder's newest frame was sealed by another pipeline */
async function refuseForeign({ log, codec }: Pick<Stores, 'log' | 'codec'>, version: string): Promise<void> {
  const { next } = await log.bounds('airspace.frames', 0)
  const { records } = await log.read('airspace.frames', 0, next - 1, { bytesMax: 1, recordsMax: 1 })
  const bytes = records[0]?.value
  if (!bytes) return
  const { pipeline } = codec.decode(bytes).value as AirspaceFrame
  if (pipeline === version) return
  throw new Failure('PIPELINE_VERSION', `the data folder was recorded by pipeline ${pipeline}; this is ${version}`, {
    help: 'Go on with the program and the settings (horizons, lateness) that began it, or name another --data-dir.',
  })
}

/** A relative folder is sought here first, then beside the program, where the recorded flights are. */
export function sourceFolder(source: string): string {
  const here = resolve(source)
  return existsSync(here) ? here : resolve(fileURLToPath(root), source)
}

/** What a folder was begun with is its default from then on: flags need no repeating. */
function keepSettings({ dataDir, partitions, horizons, lateness, source }: Config): void {
  const kept = { partitions, horizons, lateness, source: sourceFolder(source) }
  const file = join(dataDir, 'slipstream.json')
  // whole or not at all: a folder with half a file would not open again
  writeFileSync(`${file}.unfinished`, `${JSON.stringify(kept, null, 2)}\n`)
  renameSync(`${file}.unfinished`, file)
}

export function readModel(bytes: Uint8Array): ReadyModel {
  const model = unpack(bytes)
  return { scorer: compile(model, features), threshold: model.threshold }
}

export function stageSettingsOf(config: Config, airports: Airports): StageSettings {
  const { horizons: horizonsMinutes, lateness } = config
  const zones = [...airports.values()].map(({ code, zone, latitude, longitude }) => [code, zone, latitude, longitude])
  const meaning = JSON.stringify({ rules, featureSetHash, horizonsMinutes, lateness, zones })
  return {
    version: `1-${digestOf('sha256', meaning, 'hex').slice(0, 12)}`,
    latenessMs: minutes(lateness),
    aheadMs: minutes(60),
    windowMs: minutes(10),
    stepMs: minutes(24 * 60),
    horizonsMinutes,
    airports,
  }
}

/** Bundles the page when its sources have changed. */
export function buildPage(): Promise<WebBuild> {
  const folder = fileURLToPath(root)
  return buildWeb({ root: folder, out: join(folder, '.slipstream/web') })
}

/** What a data folder replays; kept in it, so that `--resume` needs no repeating. */
export type ReplaySpec = {
  readonly source: string
  /** Local scheduled days, inclusive, as 2013-01-31. */
  readonly from: string
  readonly to: string
  /** Doses of deliberate spoiling, as `late=0.01,garbage=0.0001`; empty: none. */
  readonly inject: string
  readonly seed: number
  /** Artefact file to be in force from `modelFrom` on; null: none. */
  readonly model: string | null
  readonly modelFrom: string
}

export type ReplayHooks = Pick<ReplayOptions, 'mayAdvance' | 'onProgress'>

const specAddress = 'replay/spec.json'

/** The replay that a data folder holds, or null. */
export async function replaySpecOf(blobs: Blobs): Promise<ReplaySpec | null> {
  const [found] = await blobs.list(specAddress)
  return found ? (JSON.parse(Buffer.from(await blobs.get(found)).toString()) as ReplaySpec) : null
}

/** Starts, or goes on with, the replay of a data folder; nothing is published before `run()`. */
export async function openReplay(app: App, spec: ReplaySpec, hooks: ReplayHooks): Promise<Replay> {
  const { log, codec, blobs, partitions, stageSettings, engine, config } = app
  const opening = spec.model === null ? [] : await openingCommands(app, spec.model, Date.parse(spec.modelFrom))
  await blobs.put(specAddress, Buffer.from(JSON.stringify(spec)))
  const workers = new WorkersThreads()
  const ids = Object.fromEntries(eventTypes.map(name => [name, app.schemaIds[name] as number]))
  const { source: folder, from, to, inject, seed } = spec
  const replay = new Replay({
    log,
    codec,
    blobs,
    partitions,
    stepMs: stageSettings.stepMs,
    source: skipItems =>
      workers.run<SourceChunk>(
        sourceModule,
        { folder, from, to, inject, seed, ids, skipItems },
        { ahead: 2, heapMegabytes: 128 },
      ),
    closedAt: closedBy(to) + stageSettings.latenessMs,
    opening,
    caughtUp: () => engine.caughtUp(),
    unitRecords: config.unitSteps,
    ...hooks,
  })
  await replay.open()
  return replay
}

const sourceModule = new URL('./adapters/source-folder-worker.ts', import.meta.url).href

/** A day ends at 11:00 UTC of the next in Hawaii, a flight takes a day at most, and is waited for 36 h. */
function closedBy(day: string): number {
  return Date.parse(`${day}T00:00Z`) + days(1) + hours(11) + days(1) + keepMs
}

/** Registers a model file and makes it champion from an instant on. @throws Failure USAGE, MODEL_CORRUPT, MODEL_MISFIT */
export async function openingCommands(
  app: Pick<App, 'blobs'>,
  file: string,
  effectiveFrom: number,
): Promise<ModelCommand[]> {
  const bytes = modelBytes(file)
  const model = unpack(bytes)
  // one that cannot score our rows is refused here, not by every prediction
  compile(model, features)
  const hash = hashOf(bytes)
  await app.blobs.put(artefactAddress(hash), bytes)
  const version = `seed-${hash.slice(0, 8)}`
  const { trainedOn } = model
  const card: ModelCard = {
    artefact: artefactAddress(hash),
    hash,
    featureSet: featureSetHash,
    trainedFrom: trainedOn.from,
    trainedTo: trainedOn.to,
    rows: trainedOn.rows,
    why: trainedOn.why,
    parent: null,
    parameters: canonicalJson(trainedOn.parameters),
    metrics: canonicalJson(trainedOn.metrics),
  }
  const common = { by: 'OPERATOR', hour: trainedOn.to, version, expectedChampion: null, evidence: null } as const
  return [
    {
      ...common,
      id: `register ${version}`,
      verb: 'REGISTER',
      compare: false,
      effectiveFrom,
      reason: 'comes with the program',
      card,
    },
    {
      ...common,
      id: `start with ${version}`,
      verb: 'PROMOTE',
      compare: false,
      effectiveFrom,
      reason: 'the first model',
      card: null,
    },
  ]
}

function modelBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new Failure('USAGE', `the model file ${file} cannot be read`, { field: 'model', cause })
  }
}
