// The one live region of the page: what is wrong with it, in words, and what happens next.

import { isEven } from '../balance.ts'
import { duration, wallTime } from '../format.ts'
import { awaitedMs, secondsAway, toldMs } from '../revival.ts'
import { frameAt, link, liveness, now, retry, revival, status } from '../state.ts'
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
  const isAwaited = current?.supervised === true && state.phase === 'down' && now.value - state.since < awaitedMs
  if (isAwaited) return <Killed since={state.since} />
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
  return <Revived />
}

function Killed({ since }: { since: number }) {
  return (
    <p class="alert alert-warn">
      <ShapeMark shape="warn" />
      <span>
        <strong>Killed</strong> at {wallTime(since)}; it is supervised and being started again. What you see is of{' '}
        {wallTime(frameAt.value)}.
      </span>
    </p>
  )
}

function Revived() {
  const back = revival.value
  const current = status.value
  if (back === null || current === null || now.value > back.at + toldMs) return null
  const even = isEven(current.balance.partitions)
  return (
    <p class={even ? 'alert alert-good' : 'alert alert-bad'}>
      <ShapeMark shape={even ? 'ok' : 'bad'} />
      <span>
        <strong>Killed {back.kills === 1 ? 'once' : `${back.kills} times`}</strong>, back after{' '}
        {secondsAway(back.awayMs)}; the balance sheet is {even ? 'even: nothing lost, nothing doubled' : 'NOT even'}.
      </span>
    </p>
  )
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
