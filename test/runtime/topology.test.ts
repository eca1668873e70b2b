import { describe, expect, test } from 'vitest'
import type { Stage } from '../../src/runtime/stage.ts'
import { changelogOf, diagram, type Pipeline, stage, taskCount, topicSpecs } from '../../src/runtime/topology.ts'

const named = (name: string): Stage<null> => ({ name, layout: 1, open: () => ({ step: () => false }) })

const page: Pipeline<null> = {
  topics: [
    { name: 'road.cars', partitions: 'N', cleanup: 'delete' },
    { name: 'road.orders', partitions: 1, cleanup: 'delete' },
    { name: 'road.jams', partitions: 1, cleanup: 'delete' },
    { name: 'road.last', partitions: 'N', cleanup: 'compact' },
    { name: 'road.dead', partitions: 'N', cleanup: 'delete' },
  ],
  nodes: [
    stage(named('count'), { reads: ['road.cars', 'road.orders'], shares: 'road.jams', writes: ['road.last'] }),
    stage(named('merge'), { reads: ['road.orders'], gathers: 'road.cars', writes: ['road.jams'] }),
    stage(named('command'), { reads: ['road.orders'], writes: [], raw: true }),
  ],
  deadLetters: 'road.dead',
}

describe('topology', () => {
  test('a stage has a task a partition, but one if it gathers or all it reads has one partition', () => {
    expect(page.nodes.map(node => taskCount(node, page.topics, 4))).toEqual([4, 1, 1])
  })

  test('a topic of N has the partitions of the pipeline, a changelog those of its tasks, and is kept until trimmed', () => {
    expect(topicSpecs(page, 4)).toEqual([
      { name: 'road.cars', partitions: 4, cleanup: 'delete' },
      { name: 'road.orders', partitions: 1, cleanup: 'delete' },
      { name: 'road.jams', partitions: 1, cleanup: 'delete' },
      { name: 'road.last', partitions: 4, cleanup: 'compact' },
      { name: 'road.dead', partitions: 4, cleanup: 'delete' },
      { name: 'count.changelog', partitions: 4, cleanup: 'delete' },
      { name: 'merge.changelog', partitions: 1, cleanup: 'delete' },
      { name: 'command.changelog', partitions: 1, cleanup: 'delete' },
    ])
    expect(changelogOf('count')).toBe('count.changelog')
  })

  test('the diagram shows every topic, every stage, and a view as a dotted arrow', () => {
    expect(diagram(page)).toBe(
      [
        'flowchart LR',
        '  road_cars[(road.cars)]',
        '  road_orders[(road.orders)]',
        '  road_jams[(road.jams)]',
        '  road_last[(road.last)]',
        '  road_dead[(road.dead)]',
        '  count[count]',
        '  road_cars --> count',
        '  road_orders --> count',
        '  road_jams -.-> count',
        '  count --> road_last',
        '  merge[merge]',
        '  road_orders --> merge',
        '  road_cars --> merge',
        '  merge --> road_jams',
        '  command[command]',
        '  road_orders --> command',
      ].join('\n'),
    )
  })
})
