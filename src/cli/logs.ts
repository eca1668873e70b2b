// slipstream logs: what the programs of a data folder have said, from the folder itself, so that it is there when nothing
// runs any more.

import { setTimeout as sleep } from 'node:timers/promises'
import { type JournalLine, journalFolder, journalReader } from '../app/journal.ts'
import { jobNames } from '../app/sharing.ts'
import { Failure } from '../lib/failure.ts'
import { pipeline } from '../pipeline.ts'
import { type Color, type Command, type CommandIo, wholeFlag } from './command.ts'
import { exitCode } from './exit-code.ts'
import { didYouMean } from './suggest.ts'

const lastCount = 100
const followEveryMs = 200
const stages = [...pipeline.nodes.map(({ stage }) => stage.name), ...jobNames, 'replay', 'warehouse', 'api', 'group']

export const command: Command = {
  name: 'logs',
  summary: 'what the programs of a data folder have said',
  usage: 'slipstream logs [STAGE] [--follow] [--limit N] [--data-dir DIR] [--json]',
  flags: {
    follow: { type: 'boolean', short: 'f', about: 'go on with what is said, until Ctrl-C' },
    limit: { type: 'string', value: 'N', about: `the last N lines (default ${lastCount})` },
  },
  examples: ['slipstream logs', 'slipstream logs score -f', 'slipstream logs --limit 1000 --json'],
  run,
}

async function run(io: CommandIo): Promise<number> {
  const wanted = stageIn(io)
  const isWanted = ({ stage, task }: JournalLine) => wanted === undefined || stage === wanted || task === wanted
  const reader = journalReader(io.config)
  const lines = reader.last(wholeFlag(io, 'limit', 1) ?? lastCount, isWanted)
  if (io.flags['follow'] !== true) {
    for (const line of lines) print(io, line)
    if (lines.length === 0) for (const line of emptyLines(io, wanted)) io.out(line)
    io.document({ lines })
    return exitCode.ok
  }
  const signal = io.interruption()
  if (lines.length === 0) for (const line of emptyLines(io, wanted)) io.err(line)
  for (let next = lines; !signal.aborted; next = reader.more(isWanted)) {
    for (const line of next) {
      if (io.json) io.record(line)
      else print(io, line)
    }
    await io.drained()
    await sleep(followEveryMs, undefined, { signal }).catch(() => undefined)
  }
  return exitCode.interrupted
}

/** @throws Failure USAGE */
function stageIn({ args }: CommandIo): string | undefined {
  const [name, extra] = args
  if (extra !== undefined)
    throw new Failure('USAGE', `"${extra}" is one argument too many`, { help: `usage: ${command.usage}` })
  if (name === undefined || stages.includes(name.replace(/-\d+$/, ''))) return name
  throw new Failure('USAGE', `there is no stage or job "${name}"`, {
    field: 'STAGE',
    help: didYouMean(name, stages, `There are ${stages.join(', ')}; a task is named as score-3.`),
  })
}

function emptyLines({ config }: CommandIo, wanted: string | undefined): string[] {
  const folder = journalFolder(config)
  if (wanted !== undefined) return [`${folder} has no line of ${wanted}; \`slipstream logs\` shows those of all.`]
  return [
    `${folder} has no line: nothing has run on this data folder.`,
    'Start it with `slipstream up`, or name another folder with --data-dir.',
  ]
}

const colors: Readonly<Record<string, Color>> = { warn: 'yellow', error: 'red' }

function print(io: CommandIo, { at, level, stage, task, code, message }: JournalLine): void {
  const color = colors[level]
  const shown = level.padEnd(5)
  const text = [code === null ? '' : `${code}: `, message].join('')
  io.out(
    `${io.color('dim', at)}  ${color ? io.color(color, shown) : shown}  ${(task ?? stage ?? '').padEnd(10)}  ${onOneLine(text)}`,
  )
}

/** A message may quote what others have sent: nothing in it moves the cursor. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}
