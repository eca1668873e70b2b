import { expect, onTestFinished, test } from 'vitest'
import { emptyTally } from '../../src/runtime/tally.ts'
import { openWorkerDoor } from '../../src/server/worker-door.ts'

const tasks = async () => [
  { stage: 'score', partition: 1, lags: [{ topic: 'flights.timeline', lag: 7 }], tally: { ...emptyTally, taken: 1 } },
]

async function door(of = tasks) {
  const opened = await openWorkerDoor({ host: '127.0.0.1', port: 0, tasks: of })
  onTestFinished(() => opened.close())
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${opened.port}${path}`)
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
  }
  return { ...opened, get }
}

test('a worker tells of its tasks and of its process', async () => {
  const { get } = await door()
  const { status, type, text } = await get('/metrics')
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect(text).toContain('slipstream_task_lag_records{stage="score",partition="1",topic="flights.timeline"} 7\n')
  expect(text).toContain('slipstream_task_taken_total{stage="score",partition="1"} 1\n')
  expect(text).toContain('process_resident_memory_bytes ')
})

test('it has a sign of life, also while the log is away, and nothing else', async () => {
  const { get } = await door(() => Promise.reject(new Error('no broker answers')))
  expect(await get('/health/live')).toMatchObject({ status: 200, text: '{"live":true}' })
  expect(await get('/metrics')).toMatchObject({ status: 503, text: 'no broker answers\n' })
  expect(await get('/v1/pipeline')).toMatchObject({ status: 404 })
})

test('a port that is taken is refused', async () => {
  const { port } = await door()
  const second = openWorkerDoor({ host: '127.0.0.1', port, tasks })
  await expect(second).rejects.toMatchObject({ code: 'PORT_IN_USE' })
})
