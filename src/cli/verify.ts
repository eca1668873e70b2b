// slipstream verify: recomputes what a data folder has recorded and compares.

import { rmSync } from 'node:fs'
import { verify } from '../app/verify.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { exitCode } from './exit-code.ts'

export const command: Command = {
  name: 'verify',
  summary: 'recompute what was recorded from events, commands and frames, and compare bit for bit',
  usage: 'slipstream verify --data-dir DIR [--retrain] [--json]',
  flags: { retrain: { type: 'boolean', about: 'train again, too, and compare the models by hash' } },
  examples: ['slipstream verify --data-dir /tmp/february', 'slipstream verify --retrain --data-dir /tmp/february'],
  run,
}

/** 0 equal, 4 different; another pipeline version is a failure that exits with 5. */
async function run(io: CommandIo): Promise<number> {
  namedArgs(io, command.usage, [])
  const signal = io.interruption()
  const { equal, compared, difference, pipeline } = await verify(io.config, {
    onTrouble: (where, error) => io.err(`${where}: ${error instanceof Error ? error.message : String(error)}`),
    onProgress: step => io.progress(step),
    // it may be as large as what is verified: nobody is left with it
    onScratch: folder => {
      const leave = () => {
        rmSync(folder, { recursive: true, force: true })
        process.exit(exitCode.interrupted)
      }
      if (signal.aborted) leave()
      signal.addEventListener('abort', leave)
    },
    retrain: io.flags['retrain'] === true,
  })
  io.document({ equal, pipeline, compared, difference })
  for (const [topic, count] of Object.entries(compared)) io.out(`${String(count).padStart(9)}  ${topic}`)
  if (difference) {
    const { topic, partition, offset, key, what } = difference
    io.out(`${io.color('red', 'different')}: ${topic}/${partition} at ${offset}, key "${key}": ${what}`)
  } else io.out(`${io.color('green', 'equal')}: every record above was recomputed bit for bit by pipeline ${pipeline}`)
  return equal ? 0 : 4
}
