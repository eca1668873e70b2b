// Kafka without Docker: one node that is broker and controller, or three with every topic on all of them and two needed
// to acknowledge, so that one may be killed.

import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import kafkajs from 'kafkajs'
import { type Began, freePort, type StackProcess, startProcess, untilReady } from './processes.ts'

// it is CommonJS: Node finds only some of its names by itself
const { Kafka, logLevel } = kafkajs

export type KafkaNodes = { readonly processes: readonly StackProcess[]; readonly bootstrap: readonly string[] }
/** Another way into a node, beside the plain one. */
export type KafkaListener = {
  /** As it stands in the settings, in capitals. */
  readonly name: string
  readonly protocol: 'SASL_PLAINTEXT' | 'SSL'
  readonly port: number
  /** Behind `listener.name.<name>.` */
  readonly settings: Readonly<Record<string, string>>
}
export type KafkaOptions = {
  readonly listeners?: readonly KafkaListener[]
  /** More for the tool that makes the storage. */
  readonly format?: readonly string[]
  /** Told before they are ready. */
  readonly began?: Began
  /** Leaves the usual ports to others: who else looks for them at this moment would find them free too. */
  readonly anyPorts?: boolean
}
type KafkaNode = { readonly id: number; readonly port: number; readonly folder: string; readonly heap: string }

const clusterId = 'c2xpcHN0cmVhbS1zdGFjaw'

const logging = `status = warn
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1} %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`

/** Starts the nodes, on the data they had before if there is any, and waits until all are in the cluster. */
export async function startKafka(
  jars: string,
  folder: string,
  count: number,
  { listeners = [], format: more = [], anyPorts = false, began }: KafkaOptions = {},
): Promise<KafkaNodes> {
  const nodes: KafkaNode[] = []
  const controllers: number[] = []
  for (let id = 1; id <= count; id++) {
    const port = await freePort(anyPorts ? 0 : 29_091 + id)
    controllers.push(await freePort(anyPorts ? 0 : 29_191 + id))
    nodes.push({ id, port, folder: path.join(folder, `broker-${id}`), heap: count > 1 ? '256m' : '512m' })
  }
  const voters = controllers.map((port, index) => `${index + 1}@127.0.0.1:${port}`).join(',')
  for (const [index, node] of nodes.entries()) {
    fs.mkdirSync(node.folder, { recursive: true })
    fs.writeFileSync(path.join(node.folder, 'log4j2.properties'), logging)
    const controller = controllers[index] as number
    fs.writeFileSync(
      path.join(node.folder, 'server.properties'),
      properties(node, { controller, voters, count, listeners }),
    )
  }
  const unformatted = nodes.filter(node => !fs.existsSync(path.join(node.folder, 'data', 'meta.properties')))
  await Promise.all(unformatted.map(node => format(jars, node, more)))
  const bootstrap = nodes.map(({ port }) => `127.0.0.1:${port}`)
  const processes = nodes.map(node => startNode(jars, node))
  began?.(processes)
  await untilJoined({ processes, bootstrap })
  return { processes, bootstrap }
}

/** Until each node counts for the others: topics of as many copies can be made. @throws StackError when one has ended */
export function untilJoined({ processes, bootstrap }: KafkaNodes): Promise<void> {
  return untilReady(processes, () => allJoined(bootstrap, processes.length))
}

/** A node that was stopped or killed, begun again on its data. */
export function restartNode(jars: string, { name, log }: StackProcess): StackProcess {
  return startNode(jars, { id: Number(name.split('-')[1]), folder: path.dirname(log), heap: '256m' })
}

type NodeStart = Pick<KafkaNode, 'id' | 'folder' | 'heap'>

function startNode(jars: string, { id, folder, heap }: NodeStart): StackProcess {
  const log = path.join(folder, 'broker.log')
  const settings = path.join(folder, 'server.properties')
  const options = [`-Xms${heap}`, `-Xmx${heap}`, '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20']
  const logs = `-Dlog4j2.configurationFile=${path.join(folder, 'log4j2.properties')}`
  const args = [...options, logs, '-cp', `${jars}/*`, 'kafka.Kafka', settings]
  return startProcess({ name: `broker-${id}`, command: 'java', args, log })
}

async function format(jars: string, { folder }: KafkaNode, more: readonly string[]): Promise<void> {
  const settings = path.join(folder, 'server.properties')
  const args = ['-cp', `${jars}/*`, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings, ...more]
  await promisify(execFile)('java', args)
}

type Cluster = {
  readonly controller: number
  readonly voters: string
  readonly count: number
  readonly listeners: readonly KafkaListener[]
}

function properties({ id, port, folder }: KafkaNode, { controller, voters, count, listeners }: Cluster): string {
  const replicas = count >= 3 ? 3 : 1
  const inSync = count >= 3 ? 2 : 1
  const others = listeners.map(each => `,${each.name}://127.0.0.1:${each.port}`).join('')
  const protocols = listeners.map(each => `,${each.name}:${each.protocol}`).join('')
  const settings = listeners.flatMap(({ name, settings: own }) =>
    Object.entries(own).map(([key, value]) => [`listener.name.${name.toLowerCase()}.${key}`, value]),
  )
  const lines: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': voters,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}${others}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${others}`,
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': path.join(folder, 'data'),
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.num.partitions': 8,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    // a unit right behind another waits in such steps for the markers of that one; the default would be 20
    'add.partitions.to.txn.retry.backoff.ms': 2,
    'log.segment.delete.delay.ms': 1000,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
    ...Object.fromEntries(settings),
    // a dead node is noticed after this long; the default stalls its partitions for 9 s
    ...(count > 1 ? { 'broker.session.timeout.ms': 2000, 'broker.heartbeat.interval.ms': 500 } : {}),
  }
  return `${Object.entries(lines)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`
}

async function allJoined(brokers: readonly string[], count: number): Promise<boolean> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const admin = kafka.admin()
  try {
    await admin.connect()
    const found = await admin.describeCluster()
    return found.brokers.length === count
  } finally {
    await admin.disconnect()
  }
}
