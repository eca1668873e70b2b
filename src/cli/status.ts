// slipstream status: where the running Slipstream stands.

import type { Replay, Status, TaskFacts } from '../server/program.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { columnLines, count, instantText } from './columns.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { exitCode } from './exit-code.ts'

export const command: Command = {
  name: 'status',
  summary: 'where the running Slipstream stands',
  usage: 'slipstream status [--url URL] [--json]',
  flags: { url: urlFlag },
  examples: ['slipstream status', 'slipstream status --url http://127.0.0.1:9000 --json'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, command.usage, [])
    const url = baseUrl(io)
    const status = (await call(url, { path: '/v1/pipeline' })) as Status
    const { tasks } = (await call(url, { path: '/v1/pipeline/tasks' })) as { tasks: TaskFacts[] }
    print(io, status, url)
    const troubles = handOverText(tasks)
    if (troubles !== null) io.out(`  hand-overs  ${troubles}`)
    io.document({ ...status, tasks })
    return exitCode.ok
  },
}

function print(io: CommandIo, status: Status, url: URL): void {
  const { version, pipeline, ready, notReadyBecause, eventTime, replay, model, totals, balance, quality } = status
  const state = ready
    ? io.color('green', 'ready')
    : io.color('yellow', `not ready: ${notReadyBecause ?? 'no reason given'}`)
  io.out(`slipstream ${version}  ${url.origin}  ${state}`)
  io.out(`  pipeline    ${pipeline}`)
  io.out(
    `  event time  ${eventTime === null ? 'no mark yet' : instantText(eventTime)}${replay ? `  ${replayText(replay)}` : ''}`,
  )
  io.out(`  model       ${model ? `${model.version} (${model.hash.slice(0, 12)})` : 'none in force'}`)
  const { challengers, openAlerts, openRequest, unusualShare } = status.loop
  if (challengers.length > 0) io.out(`  challengers ${challengers.join(', ')}`)
  const alerts = openAlerts.map(({ kind, at }) => `${kind} since ${instantText(at)}`)
  io.out(`  alerts      ${alerts.length === 0 ? 'none open' : io.color('red', alerts.join(', '))}`)
  if (unusualShare !== null) io.out(`  drift       ${Math.round(unusualShare * 100)} % of the columns unusual`)
  if (openRequest !== null) io.out(`  training    ${openRequest} is asked for`)
  const { events, predictions, skipped, outcomes, rejected, late } = totals
  io.out(
    `  events      ${count(events)}, ${count(status.eventsPerSecond)} a second, ${count(rejected)} dead letters, ${count(late)} late`,
  )
  io.out(`  predicted   ${count(predictions)}, ${count(skipped)} skipped, ${count(outcomes)} outcomes`)
  io.out(`  balance     ${balance.even ? 'even' : io.color('red', 'NOT EVEN')}`)
  if (quality.n > 0)
    io.out(`  quality     AUC ${quality.auc?.toFixed(3) ?? '-'} over ${count(quality.n)} flights of the last 7 days`)
  const right = (title: string) => ({ title, align: 'right' }) as const
  const rows = status.stages.map(({ name, state: stageState, recordsPerSecond, lag, watermark, why }) => [
    name,
    stageState,
    count(Math.round(recordsPerSecond)),
    count(lag),
    watermark === null ? '-' : instantText(watermark),
    why ?? '',
  ])
  for (const line of columnLines(['STAGE', 'STATE', right('RECORDS/S'), right('LAG'), 'WATERMARK', 'WHY'], rows))
    io.out(line)
}

function replayText({ paused, hoursPerSecond, from, to, at, done, fastUntil }: Replay): string {
  if (done) return `replay of ${from} to ${to}, done`
  const speed = hoursPerSecond === null ? 'full speed' : `${hoursPerSecond} h/s`
  const now = fastUntil !== null && at < fastUntil ? `full speed until ${instantText(fastUntil)}` : speed
  return `replay of ${from} to ${to}, ${paused ? 'paused' : now}`
}

/** What has happened to tasks since the process began, or null when all have been here all the time and are well. */
function handOverText(tasks: readonly TaskFacts[]): string | null {
  const tallies = tasks.flatMap(({ tally }) => tally ?? [])
  const sum = (of: (tally: (typeof tallies)[number]) => number) => tallies.reduce((all, tally) => all + of(tally), 0)
  const codes = new Map<string, number>()
  for (const { aborted } of tallies) {
    for (const [code, times] of Object.entries(aborted)) codes.set(code, (codes.get(code) ?? 0) + times)
  }
  const [taken, letGo, fenced] = [sum(each => each.taken), sum(each => each.letGo), sum(each => each.fenced)]
  const here = tallies.filter(each => each.taken > 0).length
  if (taken === here && letGo + fenced + codes.size === 0) return null
  const units = [...codes].map(([code, times]) => `${count(times)} ${code}`).join(', ')
  const slowest = Math.max(0, ...tallies.map(({ restoreSeconds }) => restoreSeconds ?? 0))
  const parts = [
    `${count(taken)} taken (slowest ${slowest.toFixed(1)} s)`,
    `${count(letGo)} let go`,
    `${count(fenced)} fenced`,
  ]
  return `${parts.join(', ')}; units aborted: ${units === '' ? 'none' : units}`
}
