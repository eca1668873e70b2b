// train: answers the requests for trainings, one after the other in their order. It reads flights.outcomes up to the
// request's cut, trains, and asks the registry to take the model, or says why there is none.
//
//   T1  What it answers is a function of the request and the rows: a sample by hash, a seed from the request's id. Wall
//       clock facts travel in headers. The one exception is that a training was given up.
//   T2  An answer has the id `train <request>`: one that is repeated (killed after it was committed) changes nothing.
//   T3  A training that crashes is repeated, and given up after so many attempts (train-crashes.ts). Too few rows are
//       an answer at once. That the world fails (log, blobs, this process) is neither: it is tried again for ever.
//   T4  The artefact lies on the blobs port, checked, before the command that names it is committed.
//   T5  It holds the claim of its task before it looks for answers, so that none can come behind its back.

import type { Feature } from '../features/define.ts'
import { canonicalJson } from '../forest/canonical-json.ts'
import { hashOf, pack, unpack } from '../forest/flat.ts'
import type { Model } from '../forest/model.ts'
import { compile } from '../forest/score.ts'
import type { TrainingSet } from '../forest/training-set.ts'
import { assert } from '../lib/assert.ts'
import { failureIn } from '../lib/failure.ts'
import { hash32 } from '../lib/random.ts'
import type { ModelCard, ModelCommand, RetrainRequest } from '../records.ts'
import { artefactAddress } from '../runtime/artefacts.ts'
import type { Blobs } from '../runtime/blobs.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Append, Claim, Log } from '../runtime/log.ts'
import type { Codec } from '../runtime/schemas.ts'
import type { Trainer } from '../runtime/trainer.ts'
import { cardOf } from './model-card.ts'
import { type Crashes, TrainCrashes, trainingAttemptsMax } from './train-crashes.ts'
import { answerIdOf, TrainQueue } from './train-queue.ts'
import { RowsReader, type RowsWanted, type TrainingRows } from './train-rows.ts'

export type TrainParameters = Omit<RowsWanted, 'seed'> & {
  /** Fewer labelled rows are declined. */
  readonly rowsMin: number
  /** The last of the rows, held out for calibration, threshold, interval and metrics. */
  readonly heldOutShare: number
  /** The algorithm's. */
  readonly algorithm: TrainingSet['parameters']
}

/** Some seconds in a thread, with the algorithm's own parameters. */
export const trainDefaults: TrainParameters = {
  rowsMax: 120_000,
  rowsMin: 5000,
  windowDays: 400,
  settledHours: 36,
  heldOutShare: 0.2,
  algorithm: {},
}

export type TrainOptions = {
  readonly log: Log
  readonly codec: Codec
  readonly blobs: Blobs
  readonly clock: Clock
  readonly trainer: Trainer<TrainingSet, Model>
  /** The feature table, in whose order rows are, and its hash. */
  readonly features: readonly Feature[]
  readonly featureSet: string
  readonly horizonsMinutes: readonly number[]
  readonly parameters?: Partial<TrainParameters>
  /** Between looks when nothing is heard of, and before what has failed is tried again. */
  readonly pollMs: number
  readonly retryMs: number
  readonly onTrouble: (error: unknown) => void
  /** Called when the rows of a training are there, and its threads are not. @returns what is called when it is over */
  readonly makeRoom?: () => () => void
  /** Before it resolves nothing is trained. */
  readonly after?: Promise<void>
  /** Whether the job is this process's now, where several could do it. While it is not, answers are only heard of. */
  readonly isOurs?: () => boolean
}

export type TrainState = {
  /** What is in work: since when by the wall clock, share of the algorithm's steps done, labelled rows found. */
  readonly open: {
    readonly id: string
    readonly since: number
    readonly progress: number
    readonly rows: number
  } | null
  /** Requests without an answer, the open one included. */
  readonly waiting: number
  /** On record: models made, and requests declined. */
  readonly trained: number
  readonly declined: number
  /** Both. */
  readonly answers: number
  /** Wall clock, of this process. */
  readonly secondsTraining: number
}

type Open = { id: string; since: number; progress: number; rows: number }

export class Train {
  readonly #o: TrainOptions
  readonly #p: TrainParameters
  readonly #stop = new AbortController()
  readonly #queue: TrainQueue
  readonly #reader: RowsReader
  readonly #crashes: TrainCrashes
  #claim: Claim | undefined
  /** Made, but perhaps not committed. */
  #made: { id: string; append: Append } | undefined
  #open: Open | null = null
  #trainedMs = 0
  #nap = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  #unlisten: (() => void) | undefined

  constructor(options: TrainOptions) {
    this.#o = options
    this.#p = { ...trainDefaults, ...options.parameters }
    this.#queue = new TrainQueue(options)
    this.#reader = new RowsReader(options)
    this.#crashes = new TrainCrashes(options.log)
  }

