// A small data folder: two partitions, some events, some dead letters.

import { openStores, type Stores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { pipeline } from '../../src/pipeline.ts'
import type { FlightDeparted, RecordName, Records, Rejected } from '../../src/records.ts'
import type { Append } from '../../src/runtime/log.ts'
import { partitionOf } from '../../src/runtime/partition.ts'
import { topicSpecs } from '../../src/runtime/topology.ts'
import { temporaryFolder } from './cli.ts'

export const flightId = 'UA-1545-EWR-IAH-2013-01-01T10:15Z'
const at = Date.UTC(2013, 0, 1, 10, 20)
export const departed: FlightDeparted = { flightId, at, revision: 1, departedAt: at, tail: 'N14228' }
export const garbage = Buffer.from('no record at all')

/** @returns the folder, filled and closed */
export async function dataFolder(fill: (stores: Stores) => Append[] | Promise<Append[]>): Promise<string> {
  const folder = temporaryFolder()
  const stores = await openStores(configure({ dataDir: folder }).config, 'owner')
  await stores.log.createTopics(topicSpecs(pipeline, 2))
  const claim = await stores.log.claim('test')
  await claim.commit(await fill(stores))
  await stores.close()
  return folder
}

export function append<N extends RecordName>(
  stores: Stores,
  topic: string,
  record: [name: N, key: string, value: Records[N]],
): Append {
  const [name, key, value] = record
  return { topic, partition: partitionOf(key, 2), key, value: new Uint8Array(stores.codec.encode(name, value)) }
}

/** A dead letter in partition 0, that came from flights.events unless told otherwise. */
export function letter(stores: Stores, rejected: Partial<Rejected> & Pick<Rejected, 'value' | 'reason'>): Append {
  const full = { topic: 'flights.events', field: null, message: 'it was refused', at, ...rejected }
  const value = new Uint8Array(stores.codec.encode('Rejected', full))
  const headers = { origin: 'flights.events/1@7', producer: 'tower-3' }
  return { topic: 'flights.rejected', partition: 0, key: flightId, value, headers }
}
