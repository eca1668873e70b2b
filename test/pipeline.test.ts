// Page one against the contracts: topics/*.json, schemas/*.avsc and src/records.ts say what src/pipeline.ts says. Each
// check is a function from the texts to breaches, and is shown to bite on a breach made on purpose.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readSchemas } from '../src/cli/records.ts'
import { recordsSource } from '../src/cli/records-source.ts'
import { pipeline } from '../src/pipeline.ts'

const root = new URL('../', import.meta.url)

type Contract = {
  name: string
  doc: string
  key: string
  partitions: 'N' | 1
  cleanup: 'delete' | 'compact'
  retentionDays: number | null
  records: string[]
  writtenBy: string | null
  doors: string[]
}
type Schema = { name: string; type: string }
type Node = { name: string; reads: string[]; writes: string[] }
type World = {
  files: Record<string, Contract>
  schemas: Record<string, Schema>
  topics: { name: string; partitions: 'N' | 1; cleanup: 'delete' | 'compact' }[]
  nodes: Node[]
  deadLetters: string
  records: string
  printed: string
}

function read<T>(folder: string, ending: string): Record<string, T> {
  const files = readdirSync(new URL(folder, root)).filter(file => file.endsWith(ending))
  const text = (file: string) => readFileSync(new URL(`${folder}${file}`, root), 'utf8')
  return Object.fromEntries(files.map(file => [file.slice(0, -ending.length), JSON.parse(text(file)) as T]))
}

function world(): World {
  const nodes = pipeline.nodes.map(({ stage, reads, gathers, shares, writes }) => ({
    name: stage.name,
    reads: [...reads, ...[gathers, shares].filter(topic => topic !== undefined)],
    writes: [...writes],
  }))
  return {
    files: read<Contract>('topics/', '.json'),
    schemas: read<Schema>('schemas/', '.avsc'),
    topics: pipeline.topics.map(topic => ({ ...topic })),
    nodes,
    deadLetters: pipeline.deadLetters,
    records: readFileSync(new URL('src/records.ts', root), 'utf8'),
    printed: recordsSource(readSchemas(new URL('schemas/', root))),
  }
}

const missing = (from: readonly string[], all: readonly string[]) => from.filter(name => !all.includes(name))

const checks = {
  names({ files, topics, schemas }: World): string[] {
    const [here, there] = [Object.keys(files), topics.map(({ name }) => name)]
    return [
      ...missing(here, there).map(name => `src/pipeline.ts: no topic ${name}`),
      ...missing(there, here).map(name => `topics/: no ${name}.json`),
      ...there.filter((name, at) => there.indexOf(name) !== at).map(name => `src/pipeline.ts: ${name} twice`),
      ...here.filter(file => files[file]?.name !== file).map(file => `topics/${file}.json has another name`),
      ...Object.keys(schemas)
        .filter(file => schemas[file]?.name !== file)
        .map(file => `schemas/${file}.avsc has another name`),
    ]
  },
  settings({ files, topics }: World): string[] {
    return topics.flatMap(({ name, partitions, cleanup }) => {
      const file = files[name]
      const breaches: string[] = []
      if (file && file.partitions !== partitions) breaches.push(`${name}: partitions differ`)
      if (file && file.cleanup !== cleanup) breaches.push(`${name}: cleanup differs`)
      if (file && (file.cleanup === 'compact') !== (file.retentionDays === null)) breaches.push(`${name}: retention`)
      return breaches
    })
  },
  records({ files, schemas }: World): string[] {
    const used = Object.values(files).flatMap(({ records }) => records)
    return [
      ...Object.values(files).flatMap(({ name, records }) =>
        missing(records, Object.keys(schemas)).map(record => `topics/${name}.json: no schema ${record}`),
      ),
      ...Object.values(files).flatMap(({ name, records }) => (records.length === 0 ? [`${name}: no records`] : [])),
      ...missing(Object.keys(schemas), used).map(record => `schemas/${record}.avsc: in no topic`),
    ]
  },
  writers({ files, nodes }: World): string[] {
    return Object.values(files).flatMap(({ name, writtenBy, doors }) => {
      const writers = nodes.filter(({ writes }) => writes.includes(name)).map(node => node.name)
      if (writers.length > 1) return [`${name}: written by ${writers.join(' and ')}`]
      if (writers.length === 1)
        return writers[0] === writtenBy ? [] : [`${name}: written by ${writers[0]}, not said so`]
      if (writtenBy === null) return doors.length > 0 ? [] : [`${name}: nobody writes it`]
      return [`${name}: ${writtenBy} does not write it`]
    })
  },
  wiring({ topics, nodes, deadLetters }: World): string[] {
    const names = topics.map(({ name }) => name)
    const cleanups = new Map(topics.map(({ name, cleanup }) => [name, cleanup]))
    return [
      ...nodes.flatMap(({ name, reads, writes }) =>
        missing([...reads, ...writes], names).map(topic => `${name}: no topic ${topic}`),
      ),
      ...(cleanups.get(deadLetters) === 'delete' ? [] : [`${deadLetters}: dead letters need a topic that keeps all`]),
    ]
  },
  source({ records, printed }: World): string[] {
    return records === printed ? [] : ['src/records.ts: not what `npm run records` writes']
  },
}

