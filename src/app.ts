// Joins everything: settings, adapters, runtime, stages. Alone in knowing which engine it is.

import { hash as digestOf } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readAirports } from './adapters/source-airports.ts'
import { buildWeb, type WebBuild } from './adapters/web-build.ts'
import { writeWhole } from './adapters/whole-file.ts'
import { WorkersThreads } from './adapters/workers-threads.ts'
import { buildEngine, type WorkSizes } from './app/engine.ts'
import { EngineThread } from './app/engine-thread.ts'
import { type OpenLog, openLog } from './app/log.ts'
import { keptPlaces, placesOf } from './app/places.ts'
import { openPorts, type Ports } from './app/ports.ts'
import { type Job, openSharing, type Part, type Sharing } from './app/sharing.ts'
import type { Config } from './config.ts'
import { featureSetHash, features } from './features/table.ts'
import type { Airports } from './flights/airports.ts'
import { eventTypes } from './flights/event-order.ts'
import { keepMs } from './flights/life.ts'
import { canonicalJson } from './forest/canonical-json.ts'
import { hashOf, unpack } from './forest/flat.ts'
import { compile } from './forest/score.ts'
import { Replay, type ReplayOptions, type SourceChunk } from './jobs/replay.ts'
import type { Train } from './jobs/train.ts'
import { Failure } from './lib/failure.ts'
import { days, hours, minutes } from './lib/time.ts'
import { pipeline as pageOne } from './pipeline.ts'
import type { AirspaceFrame, ModelCard, ModelCommand } from './records.ts'
import { type ArtefactStore, artefactAddress } from './runtime/artefacts.ts'
import type { Blobs } from './runtime/blobs.ts'
import type { Engine } from './runtime/engine.ts'
import { Engines } from './runtime/engines.ts'
import type { Log } from './runtime/log.ts'
import type { Pipeline } from './runtime/topology.ts'
import type { ReadyModel } from './stages/scoring.ts'
import { type LoopSettings, loopDefaults, type StageSettings } from './stages/settings.ts'

/** Raised by hand when the meaning of a topic changes though no setting did. */
const rules = 3

/** The ports of a data folder, opened. */
export type Stores = Ports & { readonly log: Log; readonly close: () => Promise<void> }

export type App = Stores & {
  readonly config: Config
  readonly airports: Airports
  readonly stageSettings: StageSettings
  readonly partitions: number
  readonly models: ArtefactStore<ReadyModel>
  /** Of the engine of this thread. */
  readonly views: Engine<StageSettings>['views']
  readonly engines: Engines
  /** How the work is shared with other processes; null when this one does it all. */
  readonly sharing: Sharing | null
}

export type AppOptions = {
  readonly config: Config
  readonly onTrouble: (where: string, error: unknown) => void
  /** Another log than the data folder's, such as one in memory. */
  readonly stores?: Stores
  /** A part of page one, for recomputing. */
  readonly pipeline?: Pipeline<StageSettings>
  /** What this process does where several share the work; all of it, unless given. */
  readonly part?: Part
}

const root = new URL('../', import.meta.url)

/**
 * Opens the stores of the data folder, alone (`owner`) or to look at it while it runs (`reader`).
 * @throws Failure DATA_DIR_LOCKED, STATE_CORRUPT
 */
export async function openStores(config: Config, access: 'owner' | 'reader'): Promise<Stores> {
  const { log } = await openLog(config, access)
  return storesOn(log, config, access)
}

async function storesOn(log: Log, config: Config, access: 'owner' | 'reader'): Promise<Stores> {
  return { log, ...(await openPorts(placesOf(config), access)), close: () => log.close() }
}

/** Builds the pipeline over its stores; nothing runs before `engines.start()`. */
export async function openApp({ config, onTrouble, stores, pipeline = pageOne, part }: AppOptions): Promise<App> {
  const own = stores ? undefined : await openLog(config, 'owner')
  const opened = stores ?? (await storesOn((own as OpenLog).log, config, 'owner'))
  const airports = await readAirports(sourceFolder(config.source))
  const existing = (await opened.log.topics()).find(({ name }) => name === 'flights.events')
  const partitions = existing?.partitions ?? config.partitions
  const stageSettings = stageSettingsOf(config, airports)
  if (existing && !stores) await refuseForeign(opened, stageSettings.version)
  // topics of a cluster may be older than a folder that joins them
  if (!stores && (!existing || !existsSync(settingsFile(config)))) keepSettings({ ...config, partitions })
  const count = own ? Math.min(config.threads, partitions) : 1
  const parts = { settings: stageSettings, partitions, count, sizes: sizesOf(config, count) }
  const sharing = own?.kafka
    ? await openSharing({
        config,
        ports: opened,
        settings: own.kafka,
        pipeline,
        version: stageSettings.version,
        partitions,
        part: part ?? { jobs: ['train'], isAsked: false },
        onTrouble,
      }).catch(async (error: unknown) => {
        await opened.close()
        throw error
      })
    : null
  const shared = sharing ? { ownership: sharing.group, isAsked: part?.isAsked ?? false } : {}
  const { engine, models } = buildEngine({ ...parts, ...shared, index: 0, pipeline, stores: opened, onTrouble })
  const stages = pipeline.nodes.map(({ stage }) => stage.name)
  const places = placesOf(config)
  const threads = Array.from({ length: count - 1 }, (_, other) => {
    const input = () => {
      const group = sharing ? { group: sharing.forThread(other + 1) } : {}
      return { ...parts, ...group, index: other + 1, stages, places, log: (own as OpenLog).forThread() }
    }
    return new EngineThread({ input, pipeline, clock: opened.clock, onTrouble })
  })
  const others = sharing ? [sharing.others] : []
  const engines = new Engines([engine, ...threads, ...others], () => opened.clock.turn())
  const close = async () => {
    models.close()
    await engines.stop(config.stopSeconds * 1000)
    await sharing?.close()
    await opened.close()
  }
  const { views } = engine
  return { ...opened, close, config, airports, stageSettings, partitions, models, views, engines, sharing }
}

