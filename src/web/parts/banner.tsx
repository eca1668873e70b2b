// The one live region of the page: what is wrong with it, in words, and what happens next.

import { duration, wallTime } from '../format.ts'
import { frameAt, link, liveness, now, retry, status } from '../state.ts'
import { ShapeMark } from './marks.tsx'

export function Banner() {
  return (
    <div class="alerts">
      <div aria-live="polite">
        <Alert />
      </div>
      <Countdown />
    </div>
  )
}

/** Does not change while the trouble lasts, so that it is read out once. */
function Alert() {
  const state = link.value
  const current = status.value
  if (state.phase === 'down') {
    return (
      <p class="alert alert-bad">
        <ShapeMark shape="bad" />
        <span>
          <strong>Connection lost</strong> at {wallTime(state.since)}: {state.why}.{' '}
          {current && `What you see is of ${wallTime(frameAt.value)}.`}
        </span>
      </p>
    )
  }
  if (liveness.value.is === 'stale') {
    return (
      <p class="alert alert-warn">
        <ShapeMark shape="warn" />
        <span>
          <strong>Nothing new</strong> since {wallTime(frameAt.value)}; the connection is open.
        </span>
      </p>
    )
  }
  const failed = current?.stages.filter(stage => stage.state === 'failed') ?? []
  if (failed.length > 0) {
    return (
      <p class="alert alert-bad">
        <ShapeMark shape="bad" />
        <span>
          <strong>Failed:</strong> {failed.map(({ name, why }) => (why ? `${name} (${why})` : name)).join(', ')}
        </span>
      </p>
    )
  }
  if (current && !current.ready) {
    return (
      <p class="alert alert-warn">
        <ShapeMark shape="idle" />
        <span>
          <strong>Not ready yet:</strong> {current.notReadyBecause ?? 'starting'}
        </span>
      </p>
    )
  }
  return null
}

function Countdown() {
  const state = link.value
  if (state.phase !== 'down') return null
  const wait = state.retryAt - now.value
  return (
    <span class="countdown">
      {wait > 0 ? `next try in ${duration(wait)}` : 'trying'}
      <button type="button" onClick={retry}>
        try now
      </button>
    </span>
  )
}
