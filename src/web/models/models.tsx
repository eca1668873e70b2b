// The Models page: which versions there are and who is in force, what one of them is and how it does on rows that it has
// not seen, two side by side, and the searches that looked for better ones.

import { useEffect } from 'preact/hooks'
import { modelsView } from '../state.ts'
import { ComparePanel } from './parts/compare.tsx'
import { ModelPanel } from './parts/model.tsx'
import { OrderDialog } from './parts/order.tsx'
import { SearchesPanel } from './parts/searches.tsx'
import { VersionsPanel } from './parts/versions.tsx'
import { follow } from './store.ts'

export function Models() {
  useEffect(follow, [])
  return (
    <main class="models">
      <VersionsPanel />
      {modelsView.value.with !== null && <ComparePanel />}
      <ModelPanel />
      <SearchesPanel />
      <OrderDialog />
    </main>
  )
}
