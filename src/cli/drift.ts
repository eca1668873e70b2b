import { group } from './command.ts'
import { driftCompare } from './drift-compare.ts'
import { driftPerformance } from './drift-performance.ts'
import { driftSilence } from './drift-silence.ts'
import { driftShow, driftStatus } from './drift-status.ts'
import { driftThresholds } from './drift-thresholds.ts'

export const command = group('drift', 'drift of the running Slipstream, and of files', [
  driftStatus,
  driftShow,
  driftThresholds,
  driftSilence,
  driftCompare,
  driftPerformance,
])
