// Every setting: unit, default, bounds, meaning. Alone in reading the environment. docs/settings.md is printed from the
// table. Precedence: flag, environment, file (slipstream.json in the data folder), default.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Setting, Settings } from './config/setting.ts'
import { storeSettings } from './config/stores.ts'
import { Failure } from './lib/failure.ts'

export const settings = {
  dataDir: { kind: 'text', unit: 'folder', default: '.slipstream/data', about: 'All state: log, models, snapshots.' },
  engine: {
    kind: 'text',
    unit: 'embedded or kafka',
    default: 'embedded',
    about: 'What the topics lie on: one file of the data folder, or the brokers of a Kafka cluster.',
  },
  kafkaBrokers: {
    kind: 'text',
    unit: 'host:port,...',
    default: '',
    about: 'Brokers to ask for the cluster; empty: those that `npm run stack` has started.',
  },
  kafkaPrefix: {
    kind: 'text',
    unit: 'text',
    default: '',
    about: 'Before every topic and transactional id, so that several pipelines can share a cluster.',
  },
  kafkaClientId: {
    kind: 'text',
    unit: 'text',
    default: 'slipstream',
    about: 'How this client is named to the brokers.',
  },
  kafkaReplicas: {
    kind: 'number',
    unit: 'replicas',
    default: 0,
    min: 0,
    max: 16,
    about: 'Of each partition of topics that are made; 0: as the cluster does by default.',
  },
  kafkaSessionSeconds: {
    kind: 'number',
    unit: 's',
    default: 6,
    min: 1,
    max: 300,
    about: 'After so long without a word a process is given up and others take over its tasks; brokers take 6 or more.',
  },
  kafkaSasl: {
    kind: 'text',
    unit: 'none, plain, scram-sha-256 or scram-sha-512',
    default: 'none',
    about: 'How the user is proven to the brokers.',
  },
  kafkaUser: { kind: 'text', unit: 'text', default: '', about: 'User at the brokers.' },
  kafkaPassword: {
    kind: 'text',
    unit: 'text',
    default: '',
    isSecret: true,
    about: 'Password at the brokers; never shown. Set it in the environment.',
  },
  kafkaTls: {
    kind: 'text',
    unit: 'on or off',
    oneOf: ['on', 'off'],
    default: 'off',
    about: 'Whether connections to the brokers are encrypted.',
  },
  kafkaCaFile: {
    kind: 'text',
    unit: 'file',
    default: '',
    about: 'PEM of who signs the brokers; empty: those of Node.',
  },
  kafkaCertFile: {
    kind: 'text',
    unit: 'file',
    default: '',
    about: 'PEM of our certificate, if the brokers ask for one.',
  },
  kafkaKeyFile: { kind: 'text', unit: 'file', default: '', about: 'PEM of the key of our certificate.' },
  ...storeSettings,
  source: {
    kind: 'text',
    unit: 'folder',
    default: 'data/nycflights13',
    about: 'Recorded flights, airports, planes and weather.',
  },
  partitions: {
    kind: 'number',
    unit: 'partitions',
    default: 2,
    min: 1,
    max: 1024,
    about: 'Of a new data folder; fixed for its life.',
  },
  threads: {
    kind: 'number',
    unit: 'threads',
    default: 2,
    min: 1,
    max: 64,
    about: 'That run stages; the partitions are dealt out to them, so more threads than partitions stay unused.',
  },
  horizons: {
    kind: 'list',
    unit: 'minutes',
    default: [120],
    min: 0,
    max: 2880,
    about: 'How long before the planned departure a flight is predicted; distinct. Part of the pipeline version.',
  },
  lateness: {
    kind: 'number',
    unit: 'minutes',
    default: 10,
    min: 0,
    max: 1440,
    about: 'How far behind a mark the watermark stays. Part of the pipeline version.',
  },
  unusualPercent: {
    kind: 'number',
    unit: '%',
    default: 25,
    min: 1,
    max: 100,
    about:
      'Columns beyond what was ordinary in the training from which a day counts as shifted. Part of the pipeline version.',
  },
  retrainDays: {
    kind: 'number',
    unit: 'days',
    default: 7,
    min: 0,
    max: 400,
    about: 'After the last request a training is asked for anyway; 0: never. Part of the pipeline version.',
  },
  alertsRetrain: {
    kind: 'text',
    unit: 'on or off',
    oneOf: ['on', 'off'],
    default: 'on',
    about:
      'Whether a training is asked for when columns have shifted or performance has fallen. Part of the pipeline version.',
  },
  port: {
    kind: 'number',
    unit: 'TCP port',
    default: 8080,
    min: 0,
    max: 65_535,
    about: 'Of the page, REST and WebSocket; 0 takes a free one.',
  },
  host: { kind: 'text', unit: 'address', default: '127.0.0.1', about: 'Where the port is opened.' },
  rateLimit: {
    kind: 'number',
    unit: 'requests a minute',
    default: 600,
    min: 1,
    max: 1_000_000,
    about: 'Of one client address.',
  },
  webhookUrl: {
    kind: 'text',
    unit: 'URL',
    default: '',
    about: 'Where alerts are posted as they open and are resolved; empty: nowhere.',
  },
  webhookSecret: {
    kind: 'text',
    unit: 'text',
    default: '',
    isSecret: true,
    about: 'Signs what is posted to webhookUrl; never shown. Set it in the environment.',
  },
  unitSteps: {
    kind: 'number',
    unit: 'steps',
    default: 6000,
    min: 1,
    max: 100_000,
    about: 'Most work in one unit of work.',
  },
  unitKilobytes: {
    kind: 'number',
    unit: 'KiB',
    default: 4096,
    min: 1,
    max: 65_536,
    about: 'Most output in one unit of work.',
  },
  fetchKilobytes: {
    kind: 'number',
    unit: 'KiB',
    default: 512,
    min: 1,
    max: 65_536,
    about: 'Most that one read of an input brings.',
  },
  bufferMegabytes: {
    kind: 'number',
    unit: 'MiB',
    default: 64,
    min: 1,
    max: 4096,
    about: 'Fetched and not yet taken, all inputs together.',
  },
  snapshotMegabytes: {
    kind: 'number',
    unit: 'MiB',
    default: 16,
    min: 1,
    max: 1024,
    about: 'Changelog written before a task takes a snapshot of its state.',
  },
  stopSeconds: {
    kind: 'number',
    unit: 's',
    default: 4,
    min: 0,
    max: 600,
    about: 'How long a graceful stop waits for the units in hand.',
  },
  logLevel: {
    kind: 'text',
    unit: 'level',
    default: 'warn',
    about: 'fatal, error, warn, info, debug or silent; on standard error.',
  },
} as const satisfies Settings

