#!/usr/bin/env node
// The command line: `node bin/slipstream.mjs COMMAND`. Everything it does is in src/cli; this gets there under Node 24.

import path from 'node:path'
import { bootstrap, root, runMain, useCompileCache } from './bootstrap.mjs'
import { become } from './child.mjs'
import { supervise } from './supervise.mjs'

await runMain(async () => {
  const node = await bootstrap({ dev: false })
  useCompileCache()
  const args = [path.join(root, 'src', 'cli', 'main.ts'), ...process.argv.slice(2)]
  const isSupervised = args[1] === 'up' && args.includes('--supervised')
  process.exitCode = isSupervised
    ? await supervise(node, args, { graceMs: 4500, say: line => void process.stderr.write(`${line}\n`) })
    : await become(node, args)
})
