// Connections that break around a commit: the request to end a transaction never leaves, or its answer never comes.
// Either way the claim says COMMIT_UNKNOWN and is dead, and only a new one finds out what happened.

import type { Socket } from 'node:net'
import type { ISocketFactory } from 'kafkajs'
import socketFactory from 'kafkajs/src/network/socketFactory.js'
import { afterAll, expect, test } from 'vitest'
import { LogKafka } from '../../src/adapters/log-kafka.ts'
import { contents, event, expectFailure, textOf } from '../contracts/log-contents.ts'
import { brokers, deleteTopics, here, newPrefix } from './brokers.ts'

afterAll(deleteTopics)

const endTxn = 26
type Fate = 'answered' | 'request lost' | 'answer lost'

/** Connections that lose the next request to end a transaction, or its answer, when told to. */
function breakable(): { connect: ISocketFactory; next: (fate: Fate) => void } {
  let fate: Fate = 'answered'
  const make = socketFactory()
  const connect: ISocketFactory = asked => {
    const socket: Socket = make(asked)
    const write = socket.write.bind(socket) as (bytes: Buffer, encoding: BufferEncoding) => boolean
    socket.write = ((bytes: Buffer, encoding: BufferEncoding) => {
      // a request begins with its length, then the number of the call
      if (fate === 'answered' || bytes.readInt16BE(4) !== endTxn) return write(bytes, encoding)
      const isSent = fate === 'answer lost'
      fate = 'answered'
      if (!isSent) return socket.destroy(new Error('lost on the way')) !== undefined
      const emit = socket.emit.bind(socket)
      socket.emit = ((name: string, ...rest: unknown[]) => {
        if (name !== 'data') return emit(name, ...rest)
        // the broker has done it: this is what it says about that
        socket.emit = emit
        socket.destroy(new Error('lost on the way back'))
        return true
      }) as typeof socket.emit
      return write(bytes, encoding)
    }) as typeof socket.write
    return socket
  }
  return { connect, next: told => (fate = told) }
}

here.describe('a commit', () => {
  test.each([
    ['whose request is lost', 'request lost', ['before', 'after']],
    ['whose answer is lost', 'answer lost', ['before', 'unknown', 'after']],
  ] as const)('%s is unknown, and the next owner sees what became of it', async (_, fate, expected) => {
    const { connect, next } = breakable()
    const log = new LogKafka({ brokers, clientId: 'slipstream-test', prefix: newPrefix(), connect })
    await log.createTopics([{ name: 'events', partitions: 3, cleanup: 'delete' }])
    const claim = await log.claim('task')
    await claim.commit([event('a', 'before')])
    next(fate)
    await expectFailure(claim.commit([event('a', 'unknown'), event('a', 'unknown', 1)]), 'COMMIT_UNKNOWN')
    await expectFailure(claim.commit([event('a', 'dead')]), 'TASK_FENCED')
    const young = await log.claim('task')
    await young.commit([event('a', 'after')])
    const texts = (await contents(log, 'events', 0)).map(textOf)
    const others = (await contents(log, 'events', 1)).map(textOf)
    expect([texts, others.length]).toEqual([expected, expected.length - 2])
    await log.close()
  })
})
