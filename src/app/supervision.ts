// Supervision: what a program started by bin/supervise.mjs knows of that, and says to it over the channel between them.

import type { PaceStanding } from '../jobs/pace.ts'

export type Supervision = {
  /** Which of its lives this is: 1 is the first, each kill or crash begins another. */
  readonly lives: number
  /** How the replay of the life before was paced, if somebody had changed that. */
  readonly pace: PaceStanding | null
  /** Tells it for the next life. Written before it returns, so that no kill comes between. */
  paced(standing: PaceStanding): void
  /** A crash from now on is one, and no refusal to start. */
  listening(): void
  /** Dies as by kill -9, without tidying up; the supervisor knows that this was ordered. */
  kill(): void
}

/** null: nobody would start it again. */
export function supervision(): Supervision | null {
  const { SLIPSTREAM_SUPERVISED: isSupervised, SLIPSTREAM_LIVES: lives, SLIPSTREAM_PACE: pace } = process.env
  // the environment is inherited by children too, the channel is not
  if (isSupervised !== '1' || !process.send) return null
  return {
    lives: Number(lives),
    pace: pace ? (JSON.parse(pace) as PaceStanding) : null,
    paced: standing => void process.send?.(`pace ${JSON.stringify(standing)}`),
    listening: () => void process.send?.('listening'),
    kill: () => void process.send?.('kill', () => process.kill(process.pid, 'SIGKILL')),
  }
}
