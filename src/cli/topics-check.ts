// slipstream topics check: whether topics/, page one and the data folder say the same.

import { engineOf, openLog } from '../app/log.ts'
import type { Stores } from '../app.ts'
import { Failure } from '../lib/failure.ts'
import { pipeline } from '../pipeline.ts'
import type { TopicSpec } from '../runtime/log.ts'
import { topicSpecs } from '../runtime/topology.ts'
import { columnLines } from './columns.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { recordSchemas, type TopicContract, topicContracts } from './contracts.ts'
import { exitCode } from './exit-code.ts'
import { withStores } from './opened.ts'
import { partitionsRefusal } from './partitions.ts'

export type Difference = { topic: string; problem: string }

export const topicsCheck: Command = {
  name: 'check',
  summary: 'compare the topics of the data folder or the cluster with topics/ and page one',
  usage: 'slipstream topics check [--data-dir DIR] [--engine kafka]',
  flags: {},
  examples: ['slipstream topics check'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, topicsCheck.usage, [])
    const onKafka = engineOf(io.config) === 'kafka'
    const found = onKafka ? null : await specsIn(io)
    const there = onKafka ? await clusterDifferences(io) : found ? [...asked(io, found), ...logDifferences(found)] : []
    const differences = [...contractDifferences(topicContracts()), ...there]
    const rows = differences.map(({ topic, problem }) => [topic, problem])
    if (differences.length > 0) for (const line of columnLines(['TOPIC', 'PROBLEM'], rows)) io.out(line)
    else
      io.out(
        `${pipeline.topics.length} topics: page one, topics/ and schemas/ agree${onKafka ? ', and so does the cluster' : found ? ', and so does the data folder' : ''}`,
      )
    const checked = onKafka ? 'contracts and cluster' : found ? 'contracts and data folder' : 'contracts'
    io.document({ checked, differences })
    return differences.length === 0 ? exitCode.ok : exitCode.checkFailed
  },
}

/** Between a cluster and page one. Others may have topics there too. */
async function clusterDifferences(io: CommandIo): Promise<Difference[]> {
  const { log, differences } = await openLog(io.config, 'reader')
  try {
    const found = await log.topics()
    const partitions = found.find(({ name }) => name === 'flights.events')?.partitions ?? io.config.partitions
    const wanted = topicSpecs(pipeline, partitions)
    const own = found.filter(({ name }) => wanted.some(each => each.name === name))
    const missing = wanted.filter(({ name }) => !own.some(each => each.name === name))
    const absent = missing.map(({ name }) => ({ topic: name, problem: 'is missing: slipstream topics create' }))
    return [...absent, ...asked(io, found), ...logDifferences(own), ...(await differences(wanted))]
  } finally {
    await log.close()
  }
}

/** Between what the caller wants and what is there. */
export function asked(io: CommandIo, found: readonly TopicSpec[]): Difference[] {
  const topic = 'flights.events'
  const spec = found.find(({ name }) => name === topic)
  const problem = spec ? partitionsRefusal(io, spec.partitions) : null
  return problem === null ? [] : [{ topic, problem }]
}

async function specsIn(io: CommandIo): Promise<readonly TopicSpec[] | null> {
  try {
    return await withStores(io, 'reader', ({ log }: Stores) => log.topics())
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'SOURCE_UNREADABLE') throw error
    io.err(`${error.message}: only the contracts are compared`)
    return null
  }
}

/** Between topics/, schemas/ and page one. */
export function contractDifferences(contracts: readonly TopicContract[]): Difference[] {
  const schemas = new Set(recordSchemas().map(({ name }) => name))
  const missing = pipeline.topics.filter(({ name }) => !contracts.some(each => each.name === name))
  const differences = missing.map(({ name }) => ({ topic: name, problem: `there is no topics/${name}.json` }))
  const writers = new Map(
    pipeline.nodes.flatMap(({ stage, writes }) => writes.map(topic => [topic, stage.name] as const)),
  )
  for (const { name, partitions, cleanup, records, writtenBy } of contracts) {
    const add = (problem: string) => differences.push({ topic: name, problem })
    const topic = pipeline.topics.find(each => each.name === name)
    if (!topic) add('is not on page one')
    else if (topic.partitions !== partitions)
      add(`partitions: ${partitions} in topics/, ${topic.partitions} on page one`)
    else if (topic.cleanup !== cleanup) add(`cleanup: ${cleanup} in topics/, ${topic.cleanup} on page one`)
    const writer = writers.get(name)
    if (writer !== undefined && writer !== writtenBy)
      add(`is written by ${writer} on page one, ${writtenBy ?? 'no stage'} in topics/`)
    for (const record of records) if (!schemas.has(record)) add(`there is no schemas/${record}.avsc`)
  }
  return differences
}

/** Between a log and page one. Topics that are not there yet are made at the next start. */
export function logDifferences(found: readonly TopicSpec[]): Difference[] {
  const partitions = found.find(({ name }) => name === 'flights.events')?.partitions ?? 1
  const wanted = new Map(topicSpecs(pipeline, partitions).map(spec => [spec.name, spec]))
  return found.flatMap(({ name, partitions: count, cleanup }) => {
    const spec = wanted.get(name)
    if (!spec)
      return name.endsWith('.changelog') ? [] : [{ topic: name, problem: 'is in the data folder, not on page one' }]
    if (spec.partitions !== count) return [{ topic: name, problem: `has ${count} partitions, not ${spec.partitions}` }]
    if (spec.cleanup !== cleanup) return [{ topic: name, problem: `has cleanup ${cleanup}, not ${spec.cleanup}` }]
    return []
  })
}
