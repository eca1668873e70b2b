import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JournalFile, type JournalFileOptions, type JournalLine } from '../../src/adapters/journal-file.ts'
import { JournalReader } from '../../src/adapters/journal-reader.ts'
import { temporaryFolder } from '../cli/cli.ts'

const line = (message: string): JournalLine => ({
  at: '2013-02-01T00:00:00.000Z',
  level: 'info',
  stage: null,
  task: null,
  code: null,
  message,
  pid: 1,
})
const lineBytes = JSON.stringify(line('0001')).length + 1
const everything = () => true
const messages = (lines: readonly JournalLine[]) => lines.map(({ message }) => message)

function journal(options: Partial<JournalFileOptions> = {}) {
  const folder = options.folder ?? path.join(temporaryFolder(), 'logs')
  const troubles: unknown[] = []
  const open = (more: Partial<JournalFileOptions> = {}) =>
    new JournalFile({ folder, onTrouble: error => troubles.push(error), ...options, ...more })
  return { folder, troubles, open, file: path.join(folder, 'slipstream.log') }
}

test('lines are whole JSON, in their order, and go on in the same file with the next process', async () => {
  const { file, open } = journal()
  for (const life of ['first', 'second']) {
    const one = open()
    one.append(line(`${life} begins`))
    one.append(line(`${life} ends`))
    await one.close()
  }
  const read = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(read.map(text => (JSON.parse(text) as JournalLine).message)).toEqual([
    'first begins',
    'first ends',
    'second begins',
    'second ends',
  ])
})

test('lines of one moment are one write: none is there before, all are there after', async () => {
  const { file, open } = journal({ gatherMs: 3_600_000 })
  const one = open()
  for (let n = 0; n < 100; n++) one.append(line(`${n}`))
  expect(existsSync(file)).toBe(false)
  await one.close()
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(101)
})

test('five files at most, none larger than it may be, the newest lines in the first', async () => {
  const fileBytesMax = 3 * lineBytes
  const { folder, open } = journal({ fileBytesMax })
  const one = open()
  for (let n = 1; n <= 30; n++) {
    one.append(line(String(n).padStart(4, '0')))
    await one.close()
  }
  const names = readdirSync(folder).sort()
  expect(names).toEqual([...[1, 2, 3, 4].map(n => `slipstream.${n}.log`), 'slipstream.log'])
  expect(names.every(name => statSync(path.join(folder, name)).size <= fileBytesMax)).toBe(true)
  expect(messages(new JournalReader(folder).last(4, everything))).toEqual(['0027', '0028', '0029', '0030'])
  // 5 files of 3
  expect(new JournalReader(folder).last(100, everything)).toHaveLength(15)
})

test('a line cut by a crash costs itself alone', async () => {
  const { folder, file, open } = journal()
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `${JSON.stringify(line('whole'))}\n{"at":"2013-02-01T0`)
  const one = open()
  one.append(line('of the next life'))
  await one.close()
  expect(messages(new JournalReader(folder).last(9, everything))).toEqual(['whole', 'of the next life'])
})

test('a disk that takes nothing is told once, fails nobody, and the gap is on record when it takes lines again', async () => {
  const { folder, troubles, open } = journal()
  // a file where the folder should be
  writeFileSync(folder, '')
  const one = open()
  for (const n of [1, 2, 3]) {
    one.append(line(`lost ${n}`))
    await one.close()
  }
  expect(troubles).toHaveLength(1)
  rmSync(folder)
  one.append(line('kept'))
  await one.close()
  expect(troubles).toHaveLength(1)
  expect(messages(new JournalReader(folder).last(9, everything))).toEqual([
    '3 lines are missing here: the disk did not take them',
    'kept',
  ])
})

test('what waits for the disk has an end', async () => {
  const { folder, open } = journal({ waitingCharsMax: 2 * lineBytes, gatherMs: 3_600_000 })
  const one = open()
  for (let n = 1; n <= 5; n++) one.append(line(`000${n}`))
  await one.close()
  expect(messages(new JournalReader(folder).last(9, everything))).toEqual([
    '3 lines are missing here: the disk did not take them',
    '0001',
    '0002',
  ])
})

test('the end of a process keeps what was still waiting', () => {
  const { folder, open } = journal({ gatherMs: 3_600_000 })
  const one = open()
  one.append(line('the last word'))
  one.closeNow()
  expect(messages(new JournalReader(folder).last(9, everything))).toEqual(['the last word'])
})

test('a follower gets every line once and in order, however looks, writes and rotations fall', async () => {
  const step = fc.oneof(fc.constant('look' as const), fc.integer({ min: 1, max: 2 }))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
      const folder = path.join(temporaryFolder(), 'logs')
      const one = new JournalFile({ folder, onTrouble: () => expect.unreachable(), fileBytesMax: 5 * lineBytes })
      const reader = new JournalReader(folder)
      const seen = messages(reader.last(1, everything))
      let said = 0
      // so few between two looks that no file is gone before it was read
      let unseen = 0
      for (const what of steps) {
        if (what === 'look' || unseen > 15) {
          seen.push(...messages(reader.more(everything)))
          unseen = 0
        }
        if (what === 'look') continue
        for (let n = 0; n < what; n++) one.append(line(String(++said).padStart(4, '0')))
        unseen += what
        await one.close()
      }
      seen.push(...messages(reader.more(everything)))
      expect(seen).toEqual(Array.from({ length: said }, (_, n) => String(n + 1).padStart(4, '0')))
    }),
    { numRuns: 50 },
  )
})

test('a follower of an emptied file begins again at its start, and half a line is waited for', () => {
  const { folder, file } = journal()
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `${JSON.stringify(line('a long first line'))}\n`)
  const reader = new JournalReader(folder)
  expect(messages(reader.last(9, everything))).toEqual(['a long first line'])
  writeFileSync(file, `${JSON.stringify(line('new'))}\n`)
  expect(messages(reader.more(everything))).toEqual(['new'])
  const text = `${JSON.stringify(line('later'))}\n`
  appendFileSync(file, text.slice(0, 20))
  expect(reader.more(everything)).toEqual([])
  appendFileSync(file, text.slice(20))
  expect(messages(reader.more(everything))).toEqual(['later'])
})
