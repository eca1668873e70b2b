/** The workers port: work that would keep the event loop busy, in a thread of its own. */
export interface Workers {
  /**
   * Starts a module in a thread. It exports `work(input): AsyncIterable<unknown>`; what it yields arrives here in order,
   * at most `ahead` items before they are taken. Uint8Arrays with a buffer of their own are moved, not copied.
   */
  run<T>(module: WorkModule, input: unknown, options?: WorkOptions): AsyncIterable<T>
  close(): Promise<void>
}

/** The address of a module that may run in a thread, as `import.meta.resolve` or a file URL gives it. */
export type WorkModule = string

export type WorkOptions = {
  /** Items made before they are taken; 2 unless given. */
  readonly ahead?: number
  /** Most memory of its heap; a thread without a limit takes what it can get before it collects. */
  readonly heapMegabytes?: number
}
