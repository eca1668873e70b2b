// slipstream runs search: trials of several algorithms on the stream's own rows, the best of which becomes a challenger.

import { type FamilyName, familyNames } from '../forest/search/family-names.ts'
import type { Trial } from '../forest/search/search.ts'
import type { SearchWish, StoredSearch } from '../forest/search/stored.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import type { Ordered } from '../server/loop.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { count, instantText } from './columns.ts'
import { type Command, type CommandIo, namedArgs, textFlag, wholeFlag } from './command.ts'
import { exitCode } from './exit-code.ts'
import { withStores } from './opened.ts'
import { familyLines, pointText, trialLines } from './trial-table.ts'

const usage = 'slipstream runs search [--trials N] [--families a,b] [--sampler tpe|random] [--resume SEARCH] [--json]'

export const runsSearch: Command = {
  name: 'search',
  summary: 'try algorithms and parameters on the outcomes so far; the best becomes a challenger',
  usage,
  flags: {
    trials: { type: 'string', value: 'N', about: 'so many, dealt out to the algorithms in turn (default 40)' },
    families: { type: 'string', value: 'LIST', about: `of ${familyNames.join(', ')} (default: all)` },
    sampler: { type: 'string', value: 'NAME', about: 'tpe or random (default tpe)' },
    seed: { type: 'string', value: 'N', about: 'the same seed, rows and plan give the same trials (default 1)' },
    rows: { type: 'string', value: 'N', about: 'that all trials share, sampled from the outcomes (default 20000)' },
    'train-rows': { type: 'string', value: 'N', about: 'that the best is trained on, at most (default 120000)' },
    'window-days': { type: 'string', value: 'N', about: 'departures of the last so many days (default 400)' },
    folds: { type: 'string', value: 'N', about: 'time-ordered, each with more rows to train on (default 4)' },
    'gap-hours': { type: 'string', value: 'N', about: 'between the rows that train and those that grade (default 36)' },
    why: { type: 'string', value: 'TEXT', about: 'why, as a sentence; kept with the model' },
    resume: {
      type: 'string',
      value: 'SEARCH',
      about: 'go on with a search that was ended; no finished trial is repeated',
    },
    'no-offer': { type: 'boolean', about: 'do not make the best a challenger' },
    url: urlFlag,
  },
  examples: [
    'slipstream runs search --trials 40',
    'slipstream runs search --families boosting,logistic --trials 20 --json',
    'slipstream runs search --resume s-2013-06-03T0400',
  ],
  run,
}

async function run(io: CommandIo): Promise<number> {
  namedArgs(io, usage, [])
  const asked = resumed(io) ?? wishOf(io)
  const signal = io.interruption()
  let id = ''
  const found = await withStores(io, 'reader', async stores => {
    const { searchIn } = await import('../app/search.ts')
    let trials = 0
    return await searchIn(stores, asked, {
      config: io.config,
      signal,
      onPlan: ({ plan, trials: done }) => {
        id = plan.id
        trials = plan.trials
        const rows = `${count(plan.rows)} rows up to ${instantText(plan.at)}`
        io.err(`search ${id}: ${trials} trials on ${rows}${done.length > 0 ? `, ${done.length} are done` : ''}`)
      },
      onTrial: trial => io.err(trialText(trial, trials)),
      onProgress: ({ trial, fold, share }) => {
        const label = trial === 0 ? 'training the best' : `trial ${trial} of ${trials}, fold ${fold}`
        io.progress({ label, done: share, total: 1 })
      },
    })
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error
    io.err(`ended; go on with \`slipstream runs search --resume ${id}\``)
    return null
  })
  if (!found) return exitCode.interrupted
  const offered = io.flags['no-offer'] === true ? null : await offer(io, found)
  print(io, found)
  if (offered !== null) io.out(offered)
  io.document({ ...found, offered: offered !== null })
  return exitCode.ok
}

/** Of a search that has begun the plan stands: what is asked for beside it would not be done. @throws Failure USAGE */
function resumed(io: CommandIo): string | undefined {
  const id = textFlag(io, 'resume')
  const ofPlan = Object.keys(runsSearch.flags).filter(name => !['resume', 'no-offer', 'url'].includes(name))
  const other = id === undefined ? undefined : ofPlan.find(name => io.flags[name] !== undefined)
  if (other === undefined) return id
  const help = `Leave --${other} out, or begin another search without --resume.`
  throw new Failure('USAGE', `--${other} was settled when ${id} began`, { field: other, help })
}