/** Whether a job is this process's now. */
export function isOurs({ sharing }: Pick<App, 'sharing'>, job: Job): boolean {
  return sharing ? sharing.group.owns(`${job}-0`) === true : true
}

function sizesOf(config: Config, count: number): WorkSizes {
  return {
    unitSteps: config.unitSteps,
    unitBytes: config.unitKilobytes << 10,
    fetchBytes: config.fetchKilobytes << 10,
    snapshotBytes: config.snapshotMegabytes << 20,
    bufferBytes: (config.bufferMegabytes << 20) / count,
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

const settingsFile = ({ dataDir }: Pick<Config, 'dataDir'>): string => join(dataDir, 'slipstream.json')

/** Of what a folder was begun with, what means the same on every engine. */
const keptNames = ['partitions', 'horizons', 'lateness', 'unusualPercent', 'retrainDays', 'alertsRetrain'] as const

/** What a folder was begun with is its default from then on: flags need no repeating. */
function keepSettings(config: Config): void {
  const { dataDir, source, engine, kafkaPrefix, kafkaBrokers } = config
  const onKafka = { engine, kafkaPrefix, ...(kafkaBrokers === '' ? {} : { kafkaBrokers }) }
  const kept = {
    ...Object.fromEntries(keptNames.map(name => [name, config[name]])),
    source: sourceFolder(source),
    ...(engine === 'kafka' ? onKafka : {}),
    ...keptPlaces(config),
  }
  const file = settingsFile({ dataDir })
  // whole or not at all: a folder with half a file would not open again
  writeWhole(file, `${JSON.stringify(kept, null, 2)}\n`)
}

export function stageSettingsOf(config: Config, airports: Airports): StageSettings {
  const { horizons: horizonsMinutes, lateness } = config
  const zones = [...airports.values()].map(({ code, zone, latitude, longitude }) => [code, zone, latitude, longitude])
  const loop = loopOf(config)
  const meaning = JSON.stringify({ rules, featureSetHash, horizonsMinutes, lateness, zones, loop })
  return {
    version: `1-${digestOf('sha256', meaning, 'hex').slice(0, 12)}`,
    latenessMs: minutes(lateness),
    aheadMs: minutes(60),
    windowMs: minutes(10),
    stepMs: minutes(24 * 60),
    horizonsMinutes,
    airports,
    loop,
  }
}

function loopOf({ unusualPercent, retrainDays, alertsRetrain }: Config): LoopSettings {
  const { clearShare, unusualShare: usual } = loopDefaults
  const unusualShare = unusualPercent / 100
  return {
    ...loopDefaults,
    unusualShare,
    clearShare: (clearShare / usual) * unusualShare,
    retrainDays: retrainDays === 0 ? null : retrainDays,
    alertsRetrain: alertsRetrain === 'on',
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

export type ReplayHooks = Pick<ReplayOptions, 'mayAdvance' | 'onProgress' | 'again'> & {
  /** Answers the requests of a step before it ends; without it they stay open. */
  readonly train?: Pick<Train, 'answered' | 'state'>
}

const specAddress = 'replay/spec.json'

/** The replay that a data folder holds, or null. */
export async function replaySpecOf(blobs: Blobs): Promise<ReplaySpec | null> {
  const [found] = await blobs.list(specAddress)
  return found ? (JSON.parse(Buffer.from(await blobs.get(found)).toString()) as ReplaySpec) : null
}

/** Starts, or goes on with, the replay of a data folder; nothing is published before `run()`. */
export async function openReplay(app: App, spec: ReplaySpec, { train, ...hooks }: ReplayHooks): Promise<Replay> {
  const { log, codec, blobs, partitions, stageSettings, engines, config } = app
  let commands: Promise<ModelCommand[]> | undefined
  // reads and checks the model file, which takes a twentieth of a restart: not for a replay that goes on
  const asked = () =>
    (commands ??=
      spec.model === null ? Promise.resolve([]) : openingCommands(app, spec.model, Date.parse(spec.modelFrom)))
  // the folder says that it holds a replay once the source has given its first events, and before they are in the log
  const opening = async () => {
    await blobs.put(specAddress, Buffer.from(JSON.stringify(spec)))
    return await asked()
  }
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
    caughtUp: () => everybodyCaughtUp(engines, train),
    unitRecords: config.unitSteps,
    ...hooks,
  })
  const { mark } = await replay.open()
  // a model that cannot be used is refused before anything runs
  if (mark === null) await asked()
  return replay
}

/** What is asked of the registry is on record before this resolves: the judge asks, the training job answers. */
async function everybodyCaughtUp(engines: Engines, train: ReplayHooks['train']): Promise<void> {
  await engines.caughtUp()
  if (!train) return
  const { answers } = train.state()
  await train.answered()
  if (train.state().answers > answers) await engines.caughtUp()
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
  const common = {
    by: 'OPERATOR',
    hour: trainedOn.to,
    version,
    expectedChampion: null,
    evidence: null,
    correction: [],
  } as const
  return [
    {
      ...common,
      correction: [],
      id: `register ${version}`,
      verb: 'REGISTER',
      compare: false,
      effectiveFrom,
      reason: 'comes with the program',
      card,
    },
    {
      ...common,
      correction: [],
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
