// The number of partitions that somebody asks for where topics have another: it is fixed for their life, so what is asked
// for is not done, and must not go unsaid.

import type { CommandIo } from './command.ts'

/** @returns what is to be said; null when nobody asked, or for what is there. The data folder's own file asks for nothing */
export function partitionsRefusal(io: Pick<CommandIo, 'config' | 'explained'>, there: number): string | null {
  const from = io.explained.find(({ name }) => name === 'partitions')?.from
  if ((from !== 'flag' && from !== 'environment') || io.config.partitions === there) return null
  return `has ${there} partitions, not ${io.config.partitions}: the number is fixed for a topic's life`
}
