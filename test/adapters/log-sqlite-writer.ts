// A process for log-sqlite.test.ts to kill: commits units without end to the log in argv[2] and says each one it has
// committed. Unit n has 1 + n % 40 records in each of events/0, events/1 and outcomes/0, each of which says "n of size".

import { writeSync } from 'node:fs'
import { LogSqlite } from '../../src/adapters/log-sqlite.ts'
import type { Append } from '../../src/runtime/log.ts'

const log = LogSqlite.open(process.argv[2] ?? '')
await log.createTopics([
  { name: 'events', partitions: 2, cleanup: 'delete' },
  { name: 'outcomes', partitions: 1, cleanup: 'delete' },
])
const claim = await log.claim('writer')
let unit = (await log.bounds('outcomes', 0)).next
writeSync(1, 'open\n')
for (;;) {
  const size = 1 + (unit % 40)
  const appends: Append[] = []
  for (let index = 0; index < size; index++) {
    const record = { key: `${unit}`, value: Buffer.from(`${unit} of ${size} ${'.'.repeat(500)}`) }
    appends.push({ topic: 'events', partition: 0, ...record }, { topic: 'events', partition: 1, ...record })
    appends.push({ topic: 'outcomes', partition: 0, ...record })
  }
  await claim.commit(appends)
  writeSync(1, `${unit}\n`)
  unit++
}
