// slipstream dead: letters that the pipeline refused, why, and the way back.

import { columnLines, count, instantText } from './columns.ts'
import { type Command, type CommandIo, group, namedArgs, wholeFlag } from './command.ts'
import { reasonFlag } from './dead-flags.ts'
import { deadTopic, type Letter, letterOf, lettersIn } from './dead-letters.ts'
import { deadRedrive } from './dead-redrive.ts'
import { exitCode } from './exit-code.ts'
import { hexDump } from './hex-dump.ts'
import { plain, tryDecode, withStores } from './opened.ts'

const lsMost = 50

const ls: Command = {
  name: 'ls',
  summary: 'dead letters by reason, and the last of them',
  usage: 'slipstream dead ls [--reason CODE] [--limit N] [--data-dir DIR]',
  flags: {
    reason: { type: 'string', value: 'CODE', about: 'only those refused with this code' },
    limit: { type: 'string', value: 'N', about: `list at most so many, the last ones (default ${lsMost})` },
  },
  examples: ['slipstream dead ls', 'slipstream dead ls --reason UNKNOWN_FLIGHT --json'],
  run: io =>
    withStores(io, 'reader', async stores => {
      namedArgs(io, ls.usage, [])
      const limit = wholeFlag(io, 'limit') ?? lsMost
      const reason = reasonFlag(io)
      const reasons = new Map<string, number>()
      const last: Letter[] = []
      for await (const letter of lettersIn(stores)) {
        const { reason: code } = letter.rejected
        if (reason !== undefined && code !== reason) continue
        reasons.set(code, (reasons.get(code) ?? 0) + 1)
        last.push(letter)
        if (last.length > limit) last.shift()
      }
      printLetters(io, reasons, last)
      const total = [...reasons.values()].reduce((sum, each) => sum + each, 0)
      io.document({ total, byReason: Object.fromEntries(reasons), letters: last.map(told) })
      return exitCode.ok
    }),
}

function printLetters(io: CommandIo, reasons: ReadonlyMap<string, number>, last: readonly Letter[]): void {
  if (reasons.size === 0) return io.out(`no dead letters`)
  const byCount = [...reasons].sort((a, b) => b[1] - a[1]).map(([code, times]) => [code, count(times)])
  for (const line of columnLines(['REASON', { title: 'COUNT', align: 'right' }], byCount)) io.out(line)
  io.out('')
  const rows = last.map(({ id, key, redriven, rejected: { reason, field, at, message } }) => [
    id,
    reason,
    field ?? '-',
    instantText(at),
    key,
    redriven > 0 ? `${message} (put back)` : message,
  ])
  for (const line of columnLines(['ID', 'REASON', 'FIELD', 'REFUSED AT', 'KEY', 'MESSAGE'], rows)) io.out(line)
}

function told({ id, key, headers, redriven, rejected }: Letter): object {
  const { topic, reason, field, message, at, value } = rejected
  return { id, key, topic, reason, field, message, at, bytes: value.length, headers, redriven }
}

const show: Command = {
  name: 'show',
  summary: 'one dead letter: why it was refused and what it holds',
  usage: 'slipstream dead show ID [--data-dir DIR]',
  flags: {},
  examples: ['slipstream dead show 0-15'],
  run: io =>
    withStores(io, 'reader', async stores => {
      const [id = ''] = namedArgs(io, show.usage, ['ID'])
      const letter = await letterOf(stores, id)
      const { rejected, headers, key, redriven } = letter
      const { decoded, problem } = await tryDecode(stores.codec, rejected.value)
      const { reason, field, message, at, topic, value } = rejected
      io.out(`${io.color('bold', `${deadTopic} ${id}`)}  ${io.color('red', reason)}: ${message}`)
      if (field !== null)
        io.out(`  field    ${io.color('yellow', field)}${decoded ? ` = ${fieldText(decoded.value, field)}` : ''}`)
      io.out(`  came     ${headers['origin'] ?? `from ${topic}`}, key ${key}`)
      io.out(`  refused  ${instantText(at)} of event time`)
      if (redriven > 0) io.out(`  put back ${redriven === 1 ? 'once' : `${redriven} times`}`)
      for (const [name, text] of Object.entries(headers)) if (name !== 'origin') io.out(`  header   ${name}: ${text}`)
      if (decoded) for (const line of valueLines(decoded.name, decoded.value)) io.out(line)
      else for (const line of [`  bytes    ${value.length}, ${problem.message}`, ...hexDump(value)]) io.out(line)
      const content = decoded
        ? { name: decoded.name, value: plain(decoded.value) }
        : { name: null, value: null, problem: problem.message }
      io.document({ ...told(letter), content, body: Buffer.from(value).toString('base64') })
      return exitCode.ok
    }),
}

function valueLines(name: string, value: unknown): string[] {
  return [
    `  ${name}`,
    ...JSON.stringify(plain(value), null, 2)
      .split('\n')
      .map(line => `  ${line}`),
  ]
}

function fieldText(value: unknown, field: string): string {
  return JSON.stringify(plain((value as Record<string, unknown>)[field])) ?? 'nothing'
}

export const command = group('dead', 'look at dead letters and put them back', [ls, show, deadRedrive])
