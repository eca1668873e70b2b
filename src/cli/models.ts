// slipstream models: versions, who is in force, and orders to the registry.

import { Failure } from '../lib/failure.ts'
import type { ModelComparison, ModelDetail, ModelInfo, Models, Ordered } from '../server/loop.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { columnLines, count, instantText } from './columns.ts'
import { type Command, type CommandIo, group, namedArgs, textFlag } from './command.ts'
import { exitCode } from './exit-code.ts'
import { reportLines } from './model-report.ts'
import { modelsExplain } from './models-explain.ts'
import { modelsExport } from './models-export.ts'
import { modelsFit } from './models-fit.ts'
import { modelsImport } from './models-import.ts'
import { modelsScore } from './models-score.ts'

const decisionsShown = 10

const ls: Command = {
  name: 'ls',
  summary: 'versions, champion and challengers, and the last decisions',
  usage: 'slipstream models ls [--url URL] [--json]',
  flags: { url: urlFlag },
  examples: ['slipstream models ls'],
  async run(io: CommandIo): Promise<number> {
    namedArgs(io, ls.usage, [])
    const models = (await call(baseUrl(io), { path: '/v1/models' })) as Models
    const rows = models.versions.map(({ version, role, card, inForce }) => [
      version,
      role === 'champion' ? io.color('green', role) : role,
      count(card.rows),
      card.trainedTo === null ? '-' : instantText(card.trainedTo),
      inForce.length === 0 ? '-' : instantText(inForce.at(-1)?.from ?? 0),
      card.why,
    ])
    const heads = ['VERSION', 'ROLE', { title: 'ROWS', align: 'right' }, 'TRAINED TO', 'IN FORCE FROM', 'WHY'] as const
    for (const line of columnLines(heads, rows)) io.out(line)
    for (const { version, correction } of models.versions) {
      if (correction) io.out(`${version} is recalibrated: ${correctionText(correction)}`)
    }
    for (const { challenger, champion, because } of models.shadowTests)
      io.out(`${challenger} against ${champion}: ${because}`)
    printDecisions(io, models.decisions)
    io.document(models)
    return exitCode.ok
  },
}

const show: Command = {
  name: 'show',
  summary: 'one version: its card and report, decisions about it, its shadow tests',
  usage: 'slipstream models show VERSION [--url URL] [--json]',
  flags: { url: urlFlag },
  examples: ['slipstream models show m-2013-02-09T03 --json'],
  async run(io: CommandIo): Promise<number> {
    const [version = ''] = namedArgs(io, show.usage, ['VERSION'])
    const detail = (await call(baseUrl(io), { path: `/v1/models/${encodeURIComponent(version)}` })) as ModelDetail
    const { model, decisions, shadowTests, request, report } = detail
    const { card, role, inForce } = model
    io.out(`${io.color('bold', model.version)}  ${role}`)
    io.out(`  artefact    ${card.artefact}`)
    io.out(`  trained on  ${count(card.rows)} rows: ${card.why}`)
    if (card.trainedFrom !== null && card.trainedTo !== null)
      io.out(`  departures  ${instantText(card.trainedFrom)} to ${instantText(card.trainedTo)}`)
    io.out(`  features    ${card.featureSet.slice(0, 12)}`)
    io.out(`  parameters  ${parametersText(card.parameters)}`)
    io.out(`  parent      ${card.parent ?? 'none'}`)
    if (!report) io.out(`  metrics     ${JSON.stringify(card.metrics)}`)
    for (const { from, to } of inForce)
      io.out(`  in force    ${instantText(from)} to ${to === null ? 'now' : instantText(to)}`)
    if (model.correction) io.out(`  corrected   ${correctionText(model.correction)}`)
    if (request) io.out(`  answers     ${request.id}: ${request.why}`)
    for (const { at, days, verdict, because } of shadowTests)
      io.out(`  ${instantText(at)}  ${days} days  ${verdict}: ${because}`)
    printDecisions(io, decisions)
    io.out('')
    if (report) for (const line of reportLines(report)) io.out(line)
    else io.out('The model came without a report on held-out rows.')
    io.document(detail)
    return exitCode.ok
  },
}

