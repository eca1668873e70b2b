import { expect, onTestFinished, test } from 'vitest'
import { crewOf } from '../../src/adapters/forest-crew.ts'
import { WorkersThreads } from '../../src/adapters/workers-threads.ts'
import { boost } from '../../src/forest/boost.ts'
import { binnedRows, featuresOf, someRows } from '../forest/binned-sets.ts'

const { rows, labels } = someRows(12_000)
// three groups of columns
const wide = rows.map(row => [...row.slice(0, 2), ...row.slice(0, 2).map(value => value), ...manyOf(row)])
const features = featuresOf(wide[0]?.length ?? 0, 0)
const binned = binnedRows(features, wide)

function manyOf([n0, n1]: (typeof rows)[number]): number[] {
  return Array.from({ length: 16 }, (_, at) => ((Number(n0) + 300) * (at + 3) + Number(n1) * 7) % 211)
}

test.each([{}, { featureFraction: 0.6, baggingFraction: 0.7, baggingFreq: 1, growPolicy: 'depthwise' as const }])(
  'any number of threads grows the same trees: %o',
  async changes => {
    const workers = new WorkersThreads()
    onTestFinished(() => workers.close())
    expect(binned.columnCount).toBeGreaterThan(16)
    const parameters = { numIterations: 5, numLeaves: 15, ...changes }
    const grown = (threads: number) =>
      boost({ binned, labels, trainUntil: rows.length, seed: 1, parameters, crew: crewOf(workers, threads) })
    const alone = grown(1)
    for (const threads of [2, 3, 4]) expect(grown(threads)).toEqual(alone)
  },
)