  /** Finds the requests that have no answer, and starts with them. Call once. @throws Failure LOG_UNREACHABLE */
  async open(): Promise<void> {
    if (this.#isOurs()) this.#claim = await this.#o.log.claim('train')
    await this.#crashes.open()
    await this.#queue.look()
    this.#unlisten = this.#o.log.onAppend(topic => {
      if (topic === 'retrain.requests' || (topic === 'models.commands' && !this.#isOurs())) this.#nap.abort()
    })
    this.#loop = this.#run()
  }

  /**
   * Resolves when every request that was committed before the call has its answer committed and in sight.
   * @throws Failure NOT_RUNNING when the job ends first, TASK_FENCED when another process has taken it over
   */
  async answered(): Promise<void> {
    await this.#o.log.settled()
    await this.#queue.look()
    this.#nap.abort()
    await this.#queue.empty()
    await this.#o.log.settled()
  }

  state(): TrainState {
    const { waiting, trained, declined } = this.#queue
    const inWork = this.#open ? this.#o.clock.now() - this.#open.since : 0
    const open = this.#open && { ...this.#open }
    const answers = trained + declined
    return {
      open,
      waiting: waiting.length,
      trained,
      declined,
      answers,
      secondsTraining: (this.#trainedMs + inWork) / 1000,
    }
  }

  /** Ends the training in work, which leaves nothing; its request is answered by who opens the job next. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#nap.abort()
    this.#unlisten?.()
    await this.#loop
    this.#queue.end()
    await this.#claim?.release()
  }

  async #run(): Promise<void> {
    const { clock, pollMs, retryMs, onTrouble } = this.#o
    const { signal } = this.#stop
    await Promise.race([this.#o.after, aborted(signal)])
    while (!signal.aborted) {
      this.#nap = new AbortController()
      try {
        if (!this.#isOurs()) {
          await this.#standBy(pollMs)
          continue
        }
        this.#claim ??= await this.#o.log.claim('train')
        await this.#crashes.open()
        await this.#queue.look()
        const [request] = this.#queue.waiting
        if (request) await this.#answer(request)
        else await clock.sleep(pollMs, this.#nap.signal)
      } catch (error) {
        if (signal.aborted) return
        onTrouble(error)
        const failure = failureIn(error)
        if (failure?.code === 'TASK_FENCED' && !this.#o.isOurs) return this.#queue.end(failure)
        await clock.sleep(retryMs, signal)
      }
    }
  }

  #isOurs(): boolean {
    return this.#o.isOurs?.() ?? true
  }

  /** Another process answers. */
  async #standBy(pollMs: number): Promise<void> {
    await this.#claim?.release()
    this.#claim = undefined
    this.#made = undefined
    this.#crashes.again()
    await this.#queue.look()
    await this.#o.clock.sleep(pollMs, this.#nap.signal)
  }

  async #answer(request: RetrainRequest): Promise<void> {
    const since = this.#o.clock.now()
    this.#open = { id: request.id, since, progress: 0, rows: 0 }
    try {
      if (this.#made?.id !== request.id) this.#made = { id: request.id, append: await this.#make(request, this.#open) }
      this.#stop.signal.throwIfAborted()
      await this.#commit(this.#made.append)
      this.#made = undefined
    } finally {
      this.#trainedMs += this.#o.clock.now() - since
      this.#open = null
    }
  }

  async #commit(append: Append): Promise<void> {
    await this.#append(append)
    await this.#queue.look()
  }

