// What a thread's heap holds that nobody needs any more, given back at once. V8 collects when a heap has grown by half, not
// when memory is wanted elsewhere: while the stages wait for a training, 200 MiB of theirs would lie beside its rows.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** Stops this thread for a tenth of a second or two. */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
