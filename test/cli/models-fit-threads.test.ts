// Processes of their own, each with another number of threads: the same rows and seed give the same model file.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { randomFrom } from '../../src/lib/random.ts'
import { temporaryFolder } from './cli.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
/** Enough rows and columns for threads to share the work. */
const rows = 6000
const columns = 20

test('1, 2 and 4 threads in fresh processes, and 2 once more: the same hash', { timeout: 120_000 }, () => {
  const folder = temporaryFolder()
  const random = randomFrom(3)
  const names = Array.from({ length: columns }, (_, at) => `x${at}`)
  const lines = Array.from({ length: rows }, () => {
    const values = names.map(() => Math.floor(random() * 1000))
    const isLate = random() * 2000 < (values[0] as number) + (values[7] as number) ? 1 : 0
    return [...values, isLate].join(',')
  })
  const data = join(folder, 'rows.csv')
  writeFileSync(data, [[...names, 'late'].join(','), ...lines].join('\n'))
  const hashes = [1, 2, 4, 2].map((threads, run) => {
    const params = join(folder, `params-${run}.json`)
    const drawn = { bagging_fraction: 0.9, bagging_freq: 1, feature_fraction: 0.9, seed: 5 }
    writeFileSync(
      params,
      JSON.stringify({ num_iterations: 10, num_threads: threads, held_out_fraction: 0.1, ...drawn }),
    )
    const files = ['--data', data, '--params', params, '--out', join(folder, `${run}.forest`)]
    const said = execFileSync(process.execPath, [main, 'models', 'fit', '--label', 'late', ...files, '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return (JSON.parse(said) as { hash: string }).hash
  })
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/)
  expect(new Set(hashes).size).toBe(1)
})
