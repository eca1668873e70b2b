// A page whose script comes when it is first shown, so that the others do not pay for it.

import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ShapeMark } from './marks.tsx'
import { Skeleton } from './panel.tsx'

export function Later({ load }: { load: () => Promise<ComponentType> }) {
  const [loaded, setLoaded] = useState<{ Part: ComponentType } | 'failed' | null>(null)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    setLoaded(null)
    load().then(
      Part => setLoaded({ Part }),
      () => setLoaded('failed'),
    )
  }, [load, attempt])
  if (loaded === null)
    return (
      <main class="later">
        <Skeleton />
      </main>
    )
  if (loaded !== 'failed') return <loaded.Part />
  return (
    <main class="later">
      <div class="lack" role="alert">
        <ShapeMark shape="bad" />
        <p>This page did not load: the server is gone, or was updated meanwhile.</p>
        <button type="button" onClick={() => setAttempt(attempt + 1)}>
          try again
        </button>
        <button type="button" onClick={() => location.reload()}>
          load everything anew
        </button>
      </div>
    </main>
  )
}
