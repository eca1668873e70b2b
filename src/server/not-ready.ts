import { Failure } from '../lib/failure.ts'

/** @param why null: not known */
export function notReady(why: string | null): Failure {
  return new Failure('NOT_READY', why ?? 'predictions cannot be served yet', {
    help: 'Ask again in a moment; /health/ready says when.',
  })
}
