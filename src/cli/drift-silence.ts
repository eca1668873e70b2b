// slipstream drift silence: for some event hours the webhook says nothing of alerts of a kind. Without a kind it lists what is
// silenced now.

import { Failure } from '../lib/failure.ts'
import type { AlertSilence } from '../server/program.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { columnLines, instantText } from './columns.ts'
import { type Command, type CommandIo, namedArgs, textFlag, wholeFlag } from './command.ts'
import { exitCode } from './exit-code.ts'
import { didYouMean } from './suggest.ts'

const kinds = ['all', 'dataset-drift', 'target-drift', 'prediction-drift', 'performance']
const path = '/v1/alerts/silences'

export const driftSilence: Command = {
  name: 'silence',
  summary: 'let the webhook say nothing of alerts of a kind for a while; which are silenced',
  usage: 'slipstream drift silence [KIND --reason TEXT [--hours N]] [--url URL] [--json]',
  flags: {
    reason: { type: 'string', value: 'TEXT', about: 'why, as a sentence; kept with it' },
    hours: { type: 'string', value: 'N', about: 'event hours from now on, up to 672; 0 ends it (default 24)' },
    url: urlFlag,
  },
  examples: [
    'slipstream drift silence',
    'slipstream drift silence prediction-drift --hours 24 --reason "The storm is known."',
    'slipstream drift silence all --hours 0 --reason "The storm is over."',
  ],
  async run(io: CommandIo): Promise<number> {
    const answer = io.args.length === 0 ? await call(baseUrl(io), { path }) : await order(io)
    const { silences } = answer as { silences: readonly AlertSilence[] }
    const rows = silences.map(({ kind, from, until, reason }) => [kind, instantText(from), instantText(until), reason])
    if (rows.length === 0) io.out('nothing is silenced')
    else for (const line of columnLines(['ALERTS', 'FROM', 'UNTIL', 'WHY'], rows)) io.out(line)
    io.document({ silences })
    return exitCode.ok
  },
}

async function order(io: CommandIo): Promise<unknown> {
  const [kind = ''] = namedArgs(io, driftSilence.usage, ['KIND'])
  if (!kinds.includes(kind)) {
    const help = didYouMean(kind, kinds, `Kinds are ${kinds.join(', ')}.`)
    throw new Failure('USAGE', `"${kind}" is no kind of alert`, { field: 'KIND', help })
  }
  const reason = textFlag(io, 'reason')
  if (reason === undefined) {
    const help = `slipstream drift silence ${kind} --reason "why"`
    throw new Failure('USAGE', 'a silence needs a reason', { field: 'reason', help })
  }
  const body = { kind: kind.toUpperCase().replace('-', '_'), hours: wholeFlag(io, 'hours') ?? 24, reason }
  return await call(baseUrl(io), { path, body })
}