  /** After an error nobody knows whether it took effect: a new claim may look. */
  async #append(append: Append): Promise<void> {
    const claim = this.#claim as Claim
    this.#claim = undefined
    await claim.commit([append])
    this.#claim = claim
    await this.#o.log.settled()
  }

  async #make(request: RetrainRequest, open: Open): Promise<Append> {
    const { codec, clock } = this.#o
    const crashes = this.#crashes.of(request.id)
    let readAt = clock.now()
    let answer: ModelCommand
    if (crashes.count >= trainingAttemptsMax) answer = givenUp(request, crashes)
    else {
      const found = await this.#read(request, open)
      readAt = clock.now()
      const why = await this.#refusal(request, found)
      answer = why === null ? await this.#train(request, found, open) : declined(request, why, found.labelled)
    }
    const seconds = { readSeconds: readAt - open.since, fitSeconds: clock.now() - readAt }
    return {
      topic: 'models.commands',
      partition: 0,
      key: answer.version,
      value: codec.encode('ModelCommand', answer),
      headers: Object.fromEntries(Object.entries(seconds).map(([name, ms]) => [name, (ms / 1000).toFixed(3)])),
    }
  }

  #read(request: RetrainRequest, open: Open): Promise<TrainingRows> {
    // the same for every request, so that one goes on where the last one ended
    const wanted = { ...this.#p, seed: 0 }
    return this.#reader.read(request, wanted, { signal: this.#stop.signal, onRows: count => void (open.rows = count) })
  }

  async #refusal({ cut }: RetrainRequest, { rows, labelled }: TrainingRows): Promise<string | null> {
    const partitions = (await this.#o.log.topics()).find(({ name }) => name === 'flights.outcomes')?.partitions
    if (cut.length !== partitions) return `the cut has ${cut.length} partitions, flights.outcomes ${partitions ?? 0}`
    const { rowsMin, heldOutShare } = this.#p
    if (labelled < rowsMin) return `${labelled} labelled rows up to the cut; it takes ${rowsMin}`
    const { heldOutFrom, whyNot } = await trainModel()
    return whyNot(rows, heldOutFrom(rows, heldOutShare))
  }

  async #train(request: RetrainRequest, found: TrainingRows, open: Open): Promise<ModelCommand> {
    const over = this.#o.makeRoom?.()
    const bytes = await this.#fit(request, found, open)
      .catch((error: unknown) => this.#crashed(request, error))
      .finally(over)
    this.#stop.signal.throwIfAborted()
    const hash = hashOf(bytes)
    await this.#o.blobs.put(artefactAddress(hash), bytes)
    return registered(request, cardOf(unpack(bytes), hash))
  }

  /** Notes the crash, unless it is the end of this job, and throws it on. */
  async #crashed(request: RetrainRequest, error: unknown): Promise<never> {
    if (!this.#stop.signal.aborted) {
      const row = this.#crashes.row(request.id, error)
      this.#crashes.again()
      await this.#append(row)
    }
    throw error
  }

  /** All that touches nothing but rows and numbers. @returns the model, checked, as it is stored */
  async #fit(request: RetrainRequest, { rows, days }: TrainingRows, open: Open): Promise<Uint8Array> {
    const { trainer, clock, features: table, featureSet, horizonsMinutes } = this.#o
    const { algorithm, rowsMin: _, heldOutShare, ...sampled } = this.#p
    const { signal } = this.#stop
    const seed = seedOf(request)
    const { evaluated, heldOutFrom, trainingSetOf } = await trainModel()
    const from = heldOutFrom(rows, heldOutShare)
    const set = trainingSetOf(rows, {
      table,
      heldOutFrom: from,
      seed,
      parameters: algorithm,
      horizonsMinutes,
      origin: { cut: request.at, featuresHash: featureSet, why: request.why },
      parent: request.champion,
    })
    const onProgress = ({ done, of }: { done: number; of: number }) => void (open.progress = done / of)
    const turn = async () => {
      await clock.turn()
      signal.throwIfAborted()
    }
    let evaluation = undefined as Promise<Model> | undefined
    const onGraded = (graded: Model) => {
      // beside the trees of all rows; what it comes to is heard when they are grown
      evaluation = evaluated(graded, { table, rows, days, heldOutFrom: from, seed, turn })
      evaluation.catch(() => undefined)
    }
    const model = await trainer.train(set, { signal, onProgress, onGraded })
    assert(evaluation !== undefined, 'a trainer tells of the model that may be graded')
    const { reference, trainedOn } = await evaluation
    const parameters = { ...(trainedOn.parameters as object), ...sampled, heldOutShare }
    const bytes = pack({
      ...model,
      reference,
      trainedOn: { ...model.trainedOn, metrics: trainedOn.metrics, parameters },
    })
    compile(unpack(bytes), table)
    return bytes
  }
}

/** Half of src/forest and reports: loaded with the first training. */
const trainModel = () => import('./train-model.ts')

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
}

function seedOf({ id }: RetrainRequest): number {
  return hash32(id, 0)
}

/** It is in force, as a challenger, from the end of the request's step on: the registry's rule. */
function answerTo({ id, at }: RetrainRequest): Omit<ModelCommand, 'verb' | 'reason' | 'evidence' | 'card'> {
  const asked = { expectedChampion: null, compare: false, effectiveFrom: null, correction: [] }
  return { id: answerIdOf(id), by: 'TRAINER', hour: at, version: id, ...asked }
}

function registered(request: RetrainRequest, card: ModelCard): ModelCommand {
  return { ...answerTo(request), verb: 'REGISTER', reason: request.why, evidence: null, card }
}

/** Recognised by `isGivenUp`. */
function givenUp(request: RetrainRequest, { count, why }: Crashes): ModelCommand {
  const evidence = canonicalJson({ attempts: count, code: 'TRAINING_FAILED' })
  const reason = `TRAINING_FAILED: the training crashed ${count} times, the last time with "${why}"`
  return { ...answerTo(request), verb: 'DECLINE', reason, evidence, card: null }
}

function declined(request: RetrainRequest, reason: string, labelledRows: number): ModelCommand {
  return { ...answerTo(request), verb: 'DECLINE', reason, evidence: canonicalJson({ labelledRows }), card: null }
}
