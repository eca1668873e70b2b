// The threads that share a log tell each other what they have committed: those that joined to the owner, which passes
// it on to the rest. Nothing depends on when it arrives: it wakes who waits, and counts bytes for the next checkpoint.

import { MessageChannel, type MessagePort } from 'node:worker_threads'

export type Committed = {
  readonly touched: readonly (readonly [topic: string, partition: number])[]
  readonly bytes: number
}

export class Peers {
  readonly #heard: (committed: Committed) => void
  readonly #ports = new Set<MessagePort>()

  constructor(heard: (committed: Committed) => void) {
    this.#heard = heard
  }

  /** @returns the other end, for a thread that joins */
  invite(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    this.join(port1)
    return port2
  }

  join(port: MessagePort): void {
    this.#ports.add(port)
    port.on('message', (committed: Committed) => {
      for (const other of this.#ports) if (other !== port) other.postMessage(committed)
      this.#heard(committed)
    })
    port.on('close', () => this.#ports.delete(port))
    // a log keeps no thread alive
    port.unref()
  }

  tell(committed: () => Committed): void {
    if (this.#ports.size === 0) return
    const told = committed()
    for (const port of this.#ports) port.postMessage(told)
  }

  close(): void {
    for (const port of this.#ports) port.close()
  }
}
