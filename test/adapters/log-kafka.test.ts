// The promises of the log, kept by a real broker.

import { afterAll } from 'vitest'
import { describeLog } from '../contracts/log.ts'
import { deleteTopics, here, openLog } from '../stack/brokers.ts'

here.describe('against a broker', () => {
  describeLog('log-kafka', () => openLog())
})

afterAll(deleteTopics)
