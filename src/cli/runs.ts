// slipstream runs: trainings and searches: which there were and what came of them; `train` and `search` make new ones.

import { Failure } from '../lib/failure.ts'
import type { ModelDetail, SearchDetail, SearchInfo, TrainingRequest } from '../server/loop.ts'
import type { Status, TrainingAsked } from '../server/program.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { columnLines, count, instantText } from './columns.ts'
import { type Command, type CommandIo, group, namedArgs, textFlag, wholeFlag } from './command.ts'
import { exitCode } from './exit-code.ts'
import { runsSearch } from './runs-search.ts'
import { didYouMean } from './suggest.ts'
import { familyLines, trialLines } from './trial-table.ts'

const train: Command = {
  name: 'train',
  summary: 'ask the running Slipstream for a training on the outcomes so far',
  usage: 'slipstream runs train [--why TEXT] [--url URL] [--json]',
  flags: {
    why: { type: 'string', value: 'TEXT', about: 'why, as a sentence; kept with the model' },
    url: urlFlag,
  },
  examples: ['slipstream runs train', 'slipstream runs train --why "New routes since Monday." --json'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, train.usage, [])
    const why = textFlag(io, 'why')
    const body = why === undefined ? {} : { why }
    const asked = (await call(baseUrl(io), { path: '/v1/trainings', body })) as TrainingAsked
    const { id, at, effectiveFrom, cut } = asked
    const rows = cut.reduce((sum, number) => sum + number, 0)
    io.out(`training ${id} is asked for, on ${count(rows)} outcomes up to ${instantText(at)}`)
    io.out(`its model is in shadow from ${instantText(effectiveFrom)} at the earliest`)
    io.document(asked)
    return exitCode.ok
  },
}

type Trainings = { training: Status['training']; requests: TrainingRequest[] }

const keptMax = 200

const ls: Command = {
  name: 'ls',
  summary: 'trainings and searches, newest first, and what came of them',
  usage: 'slipstream runs ls [--limit N] [--url URL] [--json]',
  flags: {
    limit: { type: 'string', value: 'N', about: `so many at most, up to ${keptMax} (default 20)` },
    url: urlFlag,
  },
  examples: ['slipstream runs ls', 'slipstream runs ls --limit 200 --json'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, ls.usage, [])
    const limit = Math.min(wholeFlag(io, 'limit', 1) ?? 20, keptMax)
    const trainings = await trainingsOf(io, limit)
    const { requests, training } = trainings
    const searches = await searchesOf(io)
    const runs = [
      ...requests.map(({ id, at, by, why, answer }) => ({
        at,
        cells: [
          id,
          by,
          training?.id === id ? `${Math.round(training.progress * 100)} %` : stateOf(answer),
          answer?.verb === 'DECLINE' ? answer.because : why,
        ],
      })),
      ...searches.map(({ id, at, why, trials: { done, of }, version }) => ({
        at,
        cells: [id, 'SEARCH', version === null ? `${done} of ${of} trials` : 'model made', why],
      })),
    ]
    const rows = runs
      .sort((a, b) => b.at - a.at)
      .slice(0, limit)
      .map(({ at, cells: [id = '', ...cells] }) => [id, instantText(at), ...cells])
    if (rows.length === 0) io.out('no training has been asked for')
    else for (const line of columnLines(['RUN', 'UP TO', 'BY', 'STATE', 'WHY'], rows)) io.out(line)
    io.document({ ...trainings, searches })
    return exitCode.ok
  },
}

const show: Command = {
  name: 'show',
  summary: 'one training: who asked and why, its model; or one search with its trials',
  usage: 'slipstream runs show RUN [--url URL] [--json]',
  flags: { url: urlFlag },
  examples: ['slipstream runs show m-2013-02-09T03', 'slipstream runs show s-2013-06-03T0400'],
  async run(io: CommandIo): Promise<number> {
    const [id = ''] = namedArgs(io, show.usage, ['RUN'])
    const searches = await searchesOf(io)
    if (searches.some(each => each.id === id)) return await showSearch(io, id)
    const { requests, training } = await trainingsOf(io, keptMax)
    const request = requests.find(each => each.id === id)
    if (!request) {
      const names = [...requests, ...searches].map(each => each.id)
      const help = didYouMean(id, names, '`slipstream runs ls` lists them.')
      throw new Failure('USAGE', `no training "${id}" was asked for`, { field: 'RUN', help })
    }
    const inWork = training?.id === id ? training : null
    const isMade = request.answer?.verb === 'REGISTER' && request.answer.accepted
    const path = `/v1/models/${encodeURIComponent(id)}`
    const detail = isMade ? ((await call(baseUrl(io), { path })) as ModelDetail) : null
    printTraining(io, { request, inWork, detail })
    io.document({ request, training: inWork, model: detail?.model ?? null })
    return exitCode.ok
  },
}

type Shown = { request: TrainingRequest; inWork: Status['training']; detail: ModelDetail | null }

function printTraining(io: CommandIo, { request, inWork, detail }: Shown): void {
  const { id, at, by, why, alert, champion, answer, effectiveFrom } = request
  io.out(`${io.color('bold', id)}  ${inWork ? `in work, ${Math.round(inWork.progress * 100)} %` : stateOf(answer)}`)
  io.out(`  asked       ${instantText(at)} by ${by}: ${why}`)
  if (alert !== null) io.out(`  alert       ${alert}`)
  io.out(`  to better   ${champion ?? 'none'}`)
  // of no model there is no day
  if (answer === null || answer.accepted) io.out(`  in force    from ${instantText(effectiveFrom)} at the earliest`)
  if (inWork) io.out(`  rows        ${count(inWork.rows)} labelled`)
  if (answer) io.out(`  answer      ${answer.verb}${answer.accepted ? '' : ', no model'}: ${answer.because}`)
  if (!detail) return
  const { card, role } = detail.model
  io.out(`  model       ${role}, of ${count(card.rows)} rows; \`slipstream models show ${id}\` says more`)
}

async function showSearch(io: CommandIo, id: string): Promise<number> {
  const detail = (await call(baseUrl(io), { path: `/v1/searches/${encodeURIComponent(id)}` })) as SearchDetail
  const { search, trials } = detail
  const { done, of } = search.trials
  io.out(`${io.color('bold', id)}  ${search.version === null ? `${done} of ${of} trials` : 'model made'}`)
  io.out(`  why         ${search.why}`)
  io.out(
    `  rows        ${count(search.rows)}, up to ${instantText(search.at)}; ${search.folds} folds, ${search.sampler}`,
  )
  if (search.version === null) io.out(`  go on       slipstream runs search --resume ${id}`)
  else io.out(`  model       \`slipstream models show ${id}\` says more once it is offered`)
  for (const line of ['', ...trialLines(trials), '', ...familyLines(trials)]) io.out(line)
  io.document(detail)
  return exitCode.ok
}

async function searchesOf(io: CommandIo): Promise<SearchInfo[]> {
  return ((await call(baseUrl(io), { path: '/v1/searches' })) as { searches: SearchInfo[] }).searches
}

async function trainingsOf(io: CommandIo, limit: number): Promise<Trainings> {
  return (await call(baseUrl(io), { path: `/v1/trainings?limit=${limit}` })) as Trainings
}

function stateOf(answer: TrainingRequest['answer']): string {
  if (answer === null) return 'open'
  if (answer.verb === 'DECLINE') return 'no model'
  return answer.accepted ? 'model made' : 'refused'
}

export const command: Command = group('runs', 'trainings and searches: which there were, and ask for one', [
  ls,
  show,
  train,
  runsSearch,
])
