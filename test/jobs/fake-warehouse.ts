// A warehouse in memory that keeps tokens as the real one does, counts its calls, and fails when it is told to. It
// understands the questions that the program itself asks, and no SQL besides.

import { lastBatchesSql } from '../../src/jobs/sink.ts'
import { Failure } from '../../src/lib/failure.ts'
import type { QueryAnswer, Warehouse, WarehouseBatch } from '../../src/runtime/warehouse.ts'

type Row = Readonly<Record<string, unknown>>

export type FakeFault = (call: number, what: string, when: 'before' | 'after') => void | Promise<void>

export class FakeWarehouse implements Warehouse {
  readonly tables = new Map<string, Row[]>()
  readonly statements: string[] = []
  /** Every batch as it came, repeated ones too. */
  readonly inserts: WarehouseBatch[] = []
  /** Called before and after each call takes effect, with its number from 1; may throw. */
  fault: FakeFault = () => undefined
  calls = 0
  isClosed = false
  readonly #tokens = new Set<string>()

  async execute(statement: string): Promise<void> {
    await this.#call(statement, () => this.statements.push(statement))
  }

  async insert(batch: WarehouseBatch): Promise<void> {
    await this.#call(`insert ${batch.table}`, () => {
      this.inserts.push(batch)
      if (batch.rows.length === 0 || this.#tokens.has(`${batch.table} ${batch.token}`)) return
      this.#tokens.add(`${batch.table} ${batch.token}`)
      const rows = batch.rows.map(row => Object.fromEntries(batch.columns.map((column, at) => [column, row[at]])))
      this.tables.set(batch.table, [...this.rows(batch.table), ...rows])
    })
  }

  async query(sql: string): Promise<QueryAnswer> {
    let rows: readonly Row[] = []
    await this.#call('query', () => {
      if (sql === lastBatchesSql) rows = this.#lastBatches()
      else if (sql.includes('FROM migrations')) rows = this.rows('migrations')
      else throw new Failure('QUERY_REFUSED', `not understood here: ${sql}`)
    })
    return { columns: [], rows, truncated: false }
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  rows(table: string): readonly Row[] {
    return this.tables.get(table) ?? []
  }

  /** As after a restart long afterwards: the tables are there, the tokens are forgotten. */
  forgetTokens(): void {
    this.#tokens.clear()
  }

  #lastBatches(): Row[] {
    const last = new Map<string, Row>()
    for (const row of this.rows('sink_batches')) {
      const key = `${String(row['topic'])}/${String(row['partition'])}`
      const before = last.get(key)
      if (!before || Number(row['from_offset']) >= Number(before['from_offset'])) last.set(key, row)
    }
    return [...last.values()]
  }

  async #call(what: string, take: () => void): Promise<void> {
    const call = ++this.calls
    await this.fault(call, what, 'before')
    take()
    await this.fault(call, what, 'after')
  }
}
