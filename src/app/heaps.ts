// How much memory the heaps of the program's threads hold that nobody needs any more. V8 collects when a heap has grown to
// a multiple of what it held, not when memory is wanted elsewhere: while the stages wait for a training, 200 MiB of theirs
// would lie beside its rows. So they are collected before it, and grow by half at most until it is over; always so, it
// would cost a tenth of the processor.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

let collect: Collect | undefined

/** Stops this thread for some tenths of a second. What is left is moved together, so that the pages between go back. */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
  }
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** All heaps of the process from their next collection on. `slowly`: by half between collections; `freely`: as V8 sees fit. */
export function growHeaps(how: 'slowly' | 'freely'): void {
  setFlagsFromString(`--heap-growing-percent=${how === 'slowly' ? 50 : 0}`)
}
