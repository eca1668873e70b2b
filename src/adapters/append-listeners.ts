/** Who wants to hear of appends. A listener that throws is a defect: it must not look like a failed commit. */
export class Listeners {
  readonly #listeners = new Set<(topic: string, partition: number) => void>()

  add(listener: (topic: string, partition: number) => void): () => void {
    // a set of wrappers, so that the same function may listen twice
    const own = (topic: string, partition: number) => listener(topic, partition)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  tell(topic: string, partition: number): void {
    for (const listener of this.#listeners) {
      try {
        listener(topic, partition)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
