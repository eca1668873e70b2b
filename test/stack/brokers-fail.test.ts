// Three brokers of which some are killed with SIGKILL while tasks write: every unit is there once, in order, in all its
// partitions. A task does what the runtime does: after any error it claims again and goes on from what it finds.

import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { restartNode } from '../../scripts/stack/kafka.ts'
import { fetchKafka } from '../../scripts/stack/parts.ts'
import { isAlive, type StackProcess, stopProcess } from '../../scripts/stack/processes.ts'
import { StackFolder } from '../../scripts/stack/stack.ts'
import { LogKafka } from '../../src/adapters/log-kafka.ts'
import { failureIn } from '../../src/lib/failure.ts'
import type { Claim, Log } from '../../src/runtime/log.ts'
import { here } from './brokers.ts'

const folder = new StackFolder(path.join(import.meta.dirname, '..', '..', '.slipstream', 'test-three'))
const tell = () => undefined
const partitions = 3
let nodes: StackProcess[] = []
let jars = ''
let bootstrap: readonly string[] = []

here.describe('three brokers', () => {
  beforeAll(async () => {
    const stack = await folder.up({ brokers: 3, parts: ['kafka'], fresh: true, tell })
    nodes = [...stack.processes]
    bootstrap = stack.kafka?.bootstrap ?? []
    jars = await fetchKafka(tell)
  })

  afterAll(async () => {
    for (const node of nodes) await stopProcess(node)
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

  test('all gone for some seconds: the tasks wait, and go on', async () => {
    const ends = await load('all', async progress => {
      await progress(3)
      await Promise.all(nodes.map((_, index) => kill(index)))
      await sleep(5000)
      await Promise.all(nodes.map((_, index) => begin(index)))
      await progress(3)
    })
    expect(ends).toEqual(Array.from({ length: 2 * partitions }, () => 'whole'))
  })
})

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
