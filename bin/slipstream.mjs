#!/usr/bin/env node
// The command line: `node bin/slipstream.mjs COMMAND`. Everything it does is in src/cli; this gets there under Node 24.

import path from 'node:path'
import { bootstrap, root, runMain, useCompileCache } from './bootstrap.mjs'
import { become } from './child.mjs'

await runMain(async () => {
  const node = await bootstrap({ dev: false })
  useCompileCache()
  process.exitCode = await become(node, [path.join(root, 'src', 'cli', 'main.ts'), ...process.argv.slice(2)])
})
