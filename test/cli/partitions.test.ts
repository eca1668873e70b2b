import { expect, test } from 'vitest'
import { partitionsRefusal } from '../../src/cli/partitions.ts'
import { configure } from '../../src/config.ts'
import { cli, documentOf, temporaryFolder } from './cli.ts'
import { dataFolder } from './data-folder.ts'

test.each(['create', 'check'])('topics %s says that the number of partitions is another one, and fixed', async verb => {
  const folder = await dataFolder(() => [])
  const ran = await cli(['topics', verb, '--data-dir', folder, '--partitions', '4', '--json'])
  expect(ran.code).toBe(4)
  const problem = "has 2 partitions, not 4: the number is fixed for a topic's life"
  expect(documentOf(ran)['differences']).toContainEqual({ topic: 'flights.events', problem })
  const same = await cli(['topics', verb, '--data-dir', folder, '--partitions', '2', '--json'])
  expect(documentOf(same)['differences']).toEqual([])
})

test('who does not ask for a number is told nothing', () => {
  const dataDir = temporaryFolder()
  expect(partitionsRefusal(configure({ dataDir }), 7)).toBeNull()
  expect(partitionsRefusal(configure({ dataDir, partitions: '7' }), 7)).toBeNull()
  expect(partitionsRefusal(configure({ dataDir, partitions: '8' }), 7)).toContain('has 7 partitions, not 8')
})
