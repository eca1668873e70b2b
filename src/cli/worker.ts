// slipstream worker: one more process for a pipeline on a cluster. It takes its share of the tasks and jobs, and gives it
// back when it ends.

import { engineOf } from '../app/log.ts'
import { jobsFor, type Part, partOf } from '../app/sharing.ts'
import { factsOf, lagsAt } from '../app/task-facts.ts'
import { openTrain } from '../app/train.ts'
import { openWarehouse } from '../app/warehouse.ts'
import { openWebhook } from '../app/webhook.ts'
import { type App, openApp } from '../app.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import { pipeline } from '../pipeline.ts'
import type { TaskFacts } from '../server/program.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { type Narration, narrated, sayPartitions } from './narration.ts'

const tellEveryMs = 200
const againMs = 1000

export const command: Command = {
  name: 'worker',
  summary: 'join a pipeline on a cluster with one more process',
  usage: 'slipstream worker [--stages NAMES] [--threads N] [--metrics-port P] [--kafka-brokers HOST:PORT,...]',
  flags: {
    stages: {
      type: 'string',
      value: 'NAMES',
      about: 'stages and jobs that it takes part in, as ingest,score,train (default all)',
    },
    'metrics-port': { type: 'string', value: 'P', about: 'port of /metrics and /health/live (default none)' },
  },
  examples: ['slipstream worker --engine kafka', 'slipstream worker --engine kafka --stages score,monitor --threads 4'],
  run: io => narrated(io, 'worker', narration => run(io, narration)),
}

async function run(io: CommandIo, narration: Narration): Promise<number> {
  namedArgs(io, command.usage, [])
  const signal = io.interruption()
  if (engineOf(io.config) !== 'kafka') {
    const help = 'Add --engine kafka. An embedded log has one process: slipstream up.'
    throw new Failure('USAGE', 'a worker joins others on a cluster', { field: 'engine', help })
  }
  const port = metricsPort(io)
  const { stages } = io.flags
  const part: Part = {
    ...(typeof stages === 'string' ? partOf(stages, pipeline) : { jobs: jobsFor(io.config) }),
    isAsked: false,
  }
  const app = await openApp({ config: io.config, part, onTrouble: narration.trouble })
  narration.keep()
  sayPartitions(io, narration, app)
  const ends: (() => unknown)[] = [() => app.close()]
  try {
    await begin(narration, signal, app)
    await openJobs(io, { app, part, ends, narration })
    if (port !== null) await openDoor(io, app, { port, ends, narration })
    await untilAborted(io, app, { signal, narration })
  } finally {
    for (const end of ends.reverse()) await end()
  }
  return 0
}

/** Of several that begin together on an empty cluster one makes the topics; brokers may know them a little later. */
async function begin({ trouble }: Narration, signal: AbortSignal, { engines, clock }: App): Promise<void> {
  while (!signal.aborted) {
    try {
      return await engines.start()
    } catch (error) {
      if (failureIn(error)?.next !== 'retry') throw error
      trouble('group', error)
      await clock.sleep(againMs, signal)
    }
  }
}

type Opened = { app: App; part: Part; ends: (() => unknown)[]; narration: Narration }

async function openJobs(io: CommandIo, { app, part, ends, narration: { troubleOf } }: Opened): Promise<void> {
  if (part.jobs.includes('train')) ends.push((await openTrain(app, { onTrouble: troubleOf('train') })).close)
  if (part.jobs.includes('webhook')) ends.push((await openWebhook(app, troubleOf('webhook'))).stop)
  if (!part.jobs.includes('sink')) return
  const warehouse = await openWarehouse(io.config, {
    auto: false,
    clock: app.clock,
    sharing: app.sharing,
    onTrouble: troubleOf('warehouse'),
  })
  ends.push(() => warehouse?.close())
}

/** @throws Failure USAGE */
function metricsPort({ flags }: CommandIo): number | null {
  const asked = flags['metrics-port']
  if (asked === undefined) return null
  const port = Number(asked)
  if (asked !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new Failure('USAGE', '--metrics-port takes a port, as 9464', { field: 'metrics-port' })
}

/** @throws Failure PORT_IN_USE */
async function openDoor(
  io: CommandIo,
  { engines, log }: App,
  { port, ends, narration }: Pick<Opened, 'ends' | 'narration'> & { port: number },
): Promise<void> {
  const tasks = async () => {
    const here = engines.tasks.filter(({ tally }) => tally !== null)
    const lags = new Map<string, TaskFacts['lags']>()
    for (const task of here) lags.set(task.name, await lagsAt(task.position(), log))
    return factsOf(engines, name => lags.get(name) ?? [])
  }
  const { openWorkerDoor } = await import('../server/worker-door.ts')
  const door = await openWorkerDoor({ host: io.config.host, port, tasks })
  ends.push(door.close)
  if (io.json) io.record({ event: 'metrics', port: door.port })
  else narration.say(`metrics on port ${door.port}`)
}

/** Tells what it has, as that changes, until the end is asked for. */
async function untilAborted(
  io: CommandIo,
  { engines, sharing, clock }: App,
  { signal, narration }: { signal: AbortSignal; narration: Narration },
): Promise<void> {
  let told = ''
  for (; !signal.aborted; await clock.sleep(tellEveryMs, signal)) {
    const tasks = engines.tasks.map(({ name, state }) => ({ name, state: state === 'parked' ? 'running' : state }))
    const text = tasks.map(({ name, state }) => (state === 'running' ? name : `${name} (${state})`)).join(' ')
    if (text === told) continue
    told = text
    if (io.json) io.record({ event: 'tasks', worker: sharing?.name, tasks })
    await io.drained()
    narration.say(`${sharing?.name}: ${text === '' ? 'no tasks' : text}`)
  }
}
