// `npm run bench -- NAME --json`: runs bench/NAME.ts under Node 24; without a name, says which there are.
// What benchmarks share lies in folders below bench/, so that each file there is one.

import fs from 'node:fs'
import path from 'node:path'
import { bootstrap, root, runMain } from './bootstrap.mjs'
import { runUnder } from './child.mjs'

await runMain(async () => {
  const [name, ...rest] = process.argv.slice(2)
  const folder = path.join(root, 'bench')
  const files = fs.existsSync(folder) ? fs.readdirSync(folder) : []
  const names = files.filter(file => file.endsWith('.ts')).map(file => file.slice(0, -3))
  if (!name || !names.includes(name)) {
    console.error(`Usage: npm run bench -- NAME [--json]\n\nNames: ${names.toSorted().join(', ') || 'none yet'}`)
    process.exitCode = 2
    return
  }
  const node = await bootstrap({ dev: true })
  process.exitCode = await runUnder(node, [path.join(folder, `${name}.ts`), ...rest])
})
