// Logs on the brokers that the `stack` tests run against (test/stack/setup.ts).

import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { inject } from 'vitest'
import { LogKafka } from '../../src/adapters/log-kafka.ts'
import { skipUnless } from '../skips.ts'

// it is CommonJS: Node finds only some of its names by itself
const { Kafka, logLevel } = kafkajs

export const brokers = inject('brokers')

export const here = skipUnless(
  brokers.length > 0,
  'Kafka tests need Java 17 and Maven',
  'apt-get install openjdk-17-jre-headless maven',
)

/** Of this file's tests: several files may run in one process, one after the other. */
const tag = randomUUID().slice(0, 8)
let prefixes = 0

/** A prefix that no other test uses. */
export function newPrefix(): string {
  return `test-${tag}-${++prefixes}.`
}

/** What tells a command that its topics are on the brokers, under a prefix. */
export function onKafka(prefix: string): string[] {
  return ['--engine', 'kafka', '--kafka-brokers', brokers.join(','), '--kafka-prefix', prefix]
}

export function openLog(prefix = newPrefix()): LogKafka {
  return new LogKafka({ brokers, clientId: 'slipstream-test', prefix })
}

/** A client of kafkajs itself, to see what others see. */
export function plainKafka(): kafkajs.Kafka {
  return new Kafka({ brokers, clientId: 'slipstream-test-plain', logLevel: logLevel.NOTHING })
}

/** Leaves the brokers as they were found. */
export async function deleteTopics(): Promise<void> {
  if (brokers.length === 0) return
  const admin = plainKafka().admin()
  await admin.connect()
  const topics = (await admin.listTopics()).filter(name => name.startsWith(`test-${tag}-`))
  if (topics.length > 0) await admin.deleteTopics({ topics })
  await admin.disconnect()
}
