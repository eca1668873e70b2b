// Three brokers of which some are killed with SIGKILL while tasks write: every unit is there once, in order, in all its
// partitions. A task does what the runtime does: after any error it claims again and goes on from what it finds.

import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { restartNode, untilJoined } from '../../scripts/stack/kafka.ts'
import { fetchKafka } from '../../scripts/stack/parts.ts'
import { isAlive, type StackProcess, stopProcess, untilReady } from '../../scripts/stack/processes.ts'
import { StackFolder } from '../../scripts/stack/stack.ts'
import { LogKafka } from '../../src/adapters/log-kafka.ts'
import { KafkaLane } from '../../src/adapters/log-kafka-lane.ts'
import { failureIn } from '../../src/lib/failure.ts'
import type { Claim, Log } from '../../src/runtime/log.ts'
import { here } from './brokers.ts'
import { type Client, kafkajsClient, logKafkaClient, type Owner } from './clients.ts'

// it is CommonJS: Node finds only some of its names by itself
const { Kafka, logLevel } = kafkajs

const folder = new StackFolder(path.join(import.meta.dirname, '..', '..', '.slipstream', 'test-three'))
const tell = () => undefined
const partitions = 3
let nodes: StackProcess[] = []
let jars = ''
let bootstrap: readonly string[] = []

// three of them on a machine that does other work take their time
here.describe('three brokers', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    const stack = await folder.up({ brokers: 3, parts: ['kafka'], fresh: true, tell })
    nodes = [...stack.processes]
    bootstrap = stack.kafka?.bootstrap ?? []
    jars = await fetchKafka(tell)
  }, 300_000)

  // the one that was started again last may still be on its way, and what it leads without a leader
  beforeEach(async () => {
    await untilJoined({ processes: nodes, bootstrap })
    const log = new LogKafka({ brokers: bootstrap, clientId: 'slipstream-test', prefix: '' })
    // as long as a topic has no leader that throws
    await untilReady(nodes, () => log.topics().then(() => true))
    await log.close()
  })

  afterAll(async () => {
    // asked to end, the last ones would wait for others to hand over to; what they hold goes anyway
    await Promise.all(nodes.map(node => stopProcess(node, 0)))
    await folder.down()
  })

  test('each killed once under load, the coordinators and leaders among them: no unit is lost or doubled', async () => {
    const ends = await load('each', async progress => {
      for (const index of nodes.keys()) {
        await progress(3)
        await kill(index)
        await progress(2)
        await begin(index)
      }
      await progress(3)
    })
    expect(ends).toEqual(Array.from({ length: 2 * partitions }, () => 'whole'))
  })

  test.each(['leader', 'coordinator'] as const)(
    'the %s of a task killed under load, whatever the client',
    async role => {
      const kafka = new Kafka({
        brokers: [...bootstrap],
        clientId: 'slipstream-test-plain',
        logLevel: logLevel.NOTHING,
      })
      const found: Record<string, string> = {}
      for (const client of [kafkajsClient(kafka), logKafkaClient(bootstrap)]) {
        found[client.name] = await underClient(client, role)
        await client.close()
      }
      expect(found).toEqual({ 'kafkajs 2.2.4': 'right', 'log-kafka': 'right' })
    },
  )

  test('all gone for some seconds: the tasks wait, and go on', async () => {
    const ends = await load('all', async progress => {
      await progress(3)
      await Promise.all(nodes.map(node => stopProcess(node, 0)))
      await sleep(5000)
      await Promise.all(nodes.map((_, index) => begin(index)))
      await progress(3)
    })
    expect(ends).toEqual(Array.from({ length: 2 * partitions }, () => 'whole'))
  })
})

/** Which node leads partition 0 of a topic, or keeps the transactions of its task, by its place in `nodes`. */
async function nodeOf(role: 'leader' | 'coordinator', topic: string, client: Client): Promise<number> {
  const lane = new KafkaLane({ brokers: bootstrap, clientId: 'slipstream-test', prefix: '' })
  const id = role === 'leader' ? await lane.leaderIdOf(topic, 0) : (await lane.coordinatorOf(client.idOf(topic))).nodeId
  await lane.close()
  return nodes.findIndex(({ name }) => name === `broker-${id}`)
}

