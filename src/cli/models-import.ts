// slipstream models import: a model file as a challenger of the running Slipstream.

import { readFile } from 'node:fs/promises'
import { Failure } from '../lib/failure.ts'
import { parseInstant } from '../server/instant.ts'
import type { Ordered } from '../server/loop.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { instantText } from './columns.ts'
import { type Command, type CommandIo, namedArgs, textFlag } from './command.ts'
import { exitCode } from './exit-code.ts'
import { unreadable } from './file-lines.ts'
import { modelFlag, neededFlag } from './model-file.ts'

const usage =
  'slipstream models import --model FILE --reason TEXT [--trained-from INSTANT --trained-to INSTANT] [--url URL]'

export const modelsImport: Command = {
  name: 'import',
  summary: 'register a model file, which becomes a challenger',
  usage,
  flags: {
    model: modelFlag,
    reason: { type: 'string', value: 'TEXT', about: 'where it comes from and why; it is kept for good' },
    'trained-from': { type: 'string', value: 'INSTANT', about: 'first instant of its training rows (other libraries)' },
    'trained-to': { type: 'string', value: 'INSTANT', about: 'first instant after them' },
    url: urlFlag,
  },
  examples: [
    'slipstream models import --model lightgbm.txt --reason "by hand" --trained-from 2013-01-01T05:00Z --trained-to 2013-02-01T05:00Z',
  ],
  run,
}

async function run(io: CommandIo): Promise<number> {
  namedArgs(io, usage, [])
  const [file, reason] = [neededFlag(io, 'model', usage), neededFlag(io, 'reason', usage)]
  const bytes = await readFile(file).catch(error => {
    throw unreadable(file, error)
  })
  const [trainedFrom, trainedTo] = [instantFlag(io, 'trained-from'), instantFlag(io, 'trained-to')]
  const body = {
    model: bytes.toString('base64'),
    reason,
    ...(trainedFrom === undefined ? {} : { trainedFrom }),
    ...(trainedTo === undefined ? {} : { trainedTo }),
  }
  const ordered = (await call(baseUrl(io), { path: '/v1/models', body })) as Ordered
  const { decision } = ordered
  if (decision === null) {
    io.out(
      `ordered (${ordered.command}); it is held until the step of the replay ends: \`slipstream models ls\` shows it then`,
    )
  } else
    io.out(
      `${decision.version} is registered; challengers from ${instantText(decision.effectiveFrom)} on: ${decision.challengers.join(', ')}`,
    )
  io.document(ordered)
  return exitCode.ok
}

function instantFlag(io: CommandIo, name: string): number | undefined {
  const text = textFlag(io, name)
  const at = text === undefined ? undefined : parseInstant(text)
  if (text === undefined || at !== undefined) return at
  throw new Failure('USAGE', `--${name} is "${text}", which is no instant`, {
    field: name,
    help: 'Write it with its zone: 2013-02-09T15:00Z.',
  })
}
