import { Failure, isFailureCode } from '../lib/failure.ts'
import { type CommandIo, textFlag } from './command.ts'

/** The flag --reason. @throws Failure USAGE unless it is a code of docs/failures.md */
export function reasonFlag(io: CommandIo): string | undefined {
  const reason = textFlag(io, 'reason')
  if (reason === undefined || isFailureCode(reason)) return reason
  throw new Failure('USAGE', `"${reason}" is no reason`, { field: 'reason', help: 'docs/failures.md has every code.' })
}
