import { Failure } from '../lib/failure.ts'

/** An error in one line, with its code if it has one. */
export function said(error: unknown): string {
  if (error instanceof Failure) return `${error.code}: ${error.message}`
  return String(error instanceof Error ? error.message : error)
}
