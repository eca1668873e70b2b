// The command line as a process: started by bin/slipstream.mjs under Node 24.

import { useCompileCache } from '../app/compile-cache.ts'

// whoever read the output has had enough: `slipstream topics tail ... | head`
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

useCompileCache()
const { run } = await import('./run.ts')

process.exitCode = await run({
  argv: process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
})
