// Supervision: what a program started by bin/supervise.mjs knows of that, and says to it over the channel between them.

export type Supervision = {
  /** Which of its lives this is: 1 is the first, each kill or crash begins another. */
  readonly lives: number
  /** A crash from now on is one, and no refusal to start. */
  listening(): void
  /** Dies as by kill -9, without tidying up; the supervisor knows that this was ordered. */
  kill(): void
}

/** null: nobody would start it again. */
export function supervision(): Supervision | null {
  const { SLIPSTREAM_SUPERVISED: isSupervised, SLIPSTREAM_LIVES: lives } = process.env
  // the environment is inherited by children too, the channel is not
  if (isSupervised !== '1' || !process.send) return null
  return {
    lives: Number(lives),
    listening: () => void process.send?.('listening'),
    kill: () => void process.send?.('kill', () => process.kill(process.pid, 'SIGKILL')),
  }
}
