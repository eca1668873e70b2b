import { expect, test } from 'vitest'
import { columnLines } from '../../src/cli/columns.ts'
import { hexDump } from '../../src/cli/hex-dump.ts'
import { didYouMean, nearest } from '../../src/cli/suggest.ts'
import { Terminal } from '../../src/cli/terminal.ts'
import { Written } from './cli.ts'

function terminalOf(tty: boolean) {
  const stdout = new Written(tty)
  const stderr = new Written(tty)
  const clock = { now: 0 }
  const terminal = new Terminal({
    stdout,
    stderr,
    env: {},
    json: false,
    quiet: false,
    verbose: false,
    noColor: false,
    now: () => clock.now,
  })
  return { terminal, stdout, stderr, clock }
}

test('progress on a terminal is one line, drawn over and gone before data', () => {
  const { terminal, stdout, stderr, clock } = terminalOf(true)
  for (const done of [1, 2, 4]) {
    clock.now += 100
    terminal.progress({ label: 'read', done, total: 4 })
  }
  expect(stderr.text.split('\n')).toHaveLength(1)
  expect(stderr.text).toContain(`read [${'#'.repeat(24)}] 100 %`)
  terminal.line('data')
  expect(stderr.text.endsWith('\r\x1b[2K')).toBe(true)
  expect(stdout.text).toBe('data\n')
})

test('progress in a log is a line at most every two seconds', () => {
  const { terminal, stderr, clock } = terminalOf(false)
  for (; clock.now < 7000; clock.now += 100) terminal.progress(`at ${clock.now}`)
  expect(stderr.text).toBe('at 2000\nat 4000\nat 6000\n')
})

test('data and narration come in the order in which they were said', async () => {
  const sink = new Written()
  const options = { env: {}, json: false, quiet: false, verbose: false, noColor: false, now: () => 0 }
  const terminal = new Terminal({ stdout: sink, stderr: sink, ...options })
  terminal.line('first')
  terminal.narrate('second')
  terminal.line('third')
  await terminal.end()
  expect(sink.text).toBe('first\nsecond\nthird\n')
})

test('waits for a slow reader', async () => {
  let drain = () => {}
  const slow = {
    write: () => false,
    once: (_event: 'drain', listener: () => void) => {
      drain = listener
    },
  }
  const options = { env: {}, json: false, quiet: false, verbose: false, noColor: false, now: () => 0 }
  const terminal = new Terminal({ stdout: slow, stderr: new Written(), ...options })
  terminal.line('much')
  let isOver = false
  const waiting = terminal.drained().then(() => {
    isOver = true
  })
  await Promise.resolve()
  expect(isOver).toBe(false)
  drain()
  await waiting
  expect(isOver).toBe(true)
})

test('columns are as wide as their widest cell, colours not counted', () => {
  const rows = [
    ['\x1b[31mab\x1b[39m', '5'],
    ['abcd', '1234'],
  ]
  expect(columnLines(['A', { title: 'N', align: 'right' }], rows)).toEqual([
    'A        N',
    '\x1b[31mab\x1b[39m       5',
    'abcd  1234',
  ])
})

const slips: [word: string, meant: string][] = [
  ['tial', 'tail'],
  ['tal', 'tail'],
  ['digests', 'digest'],
  ['desc', 'describe'],
]
test.each(slips)('%s is taken for %s', (word, meant) => {
  expect(nearest(word, ['ls', 'describe', 'tail', 'digest'])).toEqual([meant])
})

test('what is near nothing gets the other help', () => {
  expect(didYouMean('xyzzy', ['ls', 'tail'], 'Look at the list.')).toBe('Look at the list.')
})

test('bytes are dumped with their place and text', () => {
  expect(hexDump(Buffer.from('ABCDEFGHIJKLMNOPQ\n'))).toEqual([
    '  000000  41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP',
    '  000010  51 0a                                            Q.',
  ])
})
