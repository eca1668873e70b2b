/** For what must be true if this program is right. Bad input from outside is a `Failure` instead. */
export function assert(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new Error(`assertion failed: ${claim}`)
}
