// `npm run stack -- up|down|status`: the real parts without Docker, on this machine's loopback address. What runs, and
// where, is written to .slipstream/stack.json.

import { parseArgs } from 'node:util'
import { isAlive, StackError } from './stack/processes.ts'
import { type PartName, partNames, type Stack, StackFolder } from './stack/stack.ts'

const usage = `Usage: npm run stack -- up [--brokers 1|3] [--without kafka,registry,s3] [--fresh] | down | status [--json]

up      fetches Kafka, the schema registry and the S3 server if need be, starts them, returns when all are ready
        (there is no ClickHouse server here: the warehouse runs embedded, docker-compose.yml has the real one)
down    stops them; their data stays for the next up, unless that says --fresh
status  what runs, and where; exit code 3 when something does not`

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      brokers: { type: 'string', default: '1' },
      without: { type: 'string', default: '' },
      fresh: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [verb, ...rest] = positionals
  const folder = new StackFolder()
  if (values.help || rest.length > 0 || !['up', 'down', 'status'].includes(verb ?? '')) return say(usage, 2)
  if (verb === 'down') {
    const stopped = await folder.down()
    return say(stopped.length === 0 ? 'Nothing ran.' : `Stopped: ${stopped.join(', ')}`, 0)
  }
  if (verb === 'status') return status(folder.read(), values.json)
  const brokers = Number(values.brokers)
  if (brokers !== 1 && brokers !== 3) return say('--brokers takes 1 or 3', 2)
  const without = values.without.split(',').filter(name => name !== '')
  const unknown = without.find(name => !partNames.includes(name as PartName))
  if (unknown !== undefined) return say(`--without takes ${partNames.join(', ')}; not ${unknown}`, 2)
  const parts = partNames.filter(name => !without.includes(name))
  const stack = await folder.up({ brokers, parts, fresh: values.fresh, tell: line => console.error(line) })
  return status(stack, values.json)
}

function status(stack: Stack | null, json: boolean): number {
  if (!stack) return say('Nothing runs; start it with: npm run stack -- up', 3)
  const ends = stack.processes.filter(each => !isAlive(each))
  if (json) console.log(JSON.stringify({ ...stack, ended: ends.map(({ name }) => name) }, null, 2))
  else {
    const where = {
      kafka: stack.kafka?.bootstrap.join(','),
      registry: stack.registry?.url,
      s3: stack.s3?.url,
    }
    for (const [name, address] of Object.entries(where)) if (address) console.log(`${name.padEnd(10)}${address}`)
    for (const { name, pid, log } of stack.processes) console.log(`${name.padEnd(10)}pid ${pid}, log ${log}`)
    for (const { name, log } of ends) console.log(`${name} has ended; its log is ${log}`)
  }
  return ends.length === 0 ? 0 : 3
}

function say(line: string, code: number): number {
  if (code === 0) console.log(line)
  else console.error(line)
  return code
}

process.exitCode = await main().catch((error: unknown) => {
  if (error instanceof StackError) return say(error.message, 1)
  if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
    return say(`${error.message}\n\n${usage}`, 2)
  throw error
})