describe('page one and the contracts', () => {
  test.each(Object.keys(checks) as (keyof typeof checks)[])('agree on %s', check => {
    expect(checks[check](world())).toEqual([])
  })
})

describe('a breach is found', () => {
  const first = <T>(list: readonly T[]): T => list[0] as T
  const events = ({ files }: World): Contract => files['flights.events'] as Contract
  const timeline = ({ files }: World): Contract => files['flights.timeline'] as Contract
  const breaches: [check: keyof typeof checks, what: string, (world: World) => unknown][] = [
    ['names', 'a topic without a file', ({ files }) => delete files['flights.late']],
    ['names', 'a file without a topic', ({ topics }) => topics.pop()],
    ['names', 'a topic twice', ({ topics }) => topics.push(first(topics))],
    ['names', 'a file named otherwise', each => (events(each).name = 'flights.event')],
    ['names', 'a schema named otherwise', ({ schemas }) => ((schemas['Mark'] as Schema).name = 'Marks')],
    ['settings', 'other partitions', each => (events(each).partitions = 1)],
    ['settings', 'another cleanup', ({ topics }) => (first(topics).cleanup = 'compact')],
    ['settings', 'a topic that is deleted, never', each => (events(each).retentionDays = null)],
    ['records', 'a record without a schema', each => events(each).records.push('FlightVanished')],
    ['records', 'a schema in no topic', each => events(each).records.pop()],
    ['records', 'a topic without records', each => (timeline(each).records = [])],
    ['writers', 'a second writing stage', ({ nodes }) => (nodes[1] as Node).writes.push('flights.timeline')],
    ['writers', 'a writer that is not declared', each => (timeline(each).writtenBy = 'observe')],
    ['writers', 'a stage that writes what only doors may', ({ nodes }) => first(nodes).writes.push('flights.events')],
    ['writers', 'a declared writer that does not write', ({ nodes }) => (first(nodes).writes = [])],
    ['writers', 'a topic with neither writer nor door', each => (events(each).doors = [])],
    ['wiring', 'an input that is no topic', ({ nodes }) => first(nodes).reads.push('flights.nowhere')],
    ['wiring', 'an output that is no topic', ({ nodes }) => first(nodes).writes.push('flights.nowhere')],
    ['wiring', 'dead letters to no topic', each => (each.deadLetters = 'flights.nowhere')],
    ['wiring', 'dead letters that replace each other', each => (each.deadLetters = 'models.registry')],
    ['source', 'a type changed by hand', each => (each.records = each.records.replace('at: number', 'at: string'))],
  ]

  test.each(breaches)('by %s: %s', (check, _, breach) => {
    const broken = world()
    breach(broken)
    expect(checks[check](broken)).not.toEqual([])
  })
})
