// Jobs that one process does for all, on a cluster: whose process is killed or frozen is followed by another one. No call
// of the webhook is lost, and only the one that was under way may come twice; the clock of the stream goes on.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { start } from '../../scripts/proof/children.ts'
import { startWorker, until, type Worker } from '../../scripts/proof/workers.ts'
import { openStores, type Stores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { days } from '../../src/lib/time.ts'
import type { Mark } from '../../src/records.ts'
import { readAll } from '../../src/runtime/digest.ts'
import { start as began, opened } from '../app/loop-samples.ts'
import { brokers, here, newPrefix, onKafka } from './brokers.ts'
import { cleanUp, holderOf, newFolder, run } from './processes.ts'

let stores: Stores | undefined
let receiver: Server | undefined

cleanUp()
afterEach(async () => {
  await stores?.close()
  receiver?.close()
  stores = undefined
})

/** Processes of one pipeline, and its stores seen from here. */
function cluster() {
  const where = { engine: 'kafka', kafkaBrokers: brokers.join(','), kafkaPrefix: newPrefix() }
  const dataDir = newFolder()
  const common = [...onKafka(where.kafkaPrefix), '--data-dir', dataDir, '--threads', '1', '--partitions', '2']
  const look = async () => {
    stores = await openStores(configure({ ...where, dataDir }).config, 'owner')
    return stores
  }
  return { common, look }
}

/** Takes what is posted; the ids in the order in which they came. */
async function listening(): Promise<{ url: string; ids: string[] }> {
  const ids: string[] = []
  receiver = createServer((request, response) => {
    ids.push(String(request.headers['slipstream-id']))
    request.resume()
    response.end()
  })
  await new Promise<void>(resolve => receiver?.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/alerts`, ids }
}

async function alert({ log, codec }: Stores, id: string): Promise<void> {
  const claim = await log.claim('test')
  const value = codec.encode('AlertOpened', opened(began + days(1), { id }))
  await claim.commit([{ topic: 'drift.metrics', partition: 0, key: id, value }])
}

here.describe('a job of one process at a time', () => {
  test('the webhook is taken over from one that is killed and from one that is frozen', async () => {
    const { common, look } = cluster()
    const { url, ids } = await listening()
    vi.stubEnv('SLIPSTREAM_WEBHOOK_SECRET', 'a long text that nobody guesses, in a test')
    onTestFinished(() => void vi.unstubAllEnvs())
    const join = () => run(startWorker([...common, '--webhook-url', url]))
    const workers: Worker[] = [join(), join()]
    await until('all tasks are had', () => workers.every(({ tasks }) => tasks().length > 0))
    const seen = await look()
    await until('the webhook has its place', async () => (await seen.blobs.list('webhook/')).length > 0)
    const wanted: string[] = []
    const post = async (id: string) => {
      await alert(seen, id)
      wanted.push(`${id}.opened`)
      await until(`${id} is told`, () => ids.includes(`${id}.opened`))
    }
    // one that is started in the place of another has its name
    const holder = () => holderOf('webhook', seen, workers)
    await post('dataset-drift-1')
    await post('dataset-drift-2')
    const first = await holder()
    workers[first]?.child.kill('SIGKILL')
    await workers[first]?.ended
    await post('dataset-drift-3')
    const second = await holder()
    expect(second).toBe(1 - first)
    const third = join()
    workers.push(third)
    await until('a third one is there', () => third.tasks().length > 0)
    workers[second]?.child.kill('SIGSTOP')
    await post('dataset-drift-4')
    expect(await holder()).toBe(2)
    workers[second]?.child.kill('SIGCONT')
    await post('dataset-drift-5')
    await post('dataset-drift-6')
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at)
    expect([...new Set(ids)]).toEqual(wanted)
    // at least once: what was under way when its holder ended or stood still
    expect(twice.filter(id => !['dataset-drift-2.opened', 'dataset-drift-3.opened'].includes(id))).toEqual([])
  })

  test('the clock of the stream goes on when its process is killed, and marks only rise', async () => {
    const { common, look } = cluster()
    const flags = [...common, '--empty', '--no-open', '--port', '0', '--warehouse', 'none', '--model', 'none']
    const up = () => run(start(['up', ...flags, '--json']))
    const first = up()
    const { log, codec } = await look()
    const marks = async (partition: number) => {
      const found: number[] = []
      if (!(await log.topics()).some(({ name }) => name === 'flights.events')) return found
      for await (const { value } of readAll(log, 'flights.events', partition))
        found.push((codec.decode(value as Uint8Array).value as Mark).at)
      return found
    }
    await until('the clock runs', async () => (await marks(0)).length > 0)
    const second = up()
    let ready = false
    second.child.stdout?.on('data', () => (ready = true))
    await until('a second process is there', () => ready)
    first.child.kill('SIGKILL')
    await first.ended
    const before = (await marks(0)).length
    await until('it has gone on', async () => (await marks(0)).length >= before + 2)
    second.child.kill('SIGTERM')
    expect((await second.ended).code).toBe(0)
    const all = await marks(0)
    expect(all).toEqual([...new Set(all)].sort((a, b) => a - b))
    expect(await marks(1)).toEqual(all)
  })
})
