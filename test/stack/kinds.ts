// Both kinds of transactions that a cluster may have (src/adapters/log-kafka-transaction-wire.ts): implicit ones on the
// brokers that the `stack` tests run against, explicit ones on a broker that keeps transactions as those before Kafka 4 do.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { startKafka } from '../../scripts/stack/kafka.ts'
import { fetchKafka } from '../../scripts/stack/parts.ts'
import { type StackProcess, stopProcess } from '../../scripts/stack/processes.ts'
import { brokers, here } from './brokers.ts'

export type Kind = { readonly name: 'implicit' | 'explicit'; readonly brokers: () => readonly string[] }

export function describeKinds(what: string, tests: (kind: Kind) => void): void {
  here.describe(`${what}, in implicit transactions`, () => tests({ name: 'implicit', brokers: () => brokers }))
  here.describe(`${what}, in explicit transactions`, () => {
    let root = ''
    let processes: readonly StackProcess[] = []
    let bootstrap: readonly string[] = []
    beforeAll(async () => {
      root = mkdtempSync(path.join(tmpdir(), 'slipstream-explicit-'))
      const format = ['--feature', 'transaction.version=1']
      const nodes = await startKafka(await fetchKafka(() => undefined), root, 1, { format, anyPorts: true })
      processes = nodes.processes
      bootstrap = nodes.bootstrap
    }, 300_000)
    afterAll(async () => {
      for (const each of processes) await stopProcess(each)
      rmSync(root, { recursive: true, force: true })
    })
    tests({ name: 'explicit', brokers: () => bootstrap })
  })
}
