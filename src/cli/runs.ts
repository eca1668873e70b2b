// slipstream runs: trainings. `train` asks the running Slipstream for one.

import type { TrainingAsked } from '../server/program.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { count, instantText } from './columns.ts'
import { type Command, type CommandIo, group, namedArgs, textFlag } from './command.ts'
import { exitCode } from './exit-code.ts'

const train: Command = {
  name: 'train',
  summary: 'ask the running Slipstream for a training on the outcomes so far',
  usage: 'slipstream runs train [--why TEXT] [--url URL] [--json]',
  flags: {
    why: { type: 'string', value: 'TEXT', about: 'why, as a sentence; kept with the model' },
    url: urlFlag,
  },
  examples: ['slipstream runs train', 'slipstream runs train --why "New routes since Monday." --json'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, train.usage, [])
    const why = textFlag(io, 'why')
    const body = why === undefined ? {} : { why }
    const asked = (await call(baseUrl(io), { path: '/v1/trainings', body })) as TrainingAsked
    const { id, at, effectiveFrom, cut } = asked
    const rows = cut.reduce((sum, number) => sum + number, 0)
    io.out(`training ${id} is asked for, on ${count(rows)} outcomes up to ${instantText(at)}`)
    io.out(`its model is in shadow from ${instantText(effectiveFrom)} at the earliest`)
    io.document(asked)
    return exitCode.ok
  },
}

export const command: Command = group('runs', 'trainings: ask for one', [train])
