// slipstream dead redrive: puts dead letters back where they came from, a door to flights.events.
//
//   D1  The original bytes under the original key, in the partition of the key; with the headers of the letter, how often
//       it has been tried (attempt) and which letter it was (letter). They are known from now on: their own `at` lies
//       behind the watermark, so they enter the timeline at the watermark.
//   D2  That a letter was put back commits with the record that goes back, so it goes back once, whatever happens;
//       a second time only with --again.
//   D3  Only what came in by flights.events can go back: every other topic is written by its stage alone.

import type { Stores } from '../app.ts'
import type { Airports } from '../flights/airports.ts'
import { checkEvent } from '../flights/check.ts'
import { Failure, failureIn } from '../lib/failure.ts'
import type { Append, Claim } from '../runtime/log.ts'
import { partitionOf } from '../runtime/partition.ts'
import { fillTable, State } from '../runtime/state.ts'
import { Table } from '../runtime/table.ts'
import { columnLines, count } from './columns.ts'
import { type Command, type CommandIo, wholeFlag } from './command.ts'
import { airportsIn } from './csv.ts'
import { reasonFlag } from './dead-flags.ts'
import { type Letter, lettersIn, noLetter, type Redriven, redriveChangelog, redriveTable } from './dead-letters.ts'
import { exitCode } from './exit-code.ts'
import { tryDecode, withStores } from './opened.ts'

const door = 'flights.events'
const task = 'redrive'
const unitLetters = 500

export const deadRedrive: Command = {
  name: 'redrive',
  summary: 'put dead letters back into the topic they came from',
  usage: 'slipstream dead redrive --all | --reason CODE | ID... [--dry-run] [--again] [--rate N] [--data-dir DIR]',
  flags: {
    all: { type: 'boolean', about: 'every letter that was not put back before' },
    reason: { type: 'string', value: 'CODE', about: 'those refused with this code' },
    'dry-run': { type: 'boolean', about: 'only count, and say how many would pass now' },
    again: { type: 'boolean', about: 'also those that were put back before' },
    rate: { type: 'string', value: 'N', about: 'at most so many a second' },
  },
  examples: [
    'slipstream dead redrive --all --dry-run',
    'slipstream dead redrive --reason UNKNOWN_FLIGHT',
    'slipstream dead redrive 0-15 1-3',
  ],
  run,
}

async function run(io: CommandIo): Promise<number> {
  const wanted = wantedOf(io)
  const rate = wholeFlag(io, 'rate', 1)
  const { chosen, left } = await withStores(io, 'reader', stores => choose(io, stores, wanted))
  if (io.flags['dry-run'] === true) return await dryRun(io, chosen, left)
  const sent = chosen.length === 0 ? 0 : await asOwner(io, stores => redrive(io, stores, { letters: chosen, rate }))
  io.out(`${count(sent)} put back into ${door}${leftText(left)}`)
  if (sent > 0)
    io.err(`they are read by the next \`slipstream up\` or \`slipstream replay --resume\` on ${io.config.dataDir}`)
  io.document({ sent, topic: door, ...left })
  return exitCode.ok
}

type Wanted = { readonly isWanted: (letter: Letter) => boolean; readonly ids: readonly string[] }

function wantedOf(io: CommandIo): Wanted {
  const reason = reasonFlag(io)
  const ids = io.args
  const ways = [io.flags['all'] === true, reason !== undefined, ids.length > 0].filter(Boolean).length
  if (ways !== 1) {
    const message = ways === 0 ? 'which dead letters?' : 'name letters in one way: --all, --reason or ids'
    throw new Failure('USAGE', message, { help: `usage: ${deadRedrive.usage}` })
  }
  if (ids.length > 0) return { ids, isWanted: ({ id }) => ids.includes(id) }
  return { ids, isWanted: ({ rejected }) => reason === undefined || rejected.reason === reason }
}

/** Letters that stay where they are, and why. */
type Left = { redrivenBefore: number; otherTopic: number; incomplete: number }

async function choose(
  io: CommandIo,
  stores: Stores,
  { isWanted, ids }: Wanted,
): Promise<{ chosen: Letter[]; left: Left }> {
  const chosen: Letter[] = []
  const left = { redrivenBefore: 0, otherTopic: 0, incomplete: 0 }
  const missing = new Set(ids)
  for await (const letter of lettersIn(stores)) {
    if (!isWanted(letter)) continue
    missing.delete(letter.id)
    if (letter.rejected.topic !== door) left.otherTopic++
    else if (letter.rejected.reason === 'RECORD_TOO_LARGE') left.incomplete++
    else if (letter.redriven > 0 && io.flags['again'] !== true) left.redrivenBefore++
    else chosen.push(letter)
  }
  for (const id of missing) throw noLetter(id)
  return { chosen, left }
}

