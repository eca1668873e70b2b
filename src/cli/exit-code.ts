// Exit codes: what a script branches on.

import type { FailureCode } from '../lib/failure.ts'

export const exitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  checkFailed: 4,
  refused: 5,
  interrupted: 130,
} as const

/** `refused`: to go on would harm or misread recorded data. */
const byFailure: Partial<Record<FailureCode, number>> = {
  USAGE: exitCode.usage,
  NOT_RUNNING: exitCode.notRunning,
  NOT_READY: exitCode.notRunning,
  PIPELINE_VERSION: exitCode.refused,
  DATA_DIR_LOCKED: exitCode.refused,
  TOPIC_MISMATCH: exitCode.refused,
  SCHEMA_INCOMPATIBLE: exitCode.refused,
}

export function exitCodeOf(code: FailureCode): number {
  return byFailure[code] ?? exitCode.failed
}
