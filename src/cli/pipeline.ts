import { pipeline } from '../pipeline.ts'
import { diagram } from '../runtime/topology.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'

export const command: Command = {
  name: 'pipeline',
  summary: 'draw the pipeline',
  usage: 'slipstream pipeline [--json]',
  flags: {},
  examples: ['slipstream pipeline', 'slipstream pipeline --json'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, command.usage, [])
    for (const line of diagram(pipeline).split('\n')) io.out(line)
    const { topics, nodes, deadLetters } = pipeline
    const stages = nodes.map(({ stage, reads, gathers = null, shares = null, writes }) => ({
      name: stage.name,
      layout: stage.layout,
      reads,
      gathers,
      shares,
      writes,
    }))
    io.document({ topics, stages, deadLetters })
    return 0
  },
}
