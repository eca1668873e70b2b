// Keeps what V8 has compiled, and the types stripped off, beside the built page: loading is the greater part of a start.
// Node writes its cache when a process ends, which one that is killed never does: `keepCompiled` writes it before that.

import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

/** For all that is imported from now on, here and in threads and children. A folder that cannot be written is no trouble. */
export function useCompileCache(): void {
  const folder = fileURLToPath(new URL('../../.slipstream/compile-cache', import.meta.url))
  enableCompileCache(folder)
  process.env['NODE_COMPILE_CACHE'] ??= folder
}

/** Call in each thread once it has loaded what it runs. */
export const keepCompiled: () => void = flushCompileCache
