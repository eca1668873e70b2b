// What log-kafka uses of kafkajs 2.2.4 below its public clients: connections, metadata and the calls of one broker.

declare module 'kafkajs/src/cluster/index.js' {
  import type { Logger } from 'kafkajs'

  export type WireRequest<T> = {
    readonly request: {
      readonly apiKey: number
      readonly apiVersion: number
      readonly apiName: string
      readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>
    }
    readonly response: {
      readonly decode: (payload: Buffer) => Promise<T>
      readonly parse: (decoded: T) => Promise<T>
    }
    readonly requestTimeout?: number
    readonly logResponseError?: boolean
  }

  export type TopicPartitions<P> = { readonly topic: string; readonly partitions: readonly P[] }
  type Txn = { transactionalId: string; producerId: string; producerEpoch: number }

  export interface Broker {
    readonly nodeId: number
    readonly connectionPool: {
      send<T>(request: WireRequest<T>): Promise<T>
      readonly host: string
      readonly port: number
    }
    disconnect(): Promise<void>
    initProducerId(asked: {
      transactionalId: string
      transactionTimeout: number
    }): Promise<{ producerId: string; producerEpoch: number }>
    addPartitionsToTxn(asked: Txn & { topics: readonly TopicPartitions<number>[] }): Promise<unknown>
    endTxn(asked: Txn & { transactionResult: boolean }): Promise<unknown>
    listOffsets(asked: {
      isolationLevel: 0 | 1
      topics: readonly TopicPartitions<{ partition: number; timestamp: number }>[]
    }): Promise<{
      responses: readonly {
        readonly topic: string
        readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
      }[]
    }>
    deleteRecords(asked: {
      topics: readonly TopicPartitions<{ partition: number; offset: string }>[]
    }): Promise<unknown>
  }

  type PartitionMetadata = { readonly partitionId: number; readonly leader: number }

  export default class Cluster {
    constructor(options: {
      logger: Logger
      socketFactory: unknown
      brokers: readonly string[]
      clientId: string
      ssl?: unknown
      sasl?: unknown
      connectionTimeout: number
      authenticationTimeout: number
      reauthenticationThreshold: number
      requestTimeout: number
      enforceRequestTimeout: boolean
      metadataMaxAge: number
      retry: unknown
      allowAutoTopicCreation: boolean
      isolationLevel: 0 | 1
    })
    connect(): Promise<void>
    disconnect(): Promise<void>
    isConnected(): boolean
    refreshMetadata(): Promise<void>
    addMultipleTargetTopics(topics: readonly string[]): Promise<void>
    findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[]
    findBroker(asked: { nodeId: number }): Promise<Broker>
    findGroupCoordinator(asked: { groupId: string; coordinatorType: 0 | 1 }): Promise<Broker>
    removeBroker(address: { host: string; port: number }): void
  }
}

declare module 'kafkajs/src/network/socketFactory.js' {
  import type { ISocketFactory } from 'kafkajs'

  export default function socketFactory(): ISocketFactory
}