function wishOf(io: CommandIo): SearchWish {
  const sampler = textFlag(io, 'sampler') ?? 'tpe'
  if (sampler !== 'tpe' && sampler !== 'random')
    throw new Failure('USAGE', `--sampler is "${sampler}"; it takes tpe or random`, { field: 'sampler' })
  const families = familiesOf(textFlag(io, 'families'))
  const trials = wholeFlag(io, 'trials', 1) ?? 40
  return {
    seed: wholeFlag(io, 'seed') ?? 1,
    trials,
    sampler,
    families,
    folds: wholeFlag(io, 'folds', 1) ?? 4,
    gapHours: wholeFlag(io, 'gap-hours') ?? 36,
    why: textFlag(io, 'why') ?? `The best of ${trials} trials of ${families.join(', ')}.`,
    rowsMax: wholeFlag(io, 'rows', 1) ?? 20_000,
    trainRowsMax: wholeFlag(io, 'train-rows', 1) ?? 120_000,
    windowDays: wholeFlag(io, 'window-days', 1) ?? 400,
    settledHours: 36,
    heldOutShare: 0.2,
  }
}

function familiesOf(text: string | undefined): FamilyName[] {
  if (text === undefined) return [...familyNames]
  const named = [...new Set(text.split(',').map(name => name.trim()))]
  const unknown = named.find(name => !(familyNames as readonly string[]).includes(name))
  if (unknown === undefined) return named as FamilyName[]
  const help = `It knows ${familyNames.join(', ')}.`
  throw new Failure('USAGE', `--families names "${unknown}"`, { field: 'families', help })
}

function trialText({ number, family, point, state, folds, loss, auc, seconds }: Trial, of: number): string {
  const figures = `log loss ${loss.toFixed(4)}, AUC ${auc?.toFixed(4) ?? '-'}`
  const stopped = state === 'stopped' ? `, stopped after fold ${folds.length}` : ''
  return `trial ${number} of ${of}  ${family}  ${figures}${stopped}, ${seconds.toFixed(1)} s  ${pointText(point)}`
}

/** @returns what came of it, as a sentence. */
async function offer(io: CommandIo, found: StoredSearch): Promise<string> {
  const { id } = found.plan
  try {
    const { offerIn } = await import('../app/search.ts')
    await withStores(io, 'owner', stores => offerIn(stores, found))
    return `${id} is offered to the registry, which decides when Slipstream next runs on ${io.config.dataDir}`
  } catch (error) {
    if (failureIn(error)?.code !== 'DATA_DIR_LOCKED') throw error
  }
  // somebody runs on the folder: the registry is his
  const path = `/v1/searches/${encodeURIComponent(id)}/offer`
  const { decision } = (await call(baseUrl(io), { path, body: {} })) as Ordered
  if (decision === null) return `${id} is offered; the registry decides when the step of the replay ends`
  return `${id} is a challenger from ${instantText(decision.effectiveFrom)} on`
}

function print(io: CommandIo, { plan, trials, result }: StoredSearch): void {
  for (const line of trialLines(trials)) io.out(line)
  io.out('')
  for (const line of familyLines(trials)) io.out(line)
  io.out('')
  if (!result) return
  const { heldOut, interval95 } = JSON.parse(result.card.metrics) as {
    heldOut: Record<string, number | null>
    interval95: Record<string, readonly [number, number] | null>
  }
  const figures = Object.entries(interval95).map(([name, ends]) => {
    const value = `${name} ${heldOut[name]?.toFixed(4) ?? '-'}`
    // a day or two give none
    return ends === null ? value : `${value} (${ends.map(end => end.toFixed(4)).join(' to ')})`
  })
  io.out(
    `${plan.id}: trial ${result.trial}, trained on ${count(result.card.rows)} rows, ${result.card.hash.slice(0, 12)}`,
  )
  io.out(`  on ${count(heldOut['n'] ?? 0)} rows held out, with 95 % intervals by day: ${figures.join(', ')}`)
}
