// `npm run stack -- up|down|status`: runs scripts/stack.ts under Node 24.

import path from 'node:path'
import { bootstrap, root, runMain } from './bootstrap.mjs'
import { runUnder } from './child.mjs'

await runMain(async () => {
  const node = await bootstrap({ dev: true })
  process.exitCode = await runUnder(node, [path.join(root, 'scripts', 'stack.ts'), ...process.argv.slice(2)])
})
