// slipstream down: ends the Slipstream that has a data folder.

import { type Command, type CommandIo, namedArgs } from './command.ts'
import { exitCode } from './exit-code.ts'

const withinMs = 30_000

export const command: Command = {
  name: 'down',
  summary: 'end the Slipstream that has the data folder',
  usage: 'slipstream down [--data-dir DIR] [--json]',
  flags: {},
  examples: ['slipstream down', 'slipstream down --data-dir my-flights'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, command.usage, [])
    const { dataDir } = io.config
    const { endOwner } = await import('../app/down.ts')
    const { pid } = await endOwner(dataDir, { withinMs })
    io.out(`process ${pid} has ended; ${dataDir} is kept, and the next start goes on from there`)
    io.document({ pid, dataDir })
    return exitCode.ok
  },
}
