// slipstream topics ls, describe and schema: which topics there are, what is in them, what their records mean.

import type { Stores } from '../app.ts'
import { Failure } from '../lib/failure.ts'
import type { TopicSpec } from '../runtime/log.ts'
import { columnLines, count } from './columns.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { type AvroRecord, recordSchemas, topicContracts } from './contracts.ts'
import { topicNamed, withStores } from './opened.ts'
import { didYouMean } from './suggest.ts'

export const topicsLs: Command = {
  name: 'ls',
  summary: 'the topics, how full they are and who writes them',
  usage: 'slipstream topics ls [--all] [--data-dir DIR]',
  flags: { all: { type: 'boolean', about: 'changelogs of tasks and jobs too' } },
  examples: ['slipstream topics ls'],
  run: io =>
    withStores(io, 'reader', async stores => {
      namedArgs(io, topicsLs.usage, [])
      const specs = (await stores.log.topics()).filter(({ name }) => io.flags['all'] || !name.endsWith('.changelog'))
      const topics = await Promise.all(specs.map(spec => topicInfo(stores, spec)))
      const rows = topics.map(({ name, partitions, cleanup, writtenBy, doors, doc }) => [
        name,
        String(partitions.length),
        count(partitions.reduce((sum, { first, next }) => sum + next - first, 0)),
        cleanup,
        [...(writtenBy === null ? [] : [writtenBy]), ...doors].join(', '),
        doc,
      ])
      const right = (title: string) => ({ title, align: 'right' }) as const
      for (const line of columnLines(
        ['TOPIC', right('PARTITIONS'), right('OFFSETS'), 'CLEANUP', 'WRITTEN BY', 'HOLDS'],
        rows,
      )) {
        io.out(line)
      }
      io.document({ topics })
      return 0
    }),
}

export const topicsDescribe: Command = {
  name: 'describe',
  summary: 'one topic: its contract, its partitions, its records',
  usage: 'slipstream topics describe TOPIC [--data-dir DIR]',
  flags: {},
  examples: ['slipstream topics describe flights.predictions'],
  run: io =>
    withStores(io, 'reader', async stores => {
      const [name = ''] = namedArgs(io, topicsDescribe.usage, ['TOPIC'])
      const info = await topicInfo(stores, await topicNamed(stores, name))
      const { doc, key, cleanup, retentionDays, records, writtenBy, doors, partitions } = info
      io.out(`${io.color('bold', name)}  ${doc}`)
      io.out(`  key         ${key}`)
      io.out(`  cleanup     ${cleanup}${retentionDays === null ? '' : `, kept ${retentionDays} days`}`)
      io.out(`  written by  ${writtenBy ?? 'no stage'}${doors.length === 0 ? '' : `; doors: ${doors.join(', ')}`}`)
      io.out(`  records     ${records.length === 0 ? 'rows of state' : records.join(', ')}`)
      for (const { partition, first, next } of partitions)
        io.out(`  partition ${partition}  offsets ${first} to before ${next}`)
      io.document(info)
      return 0
    }),
}

async function topicInfo({ log }: Stores, { name, partitions, cleanup }: TopicSpec) {
  const contract = topicContracts().find(each => each.name === name)
  const bounds = await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => ({ partition, ...(await log.bounds(name, partition)) })),
  )
  return {
    name,
    doc: contract?.doc ?? 'State of a task or job.',
    key: contract?.key ?? 'table/key',
    cleanup,
    retentionDays: contract?.retentionDays ?? null,
    records: contract?.records ?? [],
    writtenBy: contract?.writtenBy ?? null,
    doors: contract?.doors ?? [],
    partitions: bounds,
  }
}

export const topicsSchema: Command = {
  name: 'schema',
  summary: 'the fields of a record, or of all records of a topic',
  usage: 'slipstream topics schema RECORD|TOPIC',
  flags: {},
  examples: ['slipstream topics schema FlightScheduled', 'slipstream topics schema flights.events --json'],
  async run(io: CommandIo): Promise<number> {
    const [name = ''] = namedArgs(io, topicsSchema.usage, ['RECORD'])
    const schemas = schemasOf(name)
    for (const schema of schemas) {
      io.out(`${io.color('bold', schema.name)}  ${schema.doc ?? ''}`)
      const rows = schema.fields.map(field => [
        `  ${field.name}`,
        typeText(field.type),
        field.default === undefined ? '' : JSON.stringify(field.default),
        field.knowable ?? '',
        field.doc ?? '',
      ])
      for (const line of columnLines(['  FIELD', 'TYPE', 'DEFAULT', 'KNOWABLE', 'MEANING'], rows)) io.out(line)
    }
    io.document(schemas.length === 1 && schemas[0]?.name === name ? schemas[0] : schemas)
    return 0
  },
}

function schemasOf(name: string): AvroRecord[] {
  const schemas = recordSchemas()
  const contracts = topicContracts()
  const wanted = contracts.find(each => each.name === name)?.records ?? [name]
  const found = schemas.filter(schema => wanted.includes(schema.name))
  if (found.length > 0) return found
  const known = [...schemas, ...contracts].map(each => each.name)
  throw new Failure('USAGE', `there is no record or topic "${name}"`, {
    field: 'RECORD',
    help: didYouMean(name, known, 'schemas/ has one file a record, topics/ one a topic.'),
  })
}

function typeText(type: unknown): string {
  if (typeof type === 'string') return type
  if (Array.isArray(type)) return type.map(typeText).join(' or ')
  const {
    type: inner,
    name,
    items,
    logicalType,
  } = type as { type: string; name?: string; items?: unknown; logicalType?: string }
  if (inner === 'array') return `list of ${typeText(items)}`
  return name ?? logicalType ?? inner
}
