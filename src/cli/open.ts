// slipstream open: a page of the running Slipstream in a browser.

import { baseUrl, call, urlFlag } from './api-client.ts'
import { openBrowser } from './browser.ts'
import { type Command, type CommandIo, namedArgs } from './command.ts'
import { exitCode } from './exit-code.ts'

export const command: Command = {
  name: 'open',
  summary: 'open a page of the running Slipstream in a browser',
  usage: 'slipstream open [PAGE] [--url URL] [--json]',
  flags: { url: urlFlag },
  examples: ['slipstream open', 'slipstream open drift'],
  async run(io: CommandIo): Promise<number> {
    const [page = ''] = namedArgs(io, command.usage, io.args.length === 0 ? [] : ['PAGE'])
    const base = baseUrl(io)
    await call(base, { path: '/health/live' })
    const { href } = new URL(page, base)
    openBrowser(href)
    io.out(href)
    io.document({ url: href })
    return exitCode.ok
  },
}
