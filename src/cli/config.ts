// slipstream config: what each setting is and why.

import { join } from 'node:path'
import { type Explained, environmentName, type SettingName, settings, settingsManual } from '../config.ts'
import { Failure } from '../lib/failure.ts'
import { flagOfSetting } from './arguments.ts'
import { columnLines } from './columns.ts'
import { type Command, group, namedArgs } from './command.ts'
import { didYouMean } from './suggest.ts'

const explain: Command = {
  name: 'explain',
  summary: 'every setting, its value and where the value came from',
  usage: 'slipstream config explain [NAME]',
  flags: {},
  examples: ['slipstream config explain', 'slipstream config explain partitions --partitions 4'],
  async run(io) {
    const [name] = namedArgs(io, explain.usage, ['NAME'].slice(0, io.args.length))
    const wanted = name === undefined ? io.explained : [settingNamed(io.explained, name)]
    const rows = wanted.map(({ name: setting, value, from }) => [
      setting,
      valueText(value),
      from,
      `--${flagOfSetting(setting)}`,
      environmentName(setting),
      `${settings[setting].about} (${settings[setting].unit})`,
    ])
    for (const line of columnLines(['SETTING', 'VALUE', 'FROM', 'FLAG', 'ENVIRONMENT', 'MEANING'], rows)) io.out(line)
    const described = wanted.map(each => ({
      ...each,
      unit: settings[each.name].unit,
      about: settings[each.name].about,
    }))
    io.document(name === undefined ? described : described[0])
    return 0
  },
}

const get: Command = {
  name: 'get',
  summary: 'the value of one setting',
  usage: 'slipstream config get NAME',
  flags: {},
  examples: ['slipstream config get dataDir'],
  async run(io) {
    const [name = ''] = namedArgs(io, get.usage, ['NAME'])
    const { value } = settingNamed(io.explained, name)
    io.out(valueText(value))
    io.document(value)
    return 0
  },
}

const path: Command = {
  name: 'path',
  summary: 'where the file of settings lies',
  usage: 'slipstream config path [--data-dir DIR]',
  flags: {},
  examples: ['slipstream config path'],
  async run(io) {
    namedArgs(io, path.usage, [])
    const file = join(io.config.dataDir, 'slipstream.json')
    io.out(file)
    io.document({ file })
    return 0
  },
}

const manual: Command = {
  name: 'manual',
  summary: 'the text of docs/settings.md',
  usage: 'slipstream config manual',
  flags: {},
  examples: ['slipstream config manual > docs/settings.md'],
  async run(io) {
    namedArgs(io, manual.usage, [])
    io.out(settingsManual().trimEnd())
    io.document({ manual: settingsManual() })
    return 0
  },
}

export const command = group('config', 'settings: their values and where they come from', [explain, get, path, manual])

/** By the setting's own name or its flag. */
function settingNamed(explained: readonly Explained[], name: string): Explained {
  const found = explained.find(each => each.name === name || flagOfSetting(each.name) === name)
  if (found) return found
  const names = Object.keys(settings) as SettingName[]
  throw new Failure('USAGE', `there is no setting "${name}"`, {
    field: 'NAME',
    help: didYouMean(name, names, '`slipstream config explain` lists them.'),
  })
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value)
}
