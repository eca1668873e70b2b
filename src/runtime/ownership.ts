// Ownership: which tasks of the page, and which jobs, are this engine's, where several processes share them. It is asked
// between units and never waited for: a task runs on while the others agree anew, and what keeps two owners apart is the
// claim (log.ts, rule L5), not this.

export interface Ownership {
  /** null: nobody has said yet. */
  owns(task: string): boolean | null
  /** Asks whether the present agreement still gives us a task that another one has claimed. */
  confirm(task: string): Promise<boolean>
  /** Calls back after every change. @returns stop listening */
  onChange(listener: () => void): () => void
  /** Told of a task that is not ours: nothing of it is open here, so another one may claim it and fence nobody. */
  hasLetGo(task: string): void
}