export type SettingName = keyof typeof settings

export type Config = {
  -readonly [N in SettingName]: (typeof settings)[N]['kind'] extends 'number'
    ? number
    : (typeof settings)[N]['kind'] extends 'list'
      ? readonly number[]
      : string
}

/** `value` is *** for a secret. */
export type Explained = { name: SettingName; value: unknown; from: 'flag' | 'environment' | 'file' | 'default' }

/** SLIPSTREAM_DATA_DIR for dataDir. */
export function environmentName(name: SettingName): string {
  return `SLIPSTREAM_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
}

/**
 * Puts the configuration together.
 * @param flags as text from the command line
 * @throws Failure USAGE naming the setting, what it was given and what it takes
 */
export function configure(flags: Partial<Record<SettingName, string>>): { config: Config; explained: Explained[] } {
  const explained: Explained[] = []
  const file = fileSettings(flags.dataDir ?? process.env[environmentName('dataDir')] ?? settings.dataDir.default)
  const config = Object.fromEntries(
    (Object.keys(settings) as SettingName[]).map(name => {
      const candidates = [
        ['flag', flags[name]],
        ['environment', process.env[environmentName(name)]],
        ['file', file[name]],
      ] as const
      const [from, text] = candidates.find(([, value]) => value !== undefined) ?? ['default' as const, undefined]
      const value = text === undefined ? settings[name].default : parse(name, text)
      explained.push({ name, value: isSecret(name) && value !== '' ? '***' : value, from })
      return [name, value]
    }),
  ) as Config
  return { config, explained }
}

/** The values that nobody may be shown, the longest first. */
export function secretsOf(config: Config): string[] {
  const names = (Object.keys(settings) as SettingName[]).filter(isSecret)
  return names
    .map(name => String(config[name]))
    .filter(value => value !== '')
    .sort((a, b) => b.length - a.length)
}

function isSecret(name: SettingName): boolean {
  const setting: Setting = settings[name]
  return 'isSecret' in setting
}

function parse(name: SettingName, text: string): unknown {
  const setting = settings[name]
  if (setting.kind === 'text') {
    if ('oneOf' in setting && !setting.oneOf.some(each => each === text)) {
      throw usage(name, text, setting.oneOf.join(' or '))
    }
    return text
  }
  if (setting.kind === 'number') return numberIn(name, text, setting)
  const list = text.split(',').map(part => numberIn(name, part.trim(), setting))
  if (new Set(list).size !== list.length) throw usage(name, text, 'each value once')
  return list
}

function numberIn(name: SettingName, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text)
  if (text === '' || !Number.isInteger(value) || value < min || value > max) {
    throw usage(name, text, `a whole number from ${min} to ${max}`)
  }
  return value
}

function usage(name: SettingName, text: string, takes: string): Failure {
  const { unit } = settings[name]
  return new Failure('USAGE', `${name} is "${text}", but takes ${takes}${takes === unit ? '' : ` (${unit})`}`, {
    field: name,
    help: `Set --${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} or ${environmentName(name)}.`,
  })
}

function fileSettings(folder: string): Partial<Record<SettingName, string>> {
  const path = join(folder, 'slipstream.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return {}
  }
  try {
    const found = JSON.parse(text) as Record<string, unknown>
    const unknown = Object.keys(found).find(name => !Object.hasOwn(settings, name))
    if (unknown !== undefined) throw new Failure('USAGE', `${path} sets "${unknown}", which is no setting`)
    // a list becomes text as a flag would give it
    return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, String(value as string | number)]))
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure('USAGE', `${path} is not JSON`, { cause: error, help: 'Mend or delete the file.' })
  }
}

/** The text of docs/settings.md. */
export function settingsManual(): string {
  const lines = (Object.keys(settings) as SettingName[]).map(name => {
    const setting = settings[name]
    const range = 'min' in setting ? `${setting.min} to ${setting.max}` : ''
    return `| \`${name}\` | \`${environmentName(name)}\` | ${setting.unit} | \`${String(setting.default)}\` | ${range} | ${setting.about} |`
  })
  return [
    '# Settings',
    '',
    'Printed from `src/config.ts`. Precedence: flag (`--data-dir` for `dataDir`), environment, `slipstream.json` in the',
    'data folder, default. `slipstream config explain` shows each value and where it came from.',
    '',
    '| setting | environment | unit | default | range | meaning |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n')
}
