import { group } from './command.ts'
import { driftCompare } from './drift-compare.ts'
import { driftPerformance } from './drift-performance.ts'

export const command = group('drift', 'compare columns with a reference, and probabilities with what came', [
  driftCompare,
  driftPerformance,
])
