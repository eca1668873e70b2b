import { type Command, type CommandIo, namedArgs } from './command.ts'
import { commandTable } from './command-table.ts'
import { commandDocument, commandHelp, rootDocument, rootHelp } from './help-text.ts'
import { loadCommand, subcommand } from './run.ts'

const usage = 'slipstream help [COMMAND [SUBCOMMAND]]'

export const command: Command = {
  name: 'help',
  summary: 'what the commands do',
  usage,
  flags: {},
  examples: ['slipstream help replay', 'slipstream help topics tail'],
  async run(io: CommandIo): Promise<number> {
    const [name, second] = io.args
    if (name === undefined) {
      for (const line of rootHelp(commandTable)) io.out(line)
      io.document(rootDocument(commandTable))
      return 0
    }
    namedArgs(io, usage, ['COMMAND', 'SUBCOMMAND'].slice(0, Math.min(2, io.args.length)))
    const asked = await loadCommand(name)
    const found = second === undefined ? asked : subcommand(asked, second)
    for (const line of commandHelp(found, io.args.join(' '))) io.out(line)
    io.document(commandDocument(found))
    return 0
  },
}
