import { describe, expect, test } from 'vitest'
import { type Command, type CommandIo, group } from '../../src/cli/command.ts'
import type { CommandEntry } from '../../src/cli/command-table.ts'
import { Failure } from '../../src/lib/failure.ts'
import { cli } from './cli.ts'

function tableOf(runs: (io: CommandIo) => Promise<number>): CommandEntry[] {
  const probe: Command = {
    name: 'probe',
    summary: 'does what the test wants',
    usage: 'slipstream probe [--deep] [--count N]',
    flags: { deep: { type: 'boolean', about: 'deeper' }, count: { type: 'string', value: 'N', about: 'how many' } },
    examples: ['slipstream probe --deep'],
    run: runs,
  }
  const inner = { ...probe, name: 'inner' }
  return [
    { name: 'probe', summary: probe.summary, load: async () => ({ command: probe }) },
    {
      name: 'outer',
      summary: 'holds others',
      load: async () => ({ command: group('outer', 'holds others', [inner]) }),
    },
    { name: 'broken', summary: 'is never loaded', load: () => Promise.reject(new Error('loaded all the same')) },
  ]
}

const quiet = tableOf(async () => 0)

test('the bare command prints help and loads no command', async () => {
  const { code, out, err } = await cli([], { table: quiet })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('broken  is never loaded')
})

test.each([['--help'], ['-h']])('probe %s prints examples before flags', async flag => {
  const { code, out } = await cli(['probe', flag], { table: quiet })
  expect(code).toBe(0)
  expect(out.indexOf('slipstream probe --deep')).toBeLessThan(out.indexOf('--count N'))
})

test.each([
  [[], 'commands'],
  [['--help'], 'commands'],
  [['probe', '--help'], 'usage'],
  [['outer'], 'commands'],
])('help asked for by %j is one document with --json', async (words, field) => {
  const { code, out } = await cli([...words, '--json'], { table: quiet })
  expect(code).toBe(0)
  expect(JSON.parse(out)).toHaveProperty(field)
})

test('help explains the settings that a usage names, with its placeholders', async () => {
  const { out } = await cli(['replay', '--help'])
  expect(out).toMatch(/\n {2}--source DIR +Recorded flights/)
  expect(out).toMatch(/\n {2}--partitions N +Of a new data folder/)
  expect(out).not.toContain(process.cwd())
})

test('a group alone prints its help', async () => {
  const { code, out } = await cli(['outer'], { table: quiet })
  expect(code).toBe(0)
  expect(out).toContain('slipstream outer: holds others')
})

const wrongLines: [words: string[], message: string][] = [
  [['prboe'], 'Did you mean "probe"?'],
  [['outer', 'iner'], 'Did you mean "inner"?'],
  [['probe', '--deeep'], 'Did you mean "--deep"?'],
  [['probe', '--count'], '--count needs a value (N)'],
  [['probe', '--count', '--deep'], '--count needs a value (N)'],
  [['probe', '--deep=yes'], '--deep takes no value'],
  [['--nothing'], 'there is no flag --nothing'],
  [['probe', '--partitions', 'three'], 'partitions is "three", but takes a whole number'],
  [['probe', '--alerts-retrain', 'maybe'], 'alertsRetrain is "maybe", but takes on or off'],
]
test.each(wrongLines)('%j is a usage error that says what to do', async (words, message) => {
  const table = tableOf(async io => io.config.partitions - io.config.partitions)
  const { code, out, err } = await cli(words, { table })
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).toContain('error[USAGE]: ')
  expect(err).toContain(message)
})

test('flags reach the command wherever they stand, and the names of commands do not', async () => {
  let seen: { flags: CommandIo['flags']; args: readonly string[]; dataDir: string } | undefined
  const table = tableOf(async io => {
    seen = { flags: io.flags, args: io.args, dataDir: io.config.dataDir }
    return 0
  })
  await cli(['--data-dir', '/tmp/a', 'outer', '--count', '3', 'inner', 'x', '--deep', '--', '-y'], { table })
  expect(seen?.args).toEqual(['x', '-y'])
  expect(seen?.dataDir).toBe('/tmp/a')
  expect(seen?.flags).toMatchObject({ count: '3', deep: true })
})

