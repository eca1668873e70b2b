// The pipeline on Kafka in a process of its own, as bench/kafka.ts measures it: all stages, the seed model in force from
// the first frame, no doors and no trainings. It ends when its parent does.
//
//   from the parent   'caughtUp': answered once every stage has taken all there is; 'end'
//   to the parent     { ready }, { caughtUp, balanced }, { usage }

import { readFileSync } from 'node:fs'
import { seedModel } from '../../src/app/sources.ts'
import { openApp, openingCommands } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import type { Usage } from './measured.ts'

const { config } = configure(JSON.parse(process.argv[2] as string) as Record<string, string>)
const app = await openApp({ config, onTrouble: (where, error) => console.error(where, error) })
const tell = (message: object) => process.send?.(message)

await app.engines.start()
const claim = await app.log.claim('bench-models')
await claim.commit(
  (await openingCommands(app, seedModel, 0)).map(command => ({
    topic: 'models.commands',
    partition: 0,
    key: command.version,
    value: app.codec.encode('ModelCommand', command),
  })),
)
tell({ ready: true })

process.on('disconnect', () => process.exit(0))
process.on('message', message => void (message === 'end' ? end() : caughtUp()))

async function caughtUp(): Promise<void> {
  await app.engines.caughtUp()
  const ingested = app.engines.tasks.filter(({ stage }) => stage === 'ingest').map(task => task.balance()['in'] ?? 0)
  tell({ caughtUp: true, events: ingested.reduce((sum, count) => sum + count, 0) })
}

async function end(): Promise<void> {
  await app.close()
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  const usage: Usage = {
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakRssMiB: Math.round(Number(peak ?? 0) / 1024),
  }
  tell({ usage })
  process.exit(0)
}
