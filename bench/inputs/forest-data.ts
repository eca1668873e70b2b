// Rows as trainings have them, in a folder that each contestant reads in a process of its own: task.json, x.bin (a column
// after the other, float64, NaN missing, codes of categories as numbers) and y.bin (uint8).

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainingFeature } from '../../src/forest/bins.ts'
import type { Json } from '../../src/forest/model.ts'
import { missing, type TrainingColumn } from '../../src/forest/training-set.ts'
import { randomFrom } from '../../src/lib/random.ts'

export type Size = { readonly rows: number; readonly columns: number }
export type Parameters = Readonly<Record<string, number>>
export type Task = {
  readonly rows: number
  /** Rows before it grow trees, the others are scored. */
  readonly train: number
  readonly threads: number
  readonly columns: readonly TrainingFeature[]
  readonly parameters: Parameters
}
export type Data = {
  readonly features: TrainingFeature[]
  readonly columns: TrainingColumn[]
  readonly labels: Uint8Array
  readonly train: number
}

const categorySizes = [16, 3, 105]

/** A third continuous, a third counts with many zeros and gaps, the rest yes or no, and three categories. */
export function flightLike({ rows, columns: count }: Size): Data {
  const random = randomFrom(2013)
  const risk = new Float64Array(rows).fill(-2)
  const features: TrainingFeature[] = []
  const columns = Array.from({ length: count }, (_, index): TrainingColumn => {
    const isCategory = index >= count - 3
    features.push({ name: `f${index}`, kind: isCategory ? 'categorical' : 'numeric' })
    const size = isCategory ? (categorySizes[index - (count - 3)] as number) : 0
    const effects = Float64Array.from({ length: 105 }, () => 1.2 * random() - 0.6)
    const weight = 1.5 * random() ** 4
    const values = new Int32Array(rows)
    for (let row = 0; row < rows; row++) {
      const drawn = random()
      let value = Math.floor((drawn + random() + random() - 1.5) * 1000)
      if (index % 3 === 1) value = drawn < 0.6 ? 0 : Math.floor(-40 * Math.log(random()))
      if (index % 3 === 2) value = drawn < 0.3 ? 1 : 0
      if (isCategory) value = Math.floor(size * drawn ** 2)
      const isMissing = index % 4 === 1 && random() < 0.2
      values[row] = isMissing ? missing : value
      const effect = isCategory ? (effects[value] as number) : index % 3 === 0 ? value / 700 : Math.min(1, value / 30)
      risk[row] = (risk[row] as number) + (isMissing ? 0.2 : weight * effect * (index % 5 === 0 ? Math.abs(effect) : 1))
    }
    return { values, categories: isCategory ? namesOf(size) : null }
  })
  const labels = Uint8Array.from(risk, margin => (random() < 1 / (1 + Math.exp(-margin)) ? 1 : 0))
  return { features, columns, labels, train: rows - Math.floor(rows / 5) }
}

function namesOf(size: number): string[] {
  return Array.from({ length: size }, (_, code) => `K${code}`)
}

export function writeRows(folder: string, { columns, labels }: Data): void {
  const rows = labels.length
  const cells = new Float64Array(columns.length * rows)
  for (const [index, { values }] of columns.entries()) {
    for (const [row, value] of values.entries()) cells[index * rows + row] = value === missing ? Number.NaN : value
  }
  writeFileSync(join(folder, 'x.bin'), cells)
  writeFileSync(join(folder, 'y.bin'), labels)
}

export function writeTask(folder: string, { features, labels, train }: Data, parameters: Parameters, threads: number) {
  const task: Task = { rows: labels.length, train, threads, columns: features, parameters }
  writeFileSync(join(folder, 'task.json'), JSON.stringify(task))
}

export function readRows(folder: string): { data: Data; task: Task } {
  const task = JSON.parse(readFileSync(join(folder, 'task.json'), 'utf8')) as Task
  const labels = new Uint8Array(readFileSync(join(folder, 'y.bin')))
  const bytes = readFileSync(join(folder, 'x.bin'))
  const features = [...task.columns]
  const columns = features.map(({ kind }, index): TrainingColumn => {
    const cells = new Float64Array(bytes.buffer, bytes.byteOffset + 8 * index * task.rows, task.rows)
    const values = Int32Array.from(cells, cell => (Number.isNaN(cell) ? missing : cell))
    const size = kind === 'categorical' ? (categorySizes[index - (features.length - 3)] as number) : 0
    return { values, categories: size === 0 ? null : namesOf(size) }
  })
  return { data: { features, columns, labels, train: task.train }, task }
}

/** Result of a contestant: the last line of what it prints. */
export type Told = { readonly [name: string]: Json }
