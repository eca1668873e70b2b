// The loop as the doors see it (src/server/loop.ts), before anything of it has been read.

import { Failure } from '../lib/failure.ts'
import type { Loop, LoopStatus } from '../server/loop.ts'

export function emptyLoop(): Loop & { status(): LoopStatus } {
  const unknown = (version: string) => new Failure('MODEL_UNKNOWN', `there is no version ${version}`)
  return {
    drift: () => null,
    history: span => {
      const performance = { to: [], rows: [], auc: [], logLoss: [], brier: [] }
      return { span, to: [], rows: [], columnsCompared: [], columnsDrifted: [], driftedShare: [], performance }
    },
    column: name => Promise.reject(new Failure('FIELD_TYPE', `there is no column ${name}`, { field: 'name' })),
    alerts: () => [],
    requests: () => [],
    models: () => ({ champion: null, challengers: [], versions: [], decisions: [], shadowTests: [] }),
    model: version => {
      throw unknown(version)
    },
    compare: ([version]) => {
      throw unknown(version)
    },
    command: ({ version }) => Promise.reject(unknown(version)),
    now: () => ({ metrics: null, alerts: [], requests: [], decisions: [], shadowTests: [] }),
    onChange: () => () => undefined,
    status: () => ({ challengers: [], openAlerts: [], openRequest: null, driftedShare: null, datasetDrift: null }),
  }
}
