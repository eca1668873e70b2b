// Two ways to write and to read exactly once, alike enough for one suite: kafkajs's own producer and consumer, used as
// its rules demand, and log-kafka, which goes below them.

import type kafkajs from 'kafkajs'
import { LogKafka } from '../../src/adapters/log-kafka.ts'

export type Text = { readonly topic: string; readonly partition: number; readonly text: string }

/** Where a group stands in partition 0 of a topic. */
export type GroupOffset = { readonly group: string; readonly topic: string; readonly offset: number }

/** The one who may write for a task. */
export type Owner = {
  /** All in one transaction, a group's offset too where a client keeps one. @throws when another owner came, or nobody answered */
  unit(texts: readonly Text[], at?: GroupOffset): Promise<void>
  end(): Promise<void>
}

export type Reading = {
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly until: string
}

export type Pausing = {
  readonly topic: string
  /** After so many texts of partition 0 it pauses, until more has been written; then it goes on from an offset. */
  readonly after: number
  readonly meanwhile: () => Promise<void>
  readonly to: number
  readonly until: string
}

export type Client = {
  readonly name: string
  readonly keepsGroupOffsets: boolean
  /** The transactional id of a task. */
  idOf(task: string): string
  /** Fences whoever had the task. */
  own(task: string): Promise<Owner>
  /** What read_committed gives from an offset up to a text, with it. */
  read(reading: Reading): Promise<string[]>
  /** @returns what came after the seek, and how much while it paused */
  pauseAndSeek(pausing: Pausing): Promise<{ inPause: number; found: string[] }>
  close(): Promise<void>
}

const quick = { initialRetryTime: 5, multiplier: 1.3, factor: 0, maxRetryTime: 50, retries: 1000 }

/** kafkajs as PARTS of its users say: a producer a claim, one partition a send, thrown away after any error. */
export function kafkajsClient(kafka: kafkajs.Kafka): Client {
  return {
    name: 'kafkajs 2.2.4',
    keepsGroupOffsets: true,
    idOf: task => `${task}-plain`,
    async own(task) {
      const transactionalId = this.idOf(task)
      const producer = kafka.producer({
        transactionalId,
        maxInFlightRequests: 1,
        transactionTimeout: 10_000,
        retry: quick,
      })
      await producer.connect()
      // the producer id is taken by the first transaction
      await (await producer.transaction()).abort()
      return {
        async unit(texts, at) {
          const transaction = await producer.transaction()
          for (const { topic, partition, text } of texts) {
            await transaction.send({ topic, messages: [{ partition, value: text }] })
          }
          if (at) {
            const topics = [{ topic: at.topic, partitions: [{ partition: 0, offset: `${at.offset}` }] }]
            await transaction.sendOffsets({ consumerGroupId: at.group, topics })
          }
          await transaction.commit()
        },
        end: () => producer.disconnect(),
      }
    },
    async read({ topic, partition, from, until }) {
      const consumer = kafka.consumer({ groupId: `${topic}-${partition}-${from}-${Math.random()}` })
      const found: string[] = []
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      const { promise, resolve } = Promise.withResolvers<void>()
      let begun = from === 0
      await consumer.run({
        eachBatch: async ({ batch }) => {
          if (batch.partition !== partition || (!begun && batch.firstOffset() !== String(from))) return
          begun = true
          for (const { value } of batch.messages) found.push(String(value))
          if (found.includes(until)) resolve()
        },
      })
      if (from > 0) consumer.seek({ topic, partition, offset: String(from) })
      begun = true
      await promise
      await consumer.disconnect()
      return found
    },
    async pauseAndSeek({ topic, after, meanwhile, to, until }) {
      const consumer = kafka.consumer({ groupId: `${topic}-${Math.random()}` })
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      const [reached, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      let state: 'before' | 'paused' | 'after' = 'before'
      let [count, inPause] = [0, 0]
      const found: string[] = []
      await consumer.run({
        eachMessage: async ({ message }) => {
          const text = String(message.value)
          if (state === 'after') found.push(text)
          else if (state === 'paused') inPause++
          else if (++count === after) {
            consumer.pause([{ topic }])
            state = 'paused'
            reached.resolve()
          }
          if (state === 'after' && text === until) done.resolve()
        },
      })
      await reached.promise
      await meanwhile()
      consumer.seek({ topic, partition: 0, offset: `${to}` })
      state = 'after'
      consumer.resume([{ topic }])
      await done.promise
      await consumer.disconnect()
      return { inPause, found }
    },
    close: async () => undefined,
  }
}

export function logKafkaClient(brokers: readonly string[]): Client {
  const log = new LogKafka({ brokers, clientId: 'slipstream-test', prefix: '' })
  return {
    name: 'log-kafka',
    keepsGroupOffsets: false,
    idOf: task => task,
    async own(task) {
      const claim = await log.claim(task)
      return {
        unit: texts =>
          claim.commit(
            texts.map(({ topic, partition, text }) => ({ topic, partition, key: '', value: Buffer.from(text) })),
          ),
        end: () => claim.release(),
      }
    },
    async read({ topic, partition, from, until }) {
      const found: string[] = []
      for (let at = from; !found.includes(until); ) {
        const { records, next } = await log.read(topic, partition, at, { bytesMax: 1_000_000 })
        for (const { value } of records) found.push(String(value))
        at = next
      }
      return found
    },
    async pauseAndSeek({ topic, after, meanwhile, to, until }) {
      const read: string[] = []
      for (let at = 0; read.length < after; ) {
        const { records, next } = await log.read(topic, 0, at, { bytesMax: 1_000_000, recordsMax: after - read.length })
        for (const { value } of records) read.push(String(value))
        at = next
      }
      // not to ask is to pause
      await meanwhile()
      return { inPause: 0, found: await this.read({ topic, partition: 0, from: to, until }) }
    },
    close: () => log.close(),
  }
}
