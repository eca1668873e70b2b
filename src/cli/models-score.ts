// slipstream models score: what a model file says of the rows of a CSV file. No running Slipstream is asked.

import { marginOf, probabilityOf } from '../forest/exchange/ensemble.ts'
import type { Command, CommandIo } from './command.ts'
import { namedArgs } from './command.ts'
import { exitCode } from './exit-code.ts'
import { dataFlag, modelFlag, modelIn, neededFlag, rowsFor } from './model-file.ts'

const usage = 'slipstream models score --model FILE --data rows.csv [--json]'

export const modelsScore: Command = {
  name: 'score',
  summary: 'margin and probability of each row of a CSV file, by a model file',
  usage,
  flags: { model: modelFlag, data: dataFlag },
  examples: [
    'slipstream models score --model data/models/seed.forest --data rows.csv --json',
    'slipstream models score --model lightgbm.txt --data rows.csv',
  ],
  run,
}

async function run(io: CommandIo): Promise<number> {
  namedArgs(io, usage, [])
  const [model, data] = [neededFlag(io, 'model', usage), neededFlag(io, 'data', usage)]
  const ensemble = await modelIn(model)
  if (ensemble.link.kind === 'none')
    io.err(`${model} predicts by the objective ${ensemble.link.objective}: no probability, but its margin`)
  io.out('MARGIN\tPROBABILITY')
  for await (const { row } of rowsFor(io, ensemble, data)) {
    const margin = marginOf(ensemble, row)
    const probability = probabilityOf(ensemble, margin)
    if (io.json) io.record({ margin, probability })
    else io.out(`${margin}\t${probability ?? '-'}`)
  }
  return exitCode.ok
}
