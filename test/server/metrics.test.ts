import { expect, test } from 'vitest'
import { openDoors } from './doors.ts'

async function scrape({ server }: Pick<ReturnType<typeof openDoors>, 'server'>): Promise<string[]> {
  const answer = await server.inject('/metrics')
  expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4')
  return answer.body.split('\n')
}

test('every stage is measured in every partition', async () => {
  const doors = openDoors()
  doors.program.advance(3_600_000)
  const lines = await scrape(doors)
  for (const stage of doors.program.status().stages) {
    expect(lines).toContain(`slipstream_stage_records_per_second{stage="${stage.name}"} ${stage.recordsPerSecond}`)
    expect(lines).toContain(`slipstream_stage_state{stage="${stage.name}",state="${stage.state}"} 1`)
    for (const { partition, lag, watermark } of stage.partitions) {
      const labels = `{stage="${stage.name}",partition="${partition}"}`
      expect(lines).toContain(`slipstream_stage_lag_records${labels} ${lag}`)
      const hasWatermark = lines.includes(`slipstream_stage_watermark_seconds${labels} ${(watermark ?? 0) / 1_000}`)
      expect(hasWatermark).toBe(watermark !== null)
    }
  }
})

test('every task is measured: its lag by topic, hand-overs, aborted units, restoring', async () => {
  const doors = openDoors()
  doors.program.advance(3_600_000)
  await scrape(doors)
  // a second scrape gives the same counts
  const lines = await scrape(doors)
  const moved = 'stage="score",partition="1"'
  const [facts] = doors.program.tasks().filter(({ stage, partition }) => stage === 'score' && partition === 1)
  for (const { topic, lag } of facts?.lags ?? [])
    expect(lines).toContain(`slipstream_task_lag_records{${moved},topic="${topic}"} ${lag}`)
  expect(lines).toEqual(
    expect.arrayContaining([
      `slipstream_task_taken_total{${moved}} 2`,
      `slipstream_task_let_go_total{${moved}} 1`,
      `slipstream_task_fenced_total{${moved}} 1`,
      `slipstream_units_aborted_total{${moved},code="COMMIT_UNKNOWN"} 2`,
      `slipstream_task_restore_seconds{${moved}} 1.5`,
      'slipstream_task_fenced_total{stage="ingest",partition="0"} 0',
    ]),
  )
})

test('totals, balance and readiness are those of the status, at the second scrape too', async () => {
  const doors = openDoors()
  await scrape(doors)
  doors.program.advance(12 * 3_600_000)
  doors.program.setReady(false)
  const lines = await scrape(doors)
  const { totals, eventTime } = doors.program.status()
  expect(lines).toContain(`slipstream_records_total{kind="predictions"} ${totals.predictions}`)
  expect(lines).toContain(`slipstream_event_time_seconds ${(eventTime ?? 0) / 1_000}`)
  expect(lines).toContain('slipstream_balance_even 1')
  expect(lines).toContain('slipstream_ready 0')
  expect(lines).toContain('slipstream_live_listeners 0')
})

test('durations are counted by route, however many addresses are tried', async () => {
  const doors = openDoors()
  await doors.server.inject('/v1/topics')
  await doors.server.inject('/nothing-1')
  await doors.server.inject('/nothing-2')
  const counts = (await scrape(doors)).filter(line => line.startsWith('http_request_duration_seconds_count'))
  expect(counts).toEqual([
    'http_request_duration_seconds_count{method="GET",route="/v1/topics",status="200"} 1',
    'http_request_duration_seconds_count{method="GET",route="none",status="404"} 2',
  ])
})
