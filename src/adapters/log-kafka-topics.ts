// Topics of a Kafka cluster as the log port sees them: those with our prefix, without it.

import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import { Failure } from '../lib/failure.ts'
import { days } from '../lib/time.ts'
import type { TopicSpec } from '../runtime/log.ts'
import { brokerCodeIn, brokerCodes, failureOf } from './log-kafka-failures.ts'
import { clientOptions, type KafkaSettings } from './log-kafka-lane.ts'
import { Sockets } from './log-kafka-sockets.ts'

// it is CommonJS: Node finds only some of its names by itself
const { ConfigResourceTypes, Kafka } = kafkajs

/** How long topics are waited for that could not be made at once. */
const thereMs = 10_000

export type KafkaTopicOptions = {
  /** -1: as many as the cluster's default. */
  readonly replicas: number
  /** By topic; others keep what they hold until it is trimmed. */
  readonly retentionDays: Readonly<Record<string, number>>
}

export type TopicDifference = { readonly topic: string; readonly problem: string }

export class KafkaTopics {
  readonly #settings: KafkaSettings
  readonly #options: KafkaTopicOptions
  readonly #admin: Admin
  readonly #sockets: Sockets
  #connecting: Promise<void> | undefined
  #closed = false

  constructor(settings: KafkaSettings, options: KafkaTopicOptions) {
    this.#settings = settings
    this.#options = options
    this.#sockets = new Sockets(settings.connect)
    this.#admin = new Kafka(clientOptions(settings, this.#sockets)).admin()
  }

  /**
   * @returns those that were missing
   * @throws Failure TOPIC_MISMATCH when one exists with other partitions or cleanup, LOG_UNREACHABLE
   */
  async create(specs: readonly TopicSpec[]): Promise<readonly TopicSpec[]> {
    await this.#connect()
    const found = new Map((await this.list()).map(spec => [spec.name, spec]))
    for (const spec of specs) assertSame(found.get(spec.name), spec)
    const missing = specs.filter(({ name }) => !found.has(name))
    if (missing.length === 0) return missing
    const topics = missing.map(spec => ({
      topic: this.#settings.prefix + spec.name,
      numPartitions: spec.partitions,
      replicationFactor: this.#options.replicas,
      configEntries: Object.entries(this.#configOf(spec)).map(([name, value]) => ({ name, value })),
    }))
    try {
      await this.#admin.createTopics({ topics, waitForLeaders: true })
    } catch (error) {
      // another process may have been faster, or a broker does not know yet what it has just made
      const now = await this.#whenThere(missing)
      const left = missing.find(({ name }) => !now.has(name))
      if (left) throw failureOf(error, `creating topic ${left.name}`)
      for (const spec of missing) assertSame(now.get(spec.name), spec)
    }
    return missing
  }

  /** Those that are there, after a wait for all that were asked for. */
  async #whenThere(specs: readonly TopicSpec[]): Promise<ReadonlyMap<string, TopicSpec>> {
    const until = performance.now() + thereMs
    for (;;) {
      const found = new Map((await this.list()).map(spec => [spec.name, spec]))
      if (specs.every(({ name }) => found.has(name)) || performance.now() > until) return found
      await sleep(100)
    }
  }

  /** @throws Failure LOG_UNREACHABLE */
  async list(): Promise<TopicSpec[]> {
    await this.#connect()
    for (const until = performance.now() + thereMs; ; await sleep(100)) {
      try {
        return await this.#list()
      } catch (error) {
        if (!isComing(error) || performance.now() > until) throw failureOf(error, 'listing topics')
      }
    }
  }

  async #list(): Promise<TopicSpec[]> {
    const { prefix } = this.#settings
    const names = (await this.#admin.listTopics()).filter(name => name.startsWith(prefix) && !name.startsWith('__'))
    if (names.length === 0) return []
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: names })
    const configs = await this.#admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map(name => ({ type: ConfigResourceTypes.TOPIC, name, configNames: ['cleanup.policy'] })),
    })
    const policies = new Map(
      configs.resources.map(({ resourceName, configEntries }) => [resourceName, configEntries[0]?.configValue]),
    )
    const specs = topics.map(({ name, partitions }) => ({
      name: name.slice(prefix.length),
      partitions: partitions.length,
      cleanup: policies.get(name)?.includes('compact') ? ('compact' as const) : ('delete' as const),
    }))
    return specs.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** How topics that are there are kept otherwise than `create` would have it. @throws Failure LOG_UNREACHABLE */
  async differences(specs: readonly TopicSpec[]): Promise<TopicDifference[]> {
    const there = new Set((await this.list()).map(({ name }) => name))
    const found = specs.filter(({ name }) => there.has(name))
    if (found.length === 0) return []
    const resources = found.map(spec => ({
      type: ConfigResourceTypes.TOPIC,
      name: this.#settings.prefix + spec.name,
      configNames: Object.keys(this.#configOf(spec)),
    }))
    try {
      const answer = await this.#admin.describeConfigs({ includeSynonyms: false, resources })
      const configs = new Map(answer.resources.map(each => [each.resourceName, each.configEntries]))
      return found.flatMap(spec => {
        const entries = configs.get(this.#settings.prefix + spec.name) ?? []
        return Object.entries(this.#configOf(spec)).flatMap(([name, wanted]) => {
          const is = entries.find(({ configName }) => configName === name)?.configValue
          return is === wanted ? [] : [{ topic: spec.name, problem: `has ${name}=${is ?? 'nothing'}, not ${wanted}` }]
        })
      })
    } catch (error) {
      throw failureOf(error, 'reading how topics are kept')
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#admin.disconnect().catch(() => undefined)
    this.#sockets.close()
  }

  #configOf({ name, cleanup }: TopicSpec): Record<string, string> {
    const kept = this.#options.retentionDays[name]
    const common = {
      'cleanup.policy': cleanup,
      // a replay of 2013 would be too old to keep at once by its own times
      'message.timestamp.type': 'LogAppendTime',
      // whatever a producer compresses with, readers need no plug-in
      'compression.type': 'uncompressed',
      'retention.ms': String(kept === undefined ? -1 : days(kept)),
    }
    if (!name.endsWith('.changelog')) return common
    // small segments, so that a trim frees what a snapshot stands for
    return { ...common, 'segment.bytes': String(64 << 20) }
  }

  async #connect(): Promise<void> {
    if (this.#closed) throw new Failure('LOG_UNREACHABLE', 'the log is closed')
    this.#connecting ??= this.#admin.connect().catch((error: unknown) => {
      this.#connecting = undefined
      throw failureOf(error, `connecting to ${this.#settings.brokers.join(', ')}`)
    })
    await this.#connecting
  }
}

/** Of a topic that another process is just making: the asked broker does not know it yet, or nobody leads it yet. */
function isComing(error: unknown): boolean {
  const code = brokerCodeIn(error)
  return code === brokerCodes.unknownTopicOrPartition || code === brokerCodes.leaderNotAvailable
}

function assertSame(found: TopicSpec | undefined, wanted: TopicSpec): void {
  if (!found || (found.partitions === wanted.partitions && found.cleanup === wanted.cleanup)) return
  const is = `has ${found.partitions} partitions and cleanup ${found.cleanup}`
  throw new Failure('TOPIC_MISMATCH', `${wanted.name} ${is}, not ${wanted.partitions} and ${wanted.cleanup}`)
}
