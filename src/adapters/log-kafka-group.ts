// Membership: which tasks and jobs are whose, agreed on by a group of the cluster (its classic protocol). Each member says
// what it runs and what it has; one of them, the leader of that round, deals the tasks out (src/runtime/assign.ts).
//
//   G1  The group says who should have a task; only a claim (log-kafka-claim.ts) decides who has. So tasks run on while
//       the group agrees anew, and when its coordinator does not answer.
//   G2  A member that the group has dropped (it was frozen, or cut off) has nothing from then on, and joins as a new one.
//   G3  A member with a name of its own (`instance`) that comes back before its session ends takes its place again at once
//       and nobody else notices.
//   G4  A task changes hands in two rounds: its holder is told to let it go, and has the group agree anew once it has; so
//       an ordinary hand-over fences nobody. One that does not let go within a session is not waited for any longer.
//   G5  Members of different pipeline versions cannot be in one group: the version is the name of their protocol.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker, WireRequest } from 'kafkajs/src/cluster/index.js'
import { Failure } from '../lib/failure.ts'
import { type Member, type Share, type Stages, shares } from '../runtime/assign.ts'
import { Bell } from '../runtime/bell.ts'
import type { Ownership } from '../runtime/ownership.ts'
import { BrokerError, brokerCodeIn, brokerCodes, failureOf } from './log-kafka-failures.ts'
import { heartbeatRequest, joinRequest, leaveRequest, type MemberOf, syncRequest } from './log-kafka-group-wire.ts'
import { isConnectionError, KafkaLane, type KafkaSettings } from './log-kafka-lane.ts'

export type KafkaGroupOptions = {
  readonly settings: KafkaSettings
  /** Of everybody who shares the work. */
  readonly pipeline: string
  readonly instance: string | null
  /** After so long without a word a member is given up, and its tasks are dealt out anew. */
  readonly sessionMs: number
  /** What this member runs: names of stages and of jobs. */
  readonly runs: readonly string[]
  /** How many tasks each stage of the page has; what members run beside these are jobs, of one task each. */
  readonly stages: Stages
  readonly onTrouble: (error: unknown) => void
}

/** Twelve heartbeats are missed before a member is given up, if its session is the default. */
const heartbeatsASession = 12
const againMs = { first: 50, max: 1000 }
const leaveMs = 1000

type Standing = { readonly generation: number; readonly memberId: string }

export class KafkaGroup implements Ownership {
  readonly #o: KafkaGroupOptions
  readonly #group: string
  readonly #lane: KafkaLane
  readonly #listeners = new Set<() => void>()
  readonly #stop = new AbortController()
  readonly #beaten = new Bell()
  #nap = new AbortController()
  #instance: string | null
  #broker: Broker | undefined
  #in: Standing = { generation: -1, memberId: '' }
  #tasks: ReadonlySet<string> | null = null
  /** Rule G4: what is still to be let go; null when nothing was asked for. */
  #leaving: { readonly tasks: Set<string>; readonly untilMs: number } | null = null
  #asked = 0
  #answered = 0
  #running: Promise<void> | undefined
  readonly #first = Promise.withResolvers<void>()

  constructor(options: KafkaGroupOptions) {
    this.#o = options
    this.#instance = options.instance
    this.#group = `${options.settings.prefix}tasks`
    this.#lane = new KafkaLane(options.settings)
  }

  /**
   * Takes part from now on; every answer comes as a change. Resolves with the first one, which may take as long as a
   * session when somebody has just died.
   * @throws Failure PIPELINE_VERSION, USAGE when the group does not take us; that comes at once
   */
  start(): Promise<void> {
    this.#running ??= this.#run()
    return this.#first.promise
  }

