// Where partitions begin and end. Who asks in the same turn of the event loop shares one request to each broker: those
// who look how far everybody is ask for all partitions at once, and a request costs more than what it asks for.

import type { Broker } from 'kafkajs/src/cluster/index.js'

type Place = { readonly topic: string; readonly partition: number }
/** Of the first record kept; where committed records end; where all records end, decided or not. */
export type End = 'first' | 'committed' | 'written'
type Asker = Place & {
  readonly resolve: (offset: number) => void
  readonly reject: (error: unknown) => void
}

export class KafkaEnds {
  readonly #asked = new Map<Broker, Map<End, Asker[]>>()

  /** @throws what the broker answers about this partition, or what kafkajs throws */
  at(broker: Broker, { topic, partition }: Place, end: End): Promise<number> {
    return new Promise((resolve, reject) => {
      const asker = { topic, partition, resolve, reject }
      const waiting = this.#asked.get(broker)
      if (!waiting) {
        this.#asked.set(broker, new Map([[end, [asker]]]))
        setImmediate(() => this.#send(broker))
      } else waiting.set(end, [...(waiting.get(end) ?? []), asker])
    })
  }

  #send(broker: Broker): void {
    const waiting = this.#asked.get(broker)
    this.#asked.delete(broker)
    for (const [end, askers] of waiting ?? []) void ask(broker, askers, end)
  }
}

async function ask(broker: Broker, askers: readonly Asker[], end: End): Promise<void> {
  try {
    const isolationLevel = end === 'written' ? 0 : 1
    const { responses } = await broker.listOffsets({ isolationLevel, topics: topicsOf(askers, end) })
    for (const { topic, partition, resolve } of askers) {
      const found = responses.find(each => each.topic === topic)?.partitions.find(each => each.partition === partition)
      resolve(Number(found?.offset ?? 0))
    }
  } catch (error) {
    // it tells of one partition only, and not of which: each asks for itself
    if (askers.length === 1) askers[0]?.reject(error)
    else for (const asker of askers) void ask(broker, [asker], end)
  }
}

/** Each partition once: a broker refuses one that is named twice. */
function topicsOf(askers: readonly Asker[], end: End) {
  const timestamp = end === 'first' ? -2 : -1
  const topics = new Map<string, Set<number>>()
  for (const { topic, partition } of askers) topics.set(topic, (topics.get(topic) ?? new Set()).add(partition))
  return [...topics].map(([topic, partitions]) => {
    return { topic, partitions: [...partitions].map(partition => ({ partition, timestamp })) }
  })
}
