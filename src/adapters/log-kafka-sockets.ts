// The sockets of a client, so that closing it closes them all: kafkajs forgets one that is still connecting when it is
// told to disconnect, and the process would live as long as the broker leaves that open.

import type { Socket } from 'node:net'
import type { ISocketFactory } from 'kafkajs'
import socketFactory from 'kafkajs/src/network/socketFactory.js'

export class Sockets {
  readonly #open = new Set<Socket>()
  readonly #make: ISocketFactory
  #closed = false

  /** @param make how a connection is made: straight, unless another way is given */
  constructor(make: ISocketFactory = socketFactory()) {
    this.#make = make
  }

  readonly factory: ISocketFactory = asked => {
    const socket = this.#make(asked)
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    if (this.#closed) end(socket)
    return socket
  }

  close(): void {
    this.#closed = true
    for (const socket of this.#open) end(socket)
  }
}

/** With an error, for only then its client stops the clock that watches over its requests. */
function end(socket: Socket): void {
  // nobody may be listening any more
  socket.on('error', () => undefined)
  socket.destroy(new Error('the log is closed'))
}