function leftText({ redrivenBefore, otherTopic, incomplete }: Left): string {
  const parts: string[] = []
  if (redrivenBefore > 0) parts.push(`${count(redrivenBefore)} were put back before (--again sends them once more)`)
  if (otherTopic > 0) parts.push(`${count(otherTopic)} came from a topic that only its stage writes`)
  if (incomplete > 0) parts.push(`${count(incomplete)} were too large to be kept whole`)
  return parts.map(part => `; ${part}`).join('')
}

async function dryRun(io: CommandIo, chosen: readonly Letter[], left: Left): Promise<number> {
  const airports = await airportsIn(io.config.source)
  const counts = new Map<string, { count: number; passing: number }>()
  await withStores(io, 'reader', async stores => {
    for (const letter of chosen) {
      const { reason } = letter.rejected
      const entry = counts.get(reason) ?? { count: 0, passing: 0 }
      counts.set(reason, entry)
      entry.count++
      if (await passesNow(stores, letter, airports)) entry.passing++
    }
  })
  const reasons = [...counts].map(([reason, each]) => ({ reason, ...each })).sort((a, b) => b.count - a.count)
  const right = (title: string) => ({ title, align: 'right' }) as const
  const rows = reasons.map(each => [each.reason, count(each.count), door, count(each.passing)])
  for (const line of columnLines(['REASON', right('COUNT'), 'ORIGIN', right('PASSES ON ITS OWN')], rows)) io.out(line)
  io.out(`nothing was sent (dry run)${leftText(left)}`)
  io.document({ dryRun: true, count: chosen.length, topic: door, reasons, ...left })
  return exitCode.ok
}

/** Judged on its own: whether its flight is known by now, only the stream can say. */
async function passesNow({ codec }: Stores, { rejected }: Letter, airports: Airports): Promise<boolean> {
  const { decoded } = await tryDecode(codec, rejected.value)
  return decoded !== null && checkEvent(decoded.name, decoded.value, airports) === null
}

async function asOwner<T>(io: CommandIo, use: (stores: Stores) => Promise<T>): Promise<T> {
  try {
    return await withStores(io, 'owner', use)
  } catch (error) {
    const failure = failureIn(error)
    if (failure?.code !== 'DATA_DIR_LOCKED') throw error
    throw new Failure('DATA_DIR_LOCKED', failure.message, {
      help: 'Stop it first, then redrive, then start it again: a letter goes back byte for byte, which its API cannot take.',
      cause: error,
    })
  }
}

type Redrive = { readonly letters: readonly Letter[]; readonly rate: number | undefined }

/** @returns how many went back */
async function redrive(io: CommandIo, { log, blobs, clock }: Stores, { letters, rate }: Redrive): Promise<number> {
  await log.createTopics([{ name: redriveChangelog, partitions: 1, cleanup: 'delete' }])
  const partitions = (await log.topics()).find(({ name }) => name === door)?.partitions ?? 1
  const rows = new Table<Redriven>(redriveTable)
  // never due: a snapshot would take the rows out of the readers' sight (dead-letters.ts)
  const snapshotBytes = Number.POSITIVE_INFINITY
  const state = new State({
    log,
    blobs,
    task,
    changelog: redriveChangelog,
    partition: 0,
    layout: 1,
    migrate: {},
    snapshotBytes,
  })
  state.add(rows)
  const claim = await log.claim(task)
  fillTable(rows, (await state.takeOver(claim)).rows)
  let sent = 0
  const unit = Math.min(unitLetters, rate ?? unitLetters)
  for (let at = 0; at < letters.length; at += unit) {
    const now = letters.slice(at, at + unit).filter(({ id }) => io.flags['again'] === true || !rows.has(id))
    await commit(claim, state, { rows, letters: now, partitions })
    sent += now.length
    io.progress({ label: 'redriven', done: sent, total: letters.length })
    if (rate !== undefined && at + unit < letters.length) await clock.sleep((1000 * unit) / rate)
  }
  await claim.release()
  return sent
}

type Unit = { readonly rows: Table<Redriven>; readonly letters: readonly Letter[]; readonly partitions: number }

async function commit(claim: Claim, state: State, { rows, letters, partitions }: Unit): Promise<void> {
  const appends: Append[] = []
  for (const { id, key, headers, rejected } of letters) {
    const attempt = String(1 + (Number(headers['attempt']) || 0))
    appends.push({
      topic: door,
      partition: partitionOf(key, partitions),
      key,
      value: rejected.value,
      headers: { ...headers, attempt, letter: id },
    })
    rows.set(id, { times: (rows.get(id)?.times ?? 0) + 1 })
  }
  await claim.commit([...appends, ...state.unitRecords({})])
}
