// The Drift page: how the stream compares with what the model in force was trained on, and what came of it.

import { useEffect } from 'preact/hooks'
import { driftView } from '../state.ts'
import { AlertsPanel } from './parts/alerts.tsx'
import { ColumnPanel } from './parts/column.tsx'
import { ColumnsPanel } from './parts/columns.tsx'
import { Head } from './parts/head.tsx'
import { LanesPanel } from './parts/lanes.tsx'
import { follow } from './store.ts'

export function Drift() {
  useEffect(follow, [])
  const { feature } = driftView.value
  return (
    <main class="drift">
      <Head />
      <LanesPanel />
      {feature !== null && <ColumnPanel key={feature} name={feature} />}
      <AlertsPanel />
      <ColumnsPanel />
    </main>
  )
}
