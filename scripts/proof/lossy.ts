// Loaded before a program that talks to Kafka: after SIGUSR2 the answer to its next request to end a transaction is lost
// on the way back, with the connection, though the broker has done it.

import { Socket } from 'node:net'

const endTxn = 26
let isArmed = false
process.on('SIGUSR2', () => {
  isArmed = true
})
process.stderr.write('lossy: ready\n')

type Write = (this: Socket, bytes: Uint8Array | string, ...rest: unknown[]) => boolean

const prototype = Socket.prototype as unknown as { write: Write }
const { write } = prototype
prototype.write = function (this: Socket, ...asked: Parameters<Write>): boolean {
  const [bytes] = asked
  // a request begins with its length, then the number of the call
  if (isArmed && Buffer.isBuffer(bytes) && bytes.length > 8 && bytes.readInt32BE(0) === bytes.length - 4) {
    if (bytes.readInt16BE(4) === endTxn) {
      isArmed = false
      loseAnswer(this)
    }
  }
  return write.apply(this, asked)
}

function loseAnswer(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (name: string, ...rest: unknown[]) => boolean
  socket.emit = ((name: string, ...rest: unknown[]) => {
    if (name !== 'data') return emit(name, ...rest)
    socket.emit = emit as typeof socket.emit
    process.stderr.write('lossy: an answer to a commit was lost\n')
    socket.destroy(new Error('lost on the way back'))
    return true
  }) as typeof socket.emit
}
