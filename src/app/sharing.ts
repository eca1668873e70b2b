// Sharing: on a cluster any number of processes may run a pipeline together. Each is a member of a group that deals the
// tasks of page one and the jobs out to its members, as many members as it has threads.

import { hash as digestOf } from 'node:crypto'
import { mkdirSync, realpathSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LogKafkaOptions } from '../adapters/log-kafka.ts'
import type { KafkaGroup } from '../adapters/log-kafka-group.ts'
import { lockFolder } from '../adapters/log-sqlite-lock.ts'
import type { Config } from '../config.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import { seconds } from '../lib/time.ts'
import type { Stages } from '../runtime/assign.ts'
import type { Blobs } from '../runtime/blobs.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { Others } from '../runtime/others.ts'
import { type Pipeline, taskCount } from '../runtime/topology.ts'
import type { StageSettings } from '../stages/settings.ts'

/** Work of which one process does all. */
export const jobNames = ['train', 'sink', 'webhook', 'clock'] as const
export type Job = (typeof jobNames)[number]

/** What a process takes part in. */
export type Part = {
  /** Names of stages; all unless given. */
  readonly stages?: readonly string[]
  readonly jobs: readonly Job[]
  /** Whether there are doors here, which ask how all stand. */
  readonly isAsked: boolean
}

/** The jobs for which a process has what they need. */
export function jobsFor({ warehouse, clickhouseUrl, webhookUrl }: Config): Job[] {
  const fills = clickhouseUrl !== '' && (warehouse === 'auto' || warehouse === 'clickhouse')
  return ['train', ...(fills ? ['sink' as const] : []), ...(webhookUrl === '' ? [] : ['webhook' as const])]
}

/** As data, so that a thread can be told. Holds a password: never print it. */
export type GroupInput = {
  readonly settings: LogKafkaOptions
  readonly pipeline: string
  readonly instance: string
  readonly sessionMs: number
  readonly runs: readonly string[]
  readonly stages: Stages
}

export type Sharing = {
  /** Of this process, the same again when it is started again on the same machine and folder. */
  readonly name: string
  readonly group: KafkaGroup
  readonly others: Others<StageSettings>
  readonly forThread: (index: number) => GroupInput
  readonly close: () => Promise<void>
}

export type SharingOptions = {
  readonly config: Config
  readonly settings: LogKafkaOptions
  readonly pipeline: Pipeline<StageSettings>
  readonly version: string
  readonly partitions: number
  readonly part: Part
  readonly ports: { readonly log: Log; readonly blobs: Blobs; readonly clock: Clock }
  readonly onTrouble: (where: string, error: unknown) => void
}

const pollMs = 20
/** A refusal comes sooner than this; an agreement may have to wait for the session of one who has died. */
const refusalMs = 2000

export async function openSharing(options: SharingOptions): Promise<Sharing> {
  const { config, settings, pipeline, version, partitions, part, ports, onTrouble } = options
  const { name, free } = takeName(config.dataDir)
  const stages = pipeline.nodes.map(node => {
    return { stage: node.stage.name, tasks: taskCount(node, pipeline.topics, partitions) }
  })
  const own = part.stages ?? stages.map(({ stage }) => stage)
  const sessionMs = seconds(config.kafkaSessionSeconds)
  const input = (index: number, runs: readonly string[]): GroupInput => {
    return { settings, pipeline: version, instance: `${name}.${index}`, sessionMs, runs, stages }
  }
  const group = await openGroup(input(0, [...own, ...part.jobs]), error => onTrouble('group', error)).catch(
    (error: unknown) => {
      free()
      throw error
    },
  )
  const others = new Others({ ...ports, pipeline, partitions, pollMs })
  const close = async () => {
    await group.close()
    free()
  }
  return { name, group, others, forThread: index => input(index, own), close }
}

/** @returns it begun, after its answer or a while. @throws Failure PIPELINE_VERSION, USAGE when it does not take us */
export async function openGroup(input: GroupInput, onTrouble: (error: unknown) => void): Promise<KafkaGroup> {
  const { KafkaGroup } = await import('../adapters/log-kafka-group.ts')
  const group = new KafkaGroup({ ...input, onTrouble })
  const late = new AbortController()
  try {
    await Promise.race([group.start(), sleep(refusalMs, undefined, { signal: late.signal })])
    return group
  } catch (error) {
    await group.close()
    throw error
  } finally {
    late.abort()
  }
}

/**
 * The first name of this machine and folder that no living process has: one that is started again has the name that it
 * had, however it ended.
 */
function takeName(dataDir: string): { name: string; free: () => void } {
  const folder = join(realpathSync(dataDir), 'workers')
  for (let number = 0; ; number++) {
    const own = join(folder, String(number))
    mkdirSync(own, { recursive: true })
    try {
      const free = lockFolder(own)
      return { name: `${hostname()}-${digestOf('sha256', folder, 'hex').slice(0, 8)}-${number}`, free }
    } catch (error) {
      if (failureIn(error)?.code !== 'DATA_DIR_LOCKED') throw error
    }
  }
}

/**
 * The part of a process that runs the named stages and jobs.
 * @param names separated by commas
 * @throws Failure USAGE
 */
export function partOf(names: string, pipeline: Pipeline<StageSettings>): Pick<Part, 'stages' | 'jobs'> {
  const stages = pipeline.nodes.map(({ stage }) => stage.name)
  const asked = names.split(',').map(name => name.trim())
  const unknown = asked.find(name => !stages.includes(name) && !isJob(name))
  if (unknown !== undefined || names === '') {
    throw new Failure('USAGE', `there is no stage or job "${unknown ?? ''}"`, {
      field: 'stages',
      help: `Stages are ${stages.join(', ')}; jobs ${jobNames.join(', ')}.`,
    })
  }
  return { stages: asked.filter(name => !isJob(name)), jobs: asked.filter(isJob) }
}

function isJob(name: string): name is Job {
  return (jobNames as readonly string[]).includes(name)
}
