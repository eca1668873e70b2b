// A log in memory with the topics of page one, and what lies in it.

import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { type LogFaults, LogMemory } from '../../src/adapters/log-memory.ts'
import { pipeline } from '../../src/pipeline.ts'
import type { RecordName, Records } from '../../src/records.ts'
import { readAll } from '../../src/runtime/digest.ts'
import type { Log } from '../../src/runtime/log.ts'
import { topicSpecs } from '../../src/runtime/topology.ts'
import { codec } from '../stages/stage-io.ts'

export { codec }

export type Said = { readonly key: string; readonly name: string; readonly value: unknown }

export async function logWith(partitions: number, faults: LogFaults = {}): Promise<{ log: Log; blobs: BlobsMemory }> {
  const log = new LogMemory({ kafkaMode: { seed: 1 }, faults })
  await log.createTopics(topicSpecs(pipeline, partitions))
  return { log, blobs: new BlobsMemory() }
}

export async function saidIn(log: Log, topic: string, partition = 0): Promise<Said[]> {
  const said: Said[] = []
  for await (const { key, value } of readAll(log, topic, partition)) {
    if (value) said.push({ key, ...codec.decode(value) })
  }
  return said
}

export async function say<N extends RecordName>(
  log: Log,
  topic: string,
  of: { name: N; value: Records[N]; partition?: number },
) {
  const claim = await log.claim('test')
  const { name, value, partition = 0 } = of
  await claim.commit([{ topic, partition, key: 'key', value: codec.encode(name, value) }])
}

/** The instants of the marks among records. */
export function marksOf(said: readonly Said[]): number[] {
  return said.filter(({ name }) => name === 'Mark').map(({ value }) => (value as Records['Mark']).at)
}
