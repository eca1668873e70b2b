// The rows of a CSV file as a training set's columns: numbers where cells are numbers, categories where the parameters say
// so, labels and weights apart. Cells are read one row at a time, so that only numbers are kept.

import type { TrainingFeature } from '../forest/bins.ts'
import type { FitParameters } from '../forest/fit-parameters.ts'
import type { Objective } from '../forest/loss.ts'
import { numberColumn } from '../forest/number-column.ts'
import { missing, type TrainingColumn } from '../forest/training-set.ts'
import { Failure } from '../lib/failure.ts'
import { csvRows } from './csv.ts'
import { isMissing, numberIn } from './csv-table.ts'
import { didYouMean } from './suggest.ts'

export type TrainingTable = {
  readonly features: readonly TrainingFeature[]
  readonly columns: readonly TrainingColumn[]
  readonly labels: Float64Array
  readonly weights: Float64Array | null
}

type Wanted = Pick<FitParameters, 'categorical' | 'weightColumn'> & {
  readonly label: string
  readonly objective: Objective
}

type Reader = {
  readonly name: string
  readonly place: number
  readonly take: (cell: string, line: number) => void
}

/** @throws Failure SOURCE_UNREADABLE, FIELD_MISSING, FIELD_TYPE, ROWS_UNFIT */
export async function trainingTableIn(file: string, wanted: Wanted): Promise<TrainingTable> {
  let table: TableBuilder | undefined
  for await (const { line, cells } of csvRows(file)) {
    if (table === undefined) table = new TableBuilder(file, cells, wanted)
    else table.take(cells, line)
  }
  if (table === undefined) throw new Failure('SOURCE_UNREADABLE', `${file} is empty`, { field: 'data' })
  return table.finish()
}

class TableBuilder {
  readonly #file: string
  readonly #width: number
  readonly #readers: Reader[] = []
  readonly #columns: (NumberBuilder | CategoryBuilder)[] = []
  readonly #labels: NumberBuilder
  readonly #weights: NumberBuilder | null = null

  constructor(file: string, names: readonly string[], { label, weightColumn, categorical, objective }: Wanted) {
    this.#file = file
    this.#width = names.length
    const twice = names.find((name, at) => names.indexOf(name) !== at)
    if (twice !== undefined) throw new Failure('SOURCE_UNREADABLE', `${file} names the column "${twice}" twice`)
    const place = (name: string, field: string): number => placeOf(names, name, { file, field })
    const apart = new Set([place(label, 'label')])
    this.#labels = new NumberBuilder(label)
    this.#readers.push(this.#checked(this.#labels, place(label, 'label'), checkLabel(objective)))
    if (weightColumn !== null) {
      const at = place(weightColumn, 'weight_column')
      apart.add(at)
      this.#weights = new NumberBuilder(weightColumn)
      this.#readers.push(this.#checked(this.#weights, at, checkWeight))
    }
    const places = [...names.keys()].filter(at => !apart.has(at))
    const categories = new Set(
      categorical.map(each =>
        typeof each === 'string' ? place(each, 'categorical_feature') : this.#placeOfFeature(places, each),
      ),
    )
    for (const at of places) {
      const name = names[at] as string
      const column = categories.has(at) ? new CategoryBuilder(name) : new NumberBuilder(name)
      this.#columns.push(column)
      const take = (cell: string, line: number): void => {
        if (!column.take(cell)) throw this.#wrong(name, cell, line)
      }
      this.#readers.push({ name, place: at, take })
    }
  }

