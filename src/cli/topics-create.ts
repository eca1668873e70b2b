// slipstream topics create: brings a cluster (or a data folder) to what page one and topics/ say, and the schema registry
// to what schemas/ says. What is missing is shown and made; what is there and otherwise is shown and left: partitions are fixed for a topic's life, and how a topic
// is kept may be so on purpose.

import { engineOf, openLog } from '../app/log.ts'
import { registerSchemas, type SchemaDifference, schemaDifferences } from '../app/own-schemas.ts'
import { placesOf } from '../app/places.ts'
import { pipeline } from '../pipeline.ts'
import type { TopicSpec } from '../runtime/log.ts'
import { topicSpecs } from '../runtime/topology.ts'
import { columnLines } from './columns.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { exitCode } from './exit-code.ts'
import { asked, type Difference, logDifferences } from './topics-check.ts'

export const topicsCreate: Command = {
  name: 'create',
  summary: 'make the topics and register the schemas that are missing, and show those that differ',
  usage: 'slipstream topics create [--engine kafka] [--partitions N] [--dry-run]',
  flags: { 'dry-run': { type: 'boolean', about: 'show what would be made, and make nothing' } },
  examples: [
    'slipstream topics create --engine kafka --partitions 8',
    'slipstream topics create --engine kafka --dry-run',
  ],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, topicsCreate.usage, [])
    const { log, differences } = await openLog(io.config, 'owner')
    try {
      const found = await log.topics()
      const wanted = wantedSpecs(found, io.config.partitions)
      const missing = wanted.filter(({ name }) => !found.some(each => each.name === name))
      const own = found.filter(({ name }) => wanted.some(each => each.name === name))
      const differ = [...asked(io, found), ...logDifferences(own), ...(await differences(wanted))]
      const places = placesOf(io.config)
      const schemas = await schemaDifferences(places)
      show(io, { missing, differ, schemas: schemas ?? [] })
      const makes = !io.flags['dry-run']
      // a registry that refuses one of ours has said so above: nothing is made that would carry such records
      const refused = schemas?.some(({ state }) => state === 'refused') ?? false
      const registered = makes && !refused ? await registerSchemas(places) : null
      if (makes && !refused && missing.length > 0) await log.createTopics(missing)
      const created = makes && !refused ? missing.length : 0
      io.document({ engine: engineOf(io.config), missing, differences: differ, created, schemas, registered })
      return differ.length === 0 && !refused ? exitCode.ok : exitCode.checkFailed
    } finally {
      await log.close()
    }
  },
}

/** As page one has it; topics that are there say how many partitions a new one gets. */
export function wantedSpecs(found: readonly TopicSpec[], partitions: number): TopicSpec[] {
  return topicSpecs(pipeline, found.find(({ name }) => name === 'flights.events')?.partitions ?? partitions)
}

type Found = {
  readonly missing: readonly TopicSpec[]
  readonly differ: readonly Difference[]
  readonly schemas: readonly SchemaDifference[]
}

function show(io: CommandIo, { missing, differ, schemas }: Found): void {
  const rows = [
    ...missing.map(({ name, partitions, cleanup }) => ['+', name, `${partitions} partitions, cleanup ${cleanup}`]),
    ...differ.map(({ topic, problem }) => ['!', topic, problem]),
    ...schemas.map(({ subject, state, problem }) => [problem === null ? '+' : '!', subject, problem ?? state]),
  ]
  if (rows.length === 0) io.out('every topic and schema is there, as it should be')
  else for (const line of columnLines(['', 'TOPIC', ''], rows)) io.out(line)
}