/** Numbers written in units by one client, a node killed on the way. @returns `right`, or what is not */
async function underClient(client: Client, role: 'leader' | 'coordinator'): Promise<string> {
  const topic = `${role}-${client.name.replaceAll(' ', '-')}`
  const maker = new LogKafka({ brokers: bootstrap, clientId: 'slipstream-test', prefix: '' })
  await maker.createTopics([{ name: topic, partitions, cleanup: 'delete' }])
  await maker.close()
  const text = (what: string, partition = 0) => ({ topic, partition, text: what })
  let killed: Promise<number> | undefined
  let done = 0
  for (let owner: Owner | undefined; done < 40; ) {
    try {
      if (!owner) {
        // fenced first, then read where it stands
        owner = await client.own(topic)
        const mark = `mark ${Math.random()}`
        await owner.unit([text(mark)])
        done = (await client.read({ topic, partition: 0, from: 0, until: mark })).filter(isNumber).length
      }
      await owner.unit(Array.from({ length: partitions }, (_, partition) => text(`${done}`, partition)))
      if (++done === 15) {
        killed = nodeOf(role, topic, client)
        await kill(await killed)
      }
    } catch {
      // thrown away after any error
      await owner?.end().catch(() => undefined)
      owner = undefined
      await sleep(50)
    }
  }
  await begin((await killed) as number)
  const owner = await client.own(`${topic}-end`)
  const wrong: string[] = []
  for (let partition = 0; partition < partitions; partition++) {
    await owner.unit([text('end', partition)])
    const found = (await client.read({ topic, partition, from: 0, until: 'end' })).filter(isNumber)
    if (found.join() !== Array.from({ length: done }, (_, index) => `${index}`).join()) wrong.push(found.join())
  }
  await owner.end()
  return wrong.length === 0 ? 'right' : wrong.join('; ')
}

const isNumber = (text: string) => /^\d+$/.test(text)

async function kill(index: number): Promise<void> {
  const node = nodes[index] as StackProcess
  process.kill(node.pid, 'SIGKILL')
  while (isAlive(node)) await sleep(20)
}

async function begin(index: number): Promise<void> {
  nodes[index] = restartNode(jars, nodes[index] as StackProcess)
}

/**
 * Two tasks write numbered units to every partition of a topic of their own while something happens.
 * @param happen is given what waits until each task has written so many units more
 * @returns of each partition, `whole` or what is wrong with it
 */
async function load(
  name: string,
  happen: (progress: (units: number) => Promise<void>) => Promise<void>,
): Promise<string[]> {
  const log = new LogKafka({ brokers: bootstrap, clientId: 'slipstream-test', prefix: `${name}.` })
  const tasks = ['a', 'b']
  await log.createTopics(tasks.map(task => ({ name: task, partitions, cleanup: 'delete' as const })))
  let isOver = false
  const counts = new Map(tasks.map(task => [task, 0]))
  const writing = tasks.map(task => write({ log, task, isOver: () => isOver, wrote: n => counts.set(task, n) }))
  await happen(async units => {
    const wanted = new Map([...counts].map(([task, count]) => [task, count + units]))
    while (tasks.some(task => (counts.get(task) ?? 0) < (wanted.get(task) ?? 0))) await sleep(20)
  })
  isOver = true
  const written = await Promise.all(writing)
  const ends: string[] = []
  for (const [index, task] of tasks.entries()) {
    for (let partition = 0; partition < partitions; partition++) {
      const found = await numbersIn(log, task, partition)
      const wrong = found.findIndex((each, at) => each !== at)
      const isWhole = wrong < 0 && found.length === written[index]
      ends.push(isWhole ? 'whole' : `${task}/${partition}: ${found.length} of ${written[index]}, wrong at ${wrong}`)
    }
  }
  await log.close()
  return ends
}

type Writing = { log: Log; task: string; isOver: () => boolean; wrote: (units: number) => void }

/** @returns how many units it wrote */
async function write({ log, task, isOver, wrote }: Writing): Promise<number> {
  for (;;) {
    try {
      const claim = await log.claim(task)
      let unit = (await positionOf(log, task, claim)) + 1
      for (;;) {
        if (isOver()) return unit
        const value = Buffer.from(`${unit}`)
        await claim.commit(
          Array.from({ length: partitions }, (_, partition) => ({ topic: task, partition, key: 'unit', value })),
        )
        wrote(++unit)
      }
    } catch (error) {
      const code = failureIn(error)?.code
      if (code !== 'LOG_UNREACHABLE' && code !== 'COMMIT_UNKNOWN') throw error
      await sleep(50)
    }
  }
}

/** The last unit before a mark of one's own. */
async function positionOf(log: Log, task: string, claim: Claim): Promise<number> {
  const nonce = `mark ${Math.random()}`
  await claim.commit([{ topic: task, partition: 0, key: nonce, value: Buffer.from('-') }])
  let last = -1
  for (let from = 0; ; ) {
    const { records, next } = await log.read(task, 0, from, { bytesMax: 1_000_000 })
    for (const { key, value } of records) {
      if (key === nonce) return last
      if (key === 'unit') last = Number(value)
    }
    if (next === from) await sleep(5)
    from = next
  }
}

async function numbersIn(log: Log, task: string, partition: number): Promise<number[]> {
  await log.settled()
  const found: number[] = []
  for (let from = 0; ; ) {
    const { records, next } = await log.read(task, partition, from, { bytesMax: 1_000_000 })
    for (const { key, value } of records) if (key === 'unit') found.push(Number(value))
    if (next === from) return found
    from = next
  }
}