const compare: Command = {
  name: 'compare',
  summary: 'two versions side by side, and their shadow test',
  usage: 'slipstream models compare VERSION OTHER [--url URL] [--json]',
  flags: { url: urlFlag },
  examples: ['slipstream models compare seed-1a2b3c4d m-2013-02-09T03'],
  async run(io: CommandIo): Promise<number> {
    const versions = namedArgs(io, compare.usage, ['VERSION', 'OTHER'])
    const path = `/v1/models/compare?versions=${versions.map(encodeURIComponent).join(',')}`
    const comparison = (await call(baseUrl(io), { path })) as ModelComparison
    const { card, stream, shadowTests } = comparison
    const text = (value: number | null) =>
      value === null ? '-' : Number.isInteger(value) ? count(value) : value.toPrecision(5)
    const tableOf = (title: string, pairs: ModelComparison['card']) => {
      const rows = pairs.map(({ name, values: [a, b], difference }) => [name, text(a), text(b), text(difference)])
      return columnLines(
        [title, ...[...versions, 'DIFFERENCE'].map(each => ({ title: each, align: 'right' as const }))],
        rows,
      )
    }
    for (const line of tableOf('ON HELD-OUT ROWS', card)) io.out(line)
    if (stream) for (const line of tableOf(`7 DAYS TO ${instantText(stream.to)}`, stream.figures)) io.out(line)
    const last = shadowTests.at(-1)
    if (last)
      io.out(`${last.challenger} against ${last.champion} over ${last.days} days: ${last.verdict}, ${last.because}`)
    else io.out('they were never held against each other on the same flights')
    io.document(comparison)
    return exitCode.ok
  },
}

/** A command that orders the registry. */
function order(name: 'promote' | 'rollback' | 'reject', summary: string): Command {
  const command: Command = {
    name,
    summary,
    usage: `slipstream models ${name} VERSION --reason TEXT [--url URL] [--json]`,
    flags: {
      reason: { type: 'string', value: 'TEXT', about: 'why; it is kept with the decision for good' },
      url: urlFlag,
    },
    examples: [`slipstream models ${name} m-2013-02-09T03 --reason "it knows snow"`],
    async run(io: CommandIo): Promise<number> {
      const [version = ''] = namedArgs(io, command.usage, ['VERSION'])
      const reason = textFlag(io, 'reason')?.trim()
      if (!reason) {
        const help = `slipstream models ${name} ${version} --reason "why"`
        throw new Failure('USAGE', `${name} needs a reason: it is kept with the decision`, { field: 'reason', help })
      }
      const path = `/v1/models/${encodeURIComponent(version)}/${name}`
      const ordered = (await call(baseUrl(io), { path, body: { reason } })) as Ordered
      const { decision } = ordered
      if (decision === null) {
        io.out(
          `ordered (${ordered.command}); it is held until the step of the replay ends: \`slipstream models ls\` shows it then`,
        )
      } else {
        const { champion, challengers, effectiveFrom } = decision
        const others = challengers.length === 0 ? '' : `, challengers ${challengers.join(', ')}`
        io.out(`from ${instantText(effectiveFrom)} on: champion ${champion ?? 'none'}${others}`)
      }
      io.document(ordered)
      return exitCode.ok
    },
  }
  return command
}

function correctionText({ nats, from, because }: NonNullable<ModelInfo['correction']>): string {
  const signed = nats.map(each => `${each < 0 ? '' : '+'}${each.toFixed(3)}`).join(', ')
  return `log odds ${signed} at 10, 30 and 60 %, from ${instantText(from)} on: ${because}`
}

function parametersText(parameters: unknown): string {
  const entries = typeof parameters === 'object' && parameters !== null ? Object.entries(parameters) : []
  return entries.map(([name, value]) => `${name} ${String(value)}`).join(', ')
}

function printDecisions(io: CommandIo, decisions: Models['decisions']): void {
  for (const { at, verb, version, by, accepted, because } of decisions.slice(0, decisionsShown)) {
    const verdict = accepted ? '' : ` ${io.color('yellow', 'refused')}`
    io.out(`  ${instantText(at)}  ${verb} ${version} by ${by}${verdict}: ${because}`)
  }
}

export const command: Command = group('models', 'versions of the model: who is in force, and who should be', [
  ls,
  show,
  compare,
  order('promote', 'make a version the champion'),
  order('rollback', 'go back to a version that was the champion'),
  order('reject', 'take a challenger out of the shadow'),
  modelsFit,
  modelsScore,
  modelsExplain,
  modelsExport,
  modelsImport,
])
