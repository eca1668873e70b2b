// The warehouse port: tables of a ClickHouse, embedded or on a server, for people who ask and for sinks that write. It
// is never on the way of a prediction, and holds nothing that the topics do not.
//
//   W1  A batch is stored whole or not at all, and is durable against a kill of the process once `insert` has answered.
//   W2  A batch is repeated with its own token only; a repetition changes nothing, however often it comes, as long as
//       fewer than 1,000 others were stored in that table since (its `non_replicated_deduplication_window`).
//   W3  After an error of `insert` it is unknown whether the batch is stored: repeat it, rows and token the same.
//   W4  Who asks cannot write, wait for ever or take all memory.

/** Rows for one table. */
export type WarehouseBatch = {
  readonly table: string
  /** Of the table; those left out get their default. */
  readonly columns: readonly string[]
  /**
   * One value a column: number, string, boolean, bigint, null where the column is Nullable, an array of them where it
   * is an Array; instants as epoch milliseconds.
   */
  readonly rows: readonly (readonly unknown[])[]
  /** Names this batch among all of the table: the same token, the same rows. */
  readonly token: string
}

export type QueryLimits = {
  /** The answer holds at most this many rows and says whether there were more. */
  readonly rowsMax: number
}

export type QueryAnswer = {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** By column name; instants and integers beyond 64 bits as ClickHouse prints them. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Whether rows were left out. */
  readonly truncated: boolean
}

export interface Warehouse {
  /** Runs a statement that answers nothing, such as DDL. @throws Failure WAREHOUSE_FAILED */
  execute(statement: string): Promise<void>
  /** Rules W1 to W3; no rows: nothing happens. @throws Failure WAREHOUSE_FAILED */
  insert(batch: WarehouseBatch): Promise<void>
  /**
   * Asks, beside what is being inserted and not behind it.
   * @param sql one statement, without FORMAT
   * @throws Failure QUERY_REFUSED with ClickHouse's own words (syntax, unknown names, anything that would write, limits
   *   of time and memory), WAREHOUSE_FAILED
   */
  query(sql: string, limits: QueryLimits): Promise<QueryAnswer>
  /** Idempotent; nothing may be under way. */
  close(): Promise<void>
}
