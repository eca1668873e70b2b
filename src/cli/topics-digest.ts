// slipstream topics digest: what topics hold, in 32 bytes each (src/runtime/digest.ts says of what).

import { topicDigest } from '../runtime/digest.ts'
import type { Command } from './command.ts'
import { topicNamed, withStores } from './opened.ts'

export const topicsDigest: Command = {
  name: 'digest',
  summary: 'SHA-256 of what topics hold, the same on every engine',
  usage: 'slipstream topics digest [TOPIC...] [--data-dir DIR]',
  flags: {},
  examples: ['slipstream topics digest', 'slipstream topics digest flights.predictions flights.outcomes --json'],
  run: io =>
    withStores(io, 'reader', async stores => {
      const all = (await stores.log.topics()).map(({ name }) => name).filter(name => !name.endsWith('.changelog'))
      const names = io.args.length === 0 ? all : io.args
      for (const name of names) await topicNamed(stores, name)
      const digests: Record<string, string> = {}
      for (const [index, name] of names.entries()) {
        if (names.length > 1) io.progress({ label: name, done: index, total: names.length })
        const digest = await topicDigest(stores, name)
        digests[name] = digest
        io.out(`${digest}  ${name}`)
      }
      io.document(digests)
      return 0
    }),
}
