import { readFileSync } from 'node:fs'
import { stageSettingsOf } from '../app.ts'
import { Failure } from '../lib/failure.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { projectRoot } from './contracts.ts'
import { airportsIn } from './csv.ts'

export const command: Command = {
  name: 'version',
  summary: 'versions of the program, its pipeline and Node',
  usage: 'slipstream version [--json]',
  flags: {},
  examples: ['slipstream version', 'slipstream version --json'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, command.usage, [])
    const { version } = JSON.parse(readFileSync(new URL('package.json', projectRoot), 'utf8')) as { version: string }
    const pipeline = await pipelineVersion(io)
    io.out(`slipstream ${version}  pipeline ${pipeline ?? 'unknown'}  node ${process.versions.node}`)
    io.document({ version, pipeline, node: process.versions.node })
    return 0
  },
}

/** Depends on the settings and on the source's airports; null: those cannot be read. */
async function pipelineVersion(io: CommandIo): Promise<string | null> {
  const { config } = io
  try {
    return stageSettingsOf(config, await airportsIn(config.source)).version
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    io.err(`the pipeline's version is not known: ${error.message}`)
    return null
  }
}