  /** Every task and job that is ours now. */
  get tasks(): readonly string[] {
    return [...(this.#tasks ?? [])]
  }

  get #holds(): readonly string[] {
    return [...this.tasks, ...(this.#leaving?.tasks ?? [])]
  }

  owns(task: string): boolean | null {
    return this.#tasks?.has(task) ?? null
  }

  async confirm(task: string): Promise<boolean> {
    const wanted = ++this.#asked
    this.#nap.abort()
    while (this.#answered < wanted && !this.#stop.signal.aborted) await this.#beaten.after(this.#beaten.count)
    return this.owns(task) === true && !this.#stop.signal.aborted
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  hasLetGo(task: string): void {
    if (this.#leaving?.tasks.delete(task)) this.#nap.abort()
  }

  /** Leaves, so that the others take over at once. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#nap.abort()
    this.#beaten.ring()
    this.#first.resolve()
    const late = new AbortController()
    await Promise.race([this.#leave(), sleep(leaveMs, undefined, { signal: late.signal }).catch(() => undefined)])
    late.abort()
    await this.#lane.close()
    await this.#running
  }

  async #run(): Promise<void> {
    let waitMs = againMs.first
    while (!this.#stop.signal.aborted) {
      try {
        await this.#agree()
        waitMs = againMs.first
        await this.#stay()
      } catch (error) {
        if (this.#stop.signal.aborted) return
        if (this.#isPartOfIt(error)) continue
        const failure = this.#told(error)
        if (failure.code === 'PIPELINE_VERSION' || failure.code === 'USAGE') this.#first.reject(failure)
        // a coordinator that is just moving, or being made, is none
        if (waitMs === againMs.max || !isMoving(error)) this.#o.onTrouble(failure)
        await this.#recover(error)
        await sleep(waitMs)
        waitMs = Math.min(againMs.max, waitMs * 2)
      }
    }
  }

  /** Joins, and hears what is ours. */
  async #agree(): Promise<void> {
    const asked = this.#asked
    const { sessionMs, runs, pipeline } = this.#o
    const said: Said = { runs, holds: this.#holds, generation: this.#in.generation }
    const joined = await this.#send(
      joinRequest({
        group: this.#group,
        sessionMs,
        rebalanceMs: sessionMs,
        memberId: this.#in.memberId,
        instance: this.#instance,
        protocol: pipeline,
        metadata: Buffer.from(JSON.stringify(said)),
      }),
    )
    const { errorCode, memberId, generation } = joined
    if (errorCode === brokerCodes.memberIdRequired) this.#in = { ...this.#in, memberId }
    refuse(errorCode, this.#group)
    const isLeader = joined.leader === memberId
    const assignments = isLeader ? this.#dealt(joined.members) : []
    const member = { group: this.#group, generation, memberId, instance: this.#instance }
    const synced = await this.#send(syncRequest(member, assignments))
    refuse(synced.errorCode, this.#group)
    this.#in = { generation, memberId }
    const text = synced.assignment.toString()
    const { tasks, letGo }: Share = text === '' ? { tasks: [], letGo: [] } : (JSON.parse(text) as Share)
    // what was let go meanwhile, or in a life before, is not waited for
    const leaving = new Set(letGo.filter(task => this.#holds.includes(task)))
    this.#leaving = letGo.length === 0 ? null : { tasks: leaving, untilMs: performance.now() + sessionMs }
    this.#take(new Set(tasks))
    this.#answer(asked)
    this.#first.resolve()
  }

  /** Until the group has to agree anew, or does. @throws what ends it */
  async #stay(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (this.#leaving && (this.#leaving.tasks.size === 0 || performance.now() > this.#leaving.untilMs)) {
        this.#leaving = null
        return
      }
      this.#nap = new AbortController()
      if (this.#asked === this.#answered) {
        const everyMs = this.#o.sessionMs / heartbeatsASession
        await sleep(everyMs, undefined, { signal: this.#nap.signal }).catch(() => undefined)
        if (this.#stop.signal.aborted) return
      }
      const asked = this.#asked
      const errorCode = await this.#send(heartbeatRequest(this.#member))
      refuse(errorCode, this.#group)
      this.#answer(asked)
    }
  }

  #dealt(members: readonly { readonly memberId: string; readonly metadata: Buffer }[]) {
    const all = members.map(({ memberId, metadata }): Member => {
      return { id: memberId, ...(JSON.parse(metadata.toString()) as Said) }
    })
    const { stages } = this.#o
    const known = new Set(stages.map(({ stage }) => stage))
    const jobs = [...new Set(all.flatMap(({ runs }) => runs))].filter(name => !known.has(name)).sort()
    return [...shares(stages, jobs, all)].map(([memberId, share]) => {
      return { memberId, assignment: Buffer.from(JSON.stringify(share)) }
    })
  }

  #take(tasks: ReadonlySet<string>): void {
    const before = this.#tasks
    this.#tasks = tasks
    if (before && before.size === tasks.size && [...tasks].every(task => before.has(task))) return
    for (const listener of this.#listeners) listener()
  }

  #answer(asked: number): void {
    this.#answered = Math.max(this.#answered, asked)
    this.#beaten.ring()
  }

  /** Answers that tell what to do next, and are no trouble. */
  #isPartOfIt(error: unknown): boolean {
    const code = brokerCodeIn(error)
    const { rebalanceInProgress, illegalGeneration, memberIdRequired, unknownMember, fencedInstance } = brokerCodes
    if (code === rebalanceInProgress || code === illegalGeneration || code === memberIdRequired) return true
    if (code !== unknownMember && code !== fencedInstance) return false
    // rule G2; one that has our name is left to it
    if (code === fencedInstance) this.#instance = null
    this.#in = { generation: -1, memberId: '' }
    this.#leaving = null
    if (this.#tasks) this.#take(new Set())
    return true
  }

  #told(error: unknown): Failure {
    const code = brokerCodeIn(error)
    const group = `the group ${this.#group}`
    if (code === brokerCodes.inconsistentProtocol) {
      return new Failure('PIPELINE_VERSION', `${group} is of processes of another pipeline version`, {
        cause: error,
        help: 'Stop those, or give this one their program and their settings (horizons, lateness).',
      })
    }
    if (code === brokerCodes.invalidSessionTimeout) {
      return new Failure('USAGE', `${group}: the brokers take no session of ${this.#o.sessionMs} ms`, {
        field: 'kafkaSessionSeconds',
        cause: error,
        help: 'Set it between group.min.session.timeout.ms and group.max.session.timeout.ms of the brokers.',
      })
    }
    return failureOf(error, group)
  }

  async #recover(error: unknown): Promise<void> {
    const broker = this.#broker
    this.#broker = undefined
    if (!isConnectionError(error)) return
    await this.#lane.recover(error, broker)
  }

  async #send<T>(request: WireRequest<T>): Promise<T> {
    this.#broker ??= await this.#lane.groupCoordinatorOf(this.#group)
    return this.#broker.connectionPool.send(request)
  }

  /** On a connection of its own: a broker answers one request of a connection after the other, and joining takes long. */
  async #leave(): Promise<void> {
    if (this.#in.memberId === '') return
    const lane = new KafkaLane(this.#o.settings)
    try {
      const broker = await lane.groupCoordinatorOf(this.#group)
      await broker.connectionPool.send(leaveRequest(this.#member))
    } catch {
      // its session ends by itself
    } finally {
      await lane.close()
    }
  }

  get #member(): MemberOf {
    return { group: this.#group, instance: this.#instance, ...this.#in }
  }
}

function isMoving(error: unknown): boolean {
  const { coordinatorLoading, coordinatorNotAvailable, notCoordinator } = brokerCodes
  return ([coordinatorLoading, coordinatorNotAvailable, notCoordinator] as (number | undefined)[]).includes(
    brokerCodeIn(error),
  )
}

/** What a member says of itself. */
type Said = Omit<Member, 'id'>

function refuse(errorCode: number, group: string): void {
  if (errorCode !== 0) throw new BrokerError(errorCode, `the group ${group}`)
}
