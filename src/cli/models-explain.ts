// slipstream models explain: how much each column of a row moved the margin, by exact TreeSHAP.

import { marginOf, probabilityOf } from '../forest/exchange/ensemble.ts'
import { explainerOf } from '../forest/shap.ts'
import { type Command, type CommandIo, namedArgs, wholeFlag } from './command.ts'
import { exitCode } from './exit-code.ts'
import { dataFlag, modelFlag, modelIn, neededFlag, rowsFor } from './model-file.ts'

const usage = 'slipstream models explain --model FILE --data rows.csv [--top N] [--json]'
const shownDefault = 5

export const modelsExplain: Command = {
  name: 'explain',
  summary: 'what moved the margin of each row of a CSV file, column by column',
  usage,
  flags: {
    model: modelFlag,
    data: dataFlag,
    top: { type: 'string', value: 'N', about: `columns shown of each row (default ${shownDefault}); --json has all` },
  },
  examples: ['slipstream models explain --model lightgbm.txt --data rows.csv --json'],
  run,
}

async function run(io: CommandIo): Promise<number> {
  namedArgs(io, usage, [])
  const [model, data] = [neededFlag(io, 'model', usage), neededFlag(io, 'data', usage)]
  const top = wholeFlag(io, 'top', 1) ?? shownDefault
  const ensemble = await modelIn(model)
  const { base, explain } = explainerOf(ensemble)
  const names = ensemble.columns.map(({ name }) => name)
  const moved = new Float64Array(names.length)
  for await (const { line, row } of rowsFor(io, ensemble, data)) {
    explain(row, moved)
    const margin = marginOf(ensemble, row)
    const probability = probabilityOf(ensemble, margin)
    if (io.json) {
      const contributions = Object.fromEntries(names.map((name, column) => [name, moved[column] as number]))
      io.record({ margin, probability, base, contributions })
      continue
    }
    const most = [...moved.entries()].filter(([, by]) => by !== 0).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    const parts = most.slice(0, top).map(([column, by]) => `${names[column]} ${by < 0 ? '' : '+'}${by.toPrecision(4)}`)
    io.out(`line ${line}: margin ${margin.toPrecision(6)} from ${base.toPrecision(6)}: ${parts.join(', ')}`)
  }
  return exitCode.ok
}
