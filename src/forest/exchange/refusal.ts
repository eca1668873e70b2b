import { Failure } from '../../lib/failure.ts'

/** A file of another library that is cut, altered or not what it says: the problem, and the part it was found in. */
export function broken(problem: string, field?: string): Failure {
  const help = 'Write the model anew with the library that made it; a file that was cut or edited is not guessed at.'
  return new Failure('MODEL_CORRUPT', problem, field === undefined ? { help } : { field, help })
}

/** A sound file that asks for what is not done here. */
export function unsupported(problem: string, help: string, field?: string): Failure {
  return new Failure('MODEL_UNSUPPORTED', problem, field === undefined ? { help } : { field, help })
}
