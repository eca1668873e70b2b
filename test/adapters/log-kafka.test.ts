// The promises of the log, kept by real brokers.

import { afterAll } from 'vitest'
import { LogKafka } from '../../src/adapters/log-kafka.ts'
import { describeLog } from '../contracts/log.ts'
import { deleteTopics, newPrefix } from '../stack/brokers.ts'
import { describeKinds } from '../stack/kinds.ts'

describeKinds('against a broker', ({ brokers }) => {
  describeLog('log-kafka', () => new LogKafka({ brokers: brokers(), clientId: 'slipstream-test', prefix: newPrefix() }))
})

afterAll(deleteTopics)
