// `npm run check` and `npm run fix`: the tools one after the other, ending at the first that finds something.
// `check --no-tests` leaves the unit tests out, for when they run anyway.

import { bootstrap, root, runMain } from './bootstrap.mjs'
import { runUnder } from './child.mjs'
import { sourceFolders, toolScript } from './tools.mjs'

/** @returns {Record<string, [name: string, script: string, ...args: string[]][]>} */
function chains() {
  return {
    check: [
      ['types', toolScript('typescript', 'tsc')],
      ['format', toolScript('@biomejs/biome', 'biome'), 'check'],
      ['lint', toolScript('oxlint'), ...sourceFolders()],
      ['unused', toolScript('knip')],
      ['tests', toolScript('vitest'), 'run', '--project', 'unit'],
    ],
    fix: [
      ['format', toolScript('@biomejs/biome', 'biome'), 'check', '--write'],
      ['lint', toolScript('oxlint'), '--fix', ...sourceFolders()],
    ],
  }
}

await runMain(async () => {
  const [name = '', ...flags] = process.argv.slice(2)
  const node = await bootstrap({ dev: true })
  const chain = chains()[name]
  if (!chain) {
    console.error('Usage: node bin/run.mjs check [--no-tests] | fix')
    process.exitCode = 2
    return
  }
  for (const [step, script, ...args] of chain) {
    if (step === 'tests' && flags.includes('--no-tests')) continue
    const startedAt = performance.now()
    console.error(`\n== ${step}`)
    const code = await runUnder(node, [script, ...args], { cwd: root })
    console.error(
      `== ${step}: ${code === 0 ? 'ok' : `exit code ${code}`}, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
    )
    if (code !== 0) {
      process.exitCode = code
      return
    }
  }
})
