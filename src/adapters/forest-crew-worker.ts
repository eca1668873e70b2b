// Runs in a thread: sums its share of the histograms of a training until it is let go.

import type { Membership } from '../forest/crew.ts'
import { serveKernel } from '../forest/kernel.ts'

// oxlint-disable-next-line require-yield
export async function* work(membership: Membership): AsyncGenerator<never> {
  serveKernel(membership)
}
