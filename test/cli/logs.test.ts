import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JournalLine } from '../../src/app/journal.ts'
import { cli, documentOf, temporaryFolder } from './cli.ts'

const at = '2013-02-01T10:00:00.000Z'
const told: readonly JournalLine[] = [
  { at, level: 'info', stage: null, task: null, code: null, message: 'up begins', pid: 7 },
  {
    at,
    level: 'warn',
    stage: 'score',
    task: 'score-1',
    code: 'LOG_UNREACHABLE',
    message: 'no\n\u001b[2Jbroker',
    pid: 7,
  },
  { at, level: 'error', stage: 'score', task: 'score-0', code: null, message: 'it broke', pid: 7 },
  { at, level: 'info', stage: null, task: null, code: null, message: 'up ends', pid: 7 },
]

function folderWith(lines: readonly object[]): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'logs'))
  writeFileSync(join(folder, 'logs', 'slipstream.log'), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  return folder
}

const logs = (folder: string, ...words: string[]) => cli(['logs', ...words, '--data-dir', folder])
const linesOf = async (folder: string, ...words: string[]) =>
  documentOf<{ lines: JournalLine[] }>(await logs(folder, ...words, '--json')).lines

test('a line for people says when, how bad, where and what, and moves no cursor', async () => {
  const { code, out } = await logs(folderWith(told))
  expect(code).toBe(0)
  expect(out.split('\n').slice(0, 2)).toEqual([
    `${at}  info               up begins`,
    `${at}  warn   score-1     LOG_UNREACHABLE: no [2Jbroker`,
  ])
})

test('--json is one document with the lines as they were kept', async () => {
  expect(await linesOf(folderWith(told))).toEqual(told)
})

test('a stage has the lines of its tasks, a task its own', async () => {
  const folder = folderWith(told)
  expect(await linesOf(folder, 'score')).toEqual([told[1], told[2]])
  expect(await linesOf(folder, 'score-1')).toEqual([told[1]])
})

test('--limit counts the lines that are asked for, from the end', async () => {
  const folder = folderWith(told)
  expect(await linesOf(folder, '--limit', '1')).toEqual([told[3]])
  expect(await linesOf(folder, 'score', '--limit', '1')).toEqual([told[2]])
  expect(await linesOf(folderWith(Array.from({ length: 150 }, () => told[0] as object)))).toHaveLength(100)
})

test('an empty folder says what to do, and its document is empty', async () => {
  const folder = temporaryFolder()
  const { code, out } = await logs(folder)
  expect(code).toBe(0)
  expect(out).toContain('slipstream up')
  expect(await linesOf(folder)).toEqual([])
  expect((await logs(folderWith(told), 'judge')).out).toContain('no line of judge')
})

test('a stage that there is not is a usage error with a guess', async () => {
  const { code, err } = await logs(folderWith(told), 'scroe')
  expect(code).toBe(2)
  expect(err).toContain('Did you mean "score"?')
})
