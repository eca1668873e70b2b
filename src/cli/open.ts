// slipstream open: a page of the running Slipstream in a browser.

import { Failure } from '../lib/failure.ts'
import { baseUrl, call, urlFlag } from './api-client.ts'
import { openBrowser } from './browser.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { exitCode } from './exit-code.ts'
import { didYouMean } from './suggest.ts'

/** As the page's own address book has them. */
export const openablePages = ['live', 'drift', 'models']

export const command: Command = {
  name: 'open',
  summary: 'open a page of the running Slipstream in a browser',
  usage: 'slipstream open [PAGE] [--url URL] [--json]',
  flags: { url: urlFlag },
  examples: ['slipstream open', 'slipstream open drift', 'slipstream open drift/originWind'],
  async run(io: CommandIo): Promise<number> {
    const [page = 'live'] = namedArgs(io, command.usage, io.args.length === 0 ? [] : ['PAGE'])
    if (!openablePages.includes(page) && !page.startsWith('drift/')) {
      throw new Failure('USAGE', `there is no page "${page}"`, {
        field: 'PAGE',
        help: didYouMean(page, openablePages, `There are ${openablePages.join(', ')}, and drift/COLUMN.`),
      })
    }
    const base = baseUrl(io)
    await call(base, { path: '/health/live' })
    const { href } = new URL(page === 'live' ? '' : page, base)
    openBrowser(href)
    io.out(href)
    io.document({ url: href })
    return exitCode.ok
  },
}
