// slipstream models export: a model of Slipstream's own as LightGBM's text.

import { readFile } from 'node:fs/promises'
import { writeLightgbm } from '../forest/exchange/lightgbm-write.ts'
import { unpack } from '../forest/flat.ts'
import type { Model } from '../forest/model.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { exitCode } from './exit-code.ts'
import { unreadable } from './file-lines.ts'
import { inFile, neededFlag, writeOut } from './model-file.ts'

const usage = 'slipstream models export --model FILE --out FILE [--json]'

export const modelsExport: Command = {
  name: 'export',
  summary: "a model of Slipstream's own as LightGBM's text",
  usage,
  flags: {
    model: { type: 'string', value: 'FILE', about: "Slipstream's own file" },
    out: { type: 'string', value: 'FILE', about: 'where the text is written' },
  },
  examples: ['slipstream models export --model data/models/seed.forest --out seed.txt'],
  run,
}

async function run(io: CommandIo): Promise<number> {
  namedArgs(io, usage, [])
  const [file, out] = [neededFlag(io, 'model', usage), neededFlag(io, 'out', usage)]
  const bytes = await readFile(file).catch(error => {
    throw unreadable(file, error)
  })
  const model = ownModel(file, bytes)
  const text = writeLightgbm(model)
  await writeOut(out, text)
  const trees = model.trees.roots.length
  io.out(`${out}: ${trees} trees, margins as they are; calibration, interval and threshold have no place in it`)
  io.document({ file, out, trees, bytes: Buffer.byteLength(text) })
  return exitCode.ok
}

function ownModel(file: string, bytes: Uint8Array): Model {
  try {
    return unpack(bytes)
  } catch (error) {
    const help = "Only Slipstream's own files are exported, whole as `models fit` or a training wrote them."
    throw inFile(file, error, help)
  }
}