  take(cells: readonly string[], line: number): void {
    if (cells.length > this.#width) {
      const problem = `${this.#file}, line ${line}: ${cells.length} cells, but the first line names ${this.#width} columns`
      throw new Failure('SOURCE_UNREADABLE', problem, { field: 'data' })
    }
    for (const { place, take } of this.#readers) take(cells[place] ?? '', line)
  }

  finish(): TrainingTable {
    const finished = this.#columns.map(column => column.finish())
    return {
      features: finished.map(({ feature }) => feature),
      columns: finished.map(({ column }) => column),
      labels: this.#labels.numbers(),
      weights: this.#weights?.numbers() ?? null,
    }
  }

  #checked(column: NumberBuilder, place: number, why: (value: number) => string | null): Reader {
    const { name } = column
    const take = (cell: string, line: number): void => {
      if (!column.take(cell)) throw this.#wrong(name, cell, line)
      const problem = why(column.last)
      if (problem === null) return
      throw new Failure('ROWS_UNFIT', `${this.#file}, line ${line}: ${name} is ${cell || 'missing'}; ${problem}`, {
        field: name,
      })
    }
    return { name, place, take }
  }

  #placeOfFeature(places: readonly number[], index: number): number {
    const place = places[index]
    if (place !== undefined) return place
    throw new Failure('USAGE', `categorical_feature ${index} is none of the ${places.length} features, from 0`, {
      field: 'categorical_feature',
    })
  }

  #wrong(name: string, cell: string, line: number): Failure {
    const problem = `${this.#file}, line ${line}: ${name} is ${JSON.stringify(cell.slice(0, 40))}, which is no number`
    const help = `If ${name} holds categories, name it in categorical_feature.`
    return new Failure('FIELD_TYPE', problem, { field: name, help })
  }
}

function placeOf(names: readonly string[], name: string, { file, field }: { file: string; field: string }): number {
  const place = names.indexOf(name)
  if (place >= 0) return place
  const help = didYouMean(name, names, `It has ${names.slice(0, 40).join(', ')}.`)
  throw new Failure('FIELD_MISSING', `${file} has no column ${name}`, { field, help })
}

function checkLabel(objective: Objective): (value: number) => string | null {
  if (objective === 'binary') return value => (value === 0 || value === 1 ? null : 'a label is 0 or 1')
  return value => (Number.isFinite(value) ? null : 'a label is a finite number')
}

function checkWeight(value: number): string | null {
  return value > 0 && value < Number.POSITIVE_INFINITY ? null : 'a weight is above 0, and finite'
}

class NumberBuilder {
  readonly name: string
  #numbers = new Float64Array(1024)
  #count = 0

  constructor(name: string) {
    this.name = name
  }

  get last(): number {
    return this.#numbers[this.#count - 1] as number
  }

  /** @returns whether the cell is a number, or missing */
  take(cell: string): boolean {
    const number = isMissing(cell) ? Number.NaN : numberIn(cell)
    if (number === undefined) return false
    if (this.#count === this.#numbers.length) {
      const grown = new Float64Array(2 * this.#count)
      grown.set(this.#numbers)
      this.#numbers = grown
    }
    this.#numbers[this.#count++] = number
    return true
  }

  numbers(): Float64Array {
    return this.#numbers.slice(0, this.#count)
  }

  /** The numbers are let go. */
  finish(): { feature: TrainingFeature; column: TrainingColumn } {
    const { values, resolution } = numberColumn(this.#numbers.subarray(0, this.#count))
    this.#numbers = new Float64Array(1)
    return { feature: { name: this.name, kind: 'numeric', resolution }, column: { values, categories: null } }
  }
}

class CategoryBuilder {
  readonly #name: string
  readonly #codes = new Map<string, number>()
  readonly #values: number[] = []

  constructor(name: string) {
    this.#name = name
  }

  take(cell: string): boolean {
    const category = cell.trim()
    const code = isMissing(cell) ? missing : (this.#codes.get(category) ?? this.#codes.size)
    if (code !== missing) this.#codes.set(category, code)
    this.#values.push(code)
    return true
  }

  finish(): { feature: TrainingFeature; column: TrainingColumn } {
    const column = { values: Int32Array.from(this.#values), categories: [...this.#codes.keys()] }
    return { feature: { name: this.#name, kind: 'categorical' }, column }
  }
}
