import { expect, test } from 'vitest'
import { BlobsMemory } from '../../src/adapters/blobs-memory.ts'
import { LogMemory } from '../../src/adapters/log-memory.ts'
import { failureIn } from '../../src/lib/failure.ts'
import { State } from '../../src/runtime/state.ts'
import { Table } from '../../src/runtime/table.ts'
import { allMoved } from './small-world.ts'

test('a restoring task whose follower has trimmed both marks away is fenced, and does not wait for ever', async () => {
  const log = new LogMemory()
  await log.createTopics([{ name: 'c', partitions: 1, cleanup: 'delete' }])
  const ports = { log, blobs: new BlobsMemory() }
  const open = async () => {
    const state = new State({
      ...ports,
      task: 't',
      changelog: 'c',
      partition: 0,
      layout: 1,
      migrate: {},
      snapshotBytes: 1,
    })
    const claim = await log.claim('t')
    await state.takeOver(claim)
    return { state, claim }
  }
  const read = log.read.bind(log)
  let first = true
  log.read = async (...of) => {
    if (first) {
      first = false
      const { state, claim } = await open()
      state.add(new Table('x'))
      await claim.commit(state.unitRecords({}))
      await claim.commit([await state.snapshot({})])
      await state.snapshotCommitted()
    }
    return read(...of)
  }
  let outcome: unknown = 'waits'
  open().then(
    () => (outcome = 'opened'),
    error => (outcome = failureIn(error)?.code ?? error),
  )
  await allMoved()
  await allMoved()
  expect(outcome).toBe('TASK_FENCED')
})