describe('a failure', () => {
  const codes = [
    ['USAGE', 2],
    ['NOT_RUNNING', 3],
    ['PIPELINE_VERSION', 5],
    ['DATA_DIR_LOCKED', 5],
    ['SOURCE_UNREADABLE', 1],
  ] as const
  test.each(codes)('%s ends with exit code %i', async (code, exit) => {
    const table = tableOf(() => Promise.reject(new Failure(code, 'it did')))
    expect((await cli(['probe'], { table })).code).toBe(exit)
  })

  const failing = tableOf(io => {
    io.err('on the way')
    throw new Failure('AIRPORT_UNKNOWN', 'there is no airport ORDD', { field: 'origin', help: 'Did you mean ORD?' })
  })

  test('is told with its field and what to do', async () => {
    const { out, err } = await cli(['probe'], { table: failing })
    expect(out).toBe('')
    expect(err).toBe(
      'on the way\nerror[AIRPORT_UNKNOWN]: there is no airport ORDD\n  field: origin\n  help: Did you mean ORD?\n',
    )
  })

  test('is one JSON document on stderr with --json, and stdout stays empty', async () => {
    const { out, err } = await cli(['probe', '--json', '--quiet'], { table: failing })
    expect(out).toBe('')
    expect(JSON.parse(err)).toEqual({
      error: {
        code: 'AIRPORT_UNKNOWN',
        message: 'there is no airport ORDD',
        field: 'origin',
        help: 'Did you mean ORD?',
      },
    })
  })

  test('without a code is UNEXPECTED, with its stack and causes only when --verbose asks for them', async () => {
    const table = tableOf(() => Promise.reject(new Error('odd', { cause: new Error('deeper') })))
    const short = await cli(['probe'], { table })
    expect(short.code).toBe(1)
    expect(short.err).toContain('error[UNEXPECTED]: odd')
    expect(short.err).not.toContain('deeper')
    expect((await cli(['probe', '--verbose'], { table })).err).toContain('caused by Error: deeper')
  })
})

describe('what a command prints', () => {
  const table = tableOf(async io => {
    io.err('narration')
    io.out(io.color('red', 'for people'))
    io.document({ for: 'programs' })
    io.progress('halfway')
    return 0
  })

  test('is text for people without --json', async () => {
    expect(await cli(['probe'], { table })).toEqual({ code: 0, out: 'for people\n', err: 'narration\n' })
  })

  test('is one document with --json', async () => {
    expect(await cli(['probe', '--json'], { table })).toEqual({
      code: 0,
      out: '{"for":"programs"}\n',
      err: 'narration\n',
    })
  })

  test('has no narration with --quiet', async () => {
    expect((await cli(['probe', '--quiet'], { table, tty: true })).err).toBe('')
  })

  const red = '\x1b[31mfor people\x1b[39m\n'
  const colors: [
    what: string,
    words: string[],
    options: { tty?: boolean; env?: Record<string, string> },
    out: string,
  ][] = [
    ['on a terminal', [], { tty: true }, red],
    ['not on a terminal with NO_COLOR', [], { tty: true, env: { NO_COLOR: '1' } }, 'for people\n'],
    ['not on a terminal with --no-color', ['--no-color'], { tty: true }, 'for people\n'],
    ['in a pipe with FORCE_COLOR', [], { env: { FORCE_COLOR: '1' } }, red],
    ['not in a pipe with FORCE_COLOR=0', [], { env: { FORCE_COLOR: '0' } }, 'for people\n'],
  ]
  test.each(colors)('is coloured or not: %s', async (_what, words, options, out) => {
    expect((await cli(['probe', ...words], { table, ...options })).out).toBe(out)
  })
})
