// Runs in the thread: an engine on a connection of its own to the log. What it reports of its tasks is at most
// `reportEveryMs` old, and as new as the answer, or the word that one has parked, that it comes with.

import { parentPort, workerData } from 'node:worker_threads'
import { packError } from '../adapters/workers-threads-protocol.ts'
import { assert } from '../lib/assert.ts'
import { pipeline } from '../pipeline.ts'
import { keepCompiled } from './compile-cache.ts'
import { buildEngine } from './engine.ts'
import { type FromThread, type Request, type ThreadInput, type ToThread, taskNow } from './engine-thread-protocol.ts'
import { collectGarbage } from './heaps.ts'
import { openInThread } from './log.ts'
import { openPorts } from './ports.ts'
import { openGroup } from './sharing.ts'

const reportEveryMs = 100

const port = parentPort
assert(port !== null, 'this module runs in a thread')
const tell = (told: FromThread) => port.postMessage(told)

const { places, log: from, stages, group: membership, ...parts } = workerData as ThreadInput
const log = await openInThread(from)
const trouble = (where: string, error: unknown) => tell({ kind: 'trouble', where, error: packError(error) })
const group = membership && (await openGroup(membership, error => trouble('group', error)))
const stores = { log, ...(await openPorts(places, 'owner')) }
const { engine, models } = buildEngine({
  ...parts,
  pipeline: { ...pipeline, nodes: pipeline.nodes.filter(({ stage }) => stages.includes(stage.name)) },
  stores,
  onTrouble: trouble,
  ...(group ? { ownership: group } : {}),
})
const tasks = () => engine.tasks.map(taskNow)

const reporting = setInterval(() => tell({ kind: 'tasks', tasks: tasks() }), reportEveryMs)
engine.onIdle(() => tell({ kind: 'idle', tasks: tasks() }))

port.on('message', (message: ToThread) => {
  if (message.kind === 'wake') return engine.wakeAll()
  if (message.kind === 'collect') return collectGarbage()
  const { id, request } = message
  answer(request).then(
    value => {
      tell({ kind: 'answer', id, value, tasks: tasks() })
      if (request.kind === 'stop') port.close()
    },
    error => tell({ kind: 'refused', id, error: packError(error) }),
  )
})

async function answer(request: Request): Promise<unknown> {
  if (request.kind === 'start') {
    await engine.start()
    return keepCompiled()
  }
  if (request.kind === 'look') return engine.look()
  if (request.kind === 'lookup') return engine.lookup(request.stage, request.partition, request.key)
  clearInterval(reporting)
  models.close()
  const inTime = await engine.stop(request.deadlineMs)
  await group?.close()
  await log.close()
  return inTime
}
