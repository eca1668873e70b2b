import { Failure } from '../lib/failure.ts'

/** What `unpack` throws: the problem, and the part of the file it was found in. */
export function corrupt(problem: string, field?: string): Failure {
  const help = 'Fetch the file again from where models are stored, or promote another version.'
  return new Failure('MODEL_CORRUPT', `model file: ${problem}`, field === undefined ? { help } : { field, help })
}
