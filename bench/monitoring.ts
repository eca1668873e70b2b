// What watching costs: the same days replayed by page one as it is and by page one without `monitor` and `judge`, each in
// a process of its own, in turns. No training in either. The share is of CPU seconds, which other work on the machine
// moves less than the clock: (with - without) / with.
//
//   npm run bench -- monitoring [--from 2013-02-01] [--to 2013-03-31] [--rounds 3] [--json]

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { newSpec } from '../src/app/sources.ts'
import { openApp, openReplay } from '../src/app.ts'
import { configure } from '../src/config.ts'
import { pipeline } from '../src/pipeline.ts'
import { runMeasured } from './inputs/measured.ts'
import { round } from './inputs/numbers.ts'

const { values: args } = parseArgs({
  options: {
    from: { type: 'string', default: '2013-02-01' },
    to: { type: 'string', default: '2013-03-31' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean' },
    /** What a child of this benchmark does. */
    child: { type: 'string' },
  },
})
const parts = ['with', 'without'] as const

if (args.child) console.log(JSON.stringify(await replayed(args.child === 'with')))
else await main()

async function main(): Promise<void> {
  const rows: { part: string; events: number; seconds: number; cpuSeconds: number; peakRssMiB: number }[] = []
  for (let turn = 0; turn < Number(args.rounds); turn++) {
    for (const part of parts) {
      const flags = ['--child', part, '--from', args.from, '--to', args.to]
      const { document, usage } = await runMeasured(fileURLToPath(import.meta.url), flags)
      const { events, seconds } = document as { events: number; seconds: number }
      rows.push({ part, events, seconds: round(seconds), ...usage })
      if (!args.json) console.table(rows.slice(-1))
    }
  }
  const best = (part: string) => Math.min(...rows.filter(row => row.part === part).map(row => row.cpuSeconds))
  const share = round((best('with') - best('without')) / best('with'))
  if (!args.json) console.table(rows)
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() }
  console.log(JSON.stringify({ bench: 'monitoring', node: process.version, ...machine, rows, share }))
}

async function replayed(isWatched: boolean): Promise<{ events: number; seconds: number }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipstream-bench-'))
  try {
    const { config } = configure({ dataDir })
    const watching = new Set(['monitor', 'judge'])
    const nodes = pipeline.nodes.filter(({ stage }) => isWatched || !watching.has(stage.name))
    const app = await openApp({
      config,
      onTrouble: (_, error) => console.error(error),
      pipeline: { ...pipeline, nodes },
    })
    await app.engines.start()
    const spec = newSpec({ from: args.from, to: args.to }, config)
    const replay = await openReplay(app, spec, { mayAdvance: async () => true, onProgress: () => undefined })
    const startedAt = performance.now()
    await replay.run()
    const seconds = (performance.now() - startedAt) / 1000
    const events = replay.progress.items
    await replay.close()
    await app.close()
    return { events, seconds }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
