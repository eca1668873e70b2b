// One connection to each broker, with what is known of the cluster. A broker answers the requests of one connection one
// after the other, so whoever must not wait for others (a long fetch, a commit) has a lane of its own.

import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type ISocketFactory, type SASLOptions } from 'kafkajs'
import Cluster, { type Broker } from 'kafkajs/src/cluster/index.js'
import { Failure } from '../lib/failure.ts'
import { BrokerError, brokerCodeIn, brokerCodes } from './log-kafka-failures.ts'
import { Sockets } from './log-kafka-sockets.ts'

// it is CommonJS: Node finds only some of its names by itself
const { Kafka, logLevel } = kafkajs

export type KafkaSettings = {
  /** As `host:port`. */
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Before every topic, transactional id and group: several pipelines may share a cluster. */
  readonly prefix: string
  readonly sasl?: SASLOptions
  /** How connections are made, such as through a tunnel; straight unless given. */
  readonly connect?: ISocketFactory
  readonly tls?: boolean | { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

/** How long connecting is tried before the caller is told. */
const retry = { initialRetryTime: 20, multiplier: 2, factor: 0, maxRetryTime: 500, retries: 4 }
const requestTimeoutMs = 10_000
const metadataMaxAgeMs = 300_000

/** The options of kafkajs's own clients. */
export function clientOptions({ brokers, clientId, sasl, tls }: KafkaSettings, sockets: Sockets) {
  return {
    brokers: [...brokers],
    clientId,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3000,
    requestTimeout: requestTimeoutMs,
    retry,
    socketFactory: sockets.factory,
    ...(sasl ? { sasl } : {}),
    ...(tls ? { ssl: tls } : {}),
  }
}

export class KafkaLane {
  readonly #cluster: Cluster
  readonly #sockets: Sockets
  readonly #known = new Set<string>()
  readonly #leaders = new Map<string, number>()
  #connecting: Promise<void> | undefined
  #refreshing: Promise<void> | undefined
  #refreshedAt = 0
  #closed = false

  constructor(settings: KafkaSettings) {
    this.#sockets = new Sockets(settings.connect)
    const options = clientOptions(settings, this.#sockets)
    this.#cluster = new Cluster({
      ...options,
      logger: new Kafka(options).logger(),
      authenticationTimeout: 5000,
      reauthenticationThreshold: 10_000,
      enforceRequestTimeout: true,
      metadataMaxAge: metadataMaxAgeMs,
      allowAutoTopicCreation: false,
      isolationLevel: 1,
    })
  }

  /** The broker that leads a partition. @throws Failure TOPIC_MISMATCH, LOG_UNREACHABLE when closed, what kafkajs throws */
  async leaderOf(topic: string, partition: number): Promise<Broker> {
    return this.broker(await this.leaderIdOf(topic, partition))
  }

  async leaderIdOf(topic: string, partition: number): Promise<number> {
    await this.#ready()
    const name = `${topic}/${partition}`
    const known = this.#leaders.get(name)
    if (known !== undefined) return known
    await this.know([topic])
    const found = this.#cluster.findTopicPartitionMetadata(topic).find(each => each.partitionId === partition)
    if (!found) throw new Failure('TOPIC_MISMATCH', `there is no ${name} in this cluster`)
    if (found.leader < 0) throw new BrokerError(brokerCodes.leaderNotAvailable, name)
    this.#leaders.set(name, found.leader)
    return found.leader
  }

  async broker(nodeId: number): Promise<Broker> {
    await this.#ready()
    return this.#cluster.findBroker({ nodeId })
  }

  /** @throws a broker's answer UNKNOWN_TOPIC_OR_PARTITION */
  async know(topics: readonly string[]): Promise<void> {
    await this.#ready()
    if (topics.every(topic => this.#known.has(topic))) return
    await this.#cluster.addMultipleTargetTopics(topics)
    for (const topic of topics) this.#known.add(topic)
  }

  async coordinatorOf(transactionalId: string): Promise<Broker> {
    await this.#ready()
    return this.#cluster.findGroupCoordinator({ groupId: transactionalId, coordinatorType: 1 })
  }

  /** The broker that keeps a group of members. */
  async groupCoordinatorOf(groupId: string): Promise<Broker> {
    await this.#ready()
    return this.#cluster.findGroupCoordinator({ groupId, coordinatorType: 0 })
  }

  /** After a failure: forgets a broken connection, and asks who leads what now. */
  async recover(error: unknown, broker?: Broker): Promise<void> {
    if (this.#closed) return
    if (broker && isConnectionError(error)) {
      await broker.disconnect().catch(() => undefined)
      this.#cluster.removeBroker({ host: broker.connectionPool.host, port: broker.connectionPool.port })
    }
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    await this.#refreshing
  }

  async #refresh(): Promise<void> {
    // at most twenty times a second, however many readers fail at once
    const waitMs = this.#refreshedAt + 50 - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    this.#refreshedAt = performance.now()
    this.#leaders.clear()
    try {
      await this.#cluster.refreshMetadata()
    } catch {
      // none answered: connect anew at the next call
      await this.#cluster.disconnect().catch(() => undefined)
      this.#known.clear()
      this.#connecting = undefined
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#cluster.disconnect().catch(() => undefined)
    this.#sockets.close()
  }

  async #ready(): Promise<void> {
    if (this.#closed) throw new Failure('LOG_UNREACHABLE', 'the log is closed')
    this.#connecting ??= this.#cluster.connect().catch((error: unknown) => {
      this.#connecting = undefined
      throw error
    })
    await this.#connecting
  }
}

/** Whether nobody answered, or only half. */
export function isConnectionError(error: unknown): boolean {
  return brokerCodeIn(error) === undefined && !(error instanceof Failure)
}

const passing: readonly number[] = [
  brokerCodes.unknownTopicOrPartition,
  brokerCodes.leaderNotAvailable,
  brokerCodes.notLeader,
  // a replica that is not online, a leader epoch that is not known yet
  7,
  9,
  56,
  74,
  75,
]

/** Whether another try may go better: the leader moved, or a broker went away. */
export function mayPass(error: unknown): boolean {
  const code = brokerCodeIn(error)
  return code === undefined ? isConnectionError(error) : passing.includes(code)
}
