// Connections that break in the middle of a unit: a request never leaves, or its answer never comes. Before the request to
// commit nothing of the unit can come into sight; after that the claim says COMMIT_UNKNOWN. Either way it is dead, and
// only a new one finds out what happened.

import type { Socket } from 'node:net'
import type { ISocketFactory } from 'kafkajs'
import socketFactory from 'kafkajs/src/network/socketFactory.js'
import { afterAll, expect, test } from 'vitest'
import { LogKafka } from '../../src/adapters/log-kafka.ts'
import { brokerCodes } from '../../src/adapters/log-kafka-failures.ts'
import { WireWriter } from '../../src/adapters/log-kafka-wire.ts'
import { contents, event, expectFailure, textOf } from '../contracts/log-contents.ts'
import { deleteTopics, newPrefix } from './brokers.ts'
import { describeKinds, type Kind } from './kinds.ts'

afterAll(deleteTopics)

const apis = { Produce: 0, AddPartitionsToTxn: 24, EndTxn: 26 } as const
type Fate = {
  readonly api: keyof typeof apis
  readonly lost: 'request' | 'answer'
}

/** Connections that lose the next request of a kind, or its answer, when told to; or have it refused by no broker. */
function breakable() {
  let next: Fate | { readonly api: 'Produce'; readonly refusal: Buffer } | undefined
  const make = socketFactory()
  const connect: ISocketFactory = asked => {
    const socket: Socket = make(asked)
    const write = socket.write.bind(socket) as (bytes: Buffer, encoding: BufferEncoding) => boolean
    const emit = socket.emit.bind(socket)
    socket.write = ((bytes: Buffer, encoding: BufferEncoding) => {
      // a request begins with its length, then the number of the call, its version, and the request's own number
      if (!next || bytes.readInt16BE(4) !== apis[next.api]) return write(bytes, encoding)
      const fate = next
      next = undefined
      if ('refusal' in fate) {
        const answer = new WireWriter(8).int32(4 + fate.refusal.length).int32(bytes.readInt32BE(8))
        return setImmediate(() => emit('data', Buffer.concat([answer.done(), fate.refusal]))) !== undefined
      }
      if (fate.lost === 'request') return socket.destroy(new Error('lost on the way')) !== undefined
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
  return {
    connect,
    lose: (fate: Fate) => (next = fate),
    refuse: (refusal: Buffer) => (next = { api: 'Produce', refusal }),
  }
}

async function open({ brokers }: Kind) {
  const { connect, lose, refuse } = breakable()
  const prefix = newPrefix()
  const log = new LogKafka({ brokers: brokers(), clientId: 'slipstream-test', prefix, connect })
  await log.createTopics([{ name: 'events', partitions: 3, cleanup: 'delete' }])
  const claim = await log.claim('task')
  await claim.commit([event('a', 'before')])
  const found = async () => {
    const texts = (await contents(log, 'events', 0)).map(textOf)
    return [texts, (await contents(log, 'events', 1)).map(textOf)]
  }
  return { log, claim, prefix, lose, refuse, found }
}

const unit = (text: string) => [event('a', text), event('a', text, 1)]

describeKinds('a unit', kind => {
  test.each([
    ['Produce', 'request', 'LOG_UNREACHABLE', []],
    ['Produce', 'answer', 'LOG_UNREACHABLE', []],
    ['EndTxn', 'request', 'COMMIT_UNKNOWN', []],
    ['EndTxn', 'answer', 'COMMIT_UNKNOWN', ['unit']],
  ] as const)('whose %s loses its %s ends the claim, and the next owner sees what became of it', async (...of) => {
    const [api, lost, code, expected] = of
    const { log, claim, lose, found } = await open(kind)
    lose({ api, lost })
    await expectFailure(claim.commit(unit('unit')), code)
    await expectFailure(claim.commit(unit('dead')), 'TASK_FENCED')
    const young = await log.claim('task')
    await young.commit(unit('after'))
    expect(await found()).toEqual([
      ['before', ...expected, 'after'],
      [...expected, 'after'],
    ])
    await log.close()
  })

  test('that is refused since the one before is not in sight is sent again, and there once', async () => {
    const { log, claim, prefix, refuse, found } = await open(kind)
    refuse(refusalOf(`${prefix}events`, [0, 1]))
    await claim.commit(unit('first'))
    await claim.commit(unit('second'))
    expect(await found()).toEqual([
      ['before', 'first', 'second'],
      ['first', 'second'],
    ])
    await log.close()
  })

  if (kind.name === 'implicit') return
  test.each(['request', 'answer'] as const)(
    'may lose the %s of adding its partitions: that is asked again',
    async lost => {
      const { log, claim, lose, found } = await open(kind)
      lose({ api: 'AddPartitionsToTxn', lost })
      await claim.commit(unit('unit'))
      expect(await found()).toEqual([['before', 'unit'], ['unit']])
      await log.close()
    },
  )
})

/** What a broker answers to a Produce when it can add none of the partitions to the transaction. */
function refusalOf(topic: string, partitions: readonly number[]): Buffer {
  const out = new WireWriter(256).tags().count(1).compactText(topic).count(partitions.length)
  for (const partition of partitions) {
    out.int32(partition).int16(brokerCodes.concurrentTransactions).int64(-1).int64(-1).int64(-1)
    out.count(0).count(-1).tags()
  }
  return out.tags().int32(0).tags().done()
}
