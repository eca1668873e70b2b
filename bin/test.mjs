// `npm test`: installs what is missing and runs every test under Node 24. Arguments go to vitest
// (`npm test -- --project unit`). Ends with what was skipped and why, and a last line of counts.

import fs from 'node:fs'
import path from 'node:path'
import { bootstrap, root, runMain } from './bootstrap.mjs'
import { runUnder } from './child.mjs'
import { closingLine, count } from './test-counts.mjs'
import { toolScript } from './tools.mjs'

/** @param {string} file */
function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined
}

await runMain(async () => {
  const node = await bootstrap({ dev: true })
  const results = path.join(root, '.slipstream', 'test-results.json')
  const skips = path.join(root, '.slipstream', 'skipped.txt')
  fs.mkdirSync(path.dirname(results), { recursive: true })
  for (const file of [results, skips]) fs.rmSync(file, { force: true })

  const args = [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...process.argv.slice(2),
  ]
  const exitCode = await runUnder(node, [toolScript('vitest'), ...args], { cwd: root })

  const text = readIfThere(results)
  const counts = count(text === undefined ? undefined : JSON.parse(text), exitCode)
  const reasons = new Set((readIfThere(skips) ?? '').split('\n').filter(line => line !== ''))
  if (reasons.size > 0)
    console.log(`\nSkipped, because something is missing here:\n${[...reasons].toSorted().join('\n')}`)
  else if (counts.skipped > 0) console.log('\nSkipped by the arguments of this run.')
  console.log(`\n${closingLine(counts)}`)
  process.exitCode = exitCode === 0 && counts.failed > 0 ? 1 : exitCode
})
