import { useEffect, useRef } from 'preact/hooks'
import { hasShortcuts, isHelpOpen, setShortcuts } from '../state.ts'

const keys = [
  ['/', 'filter by origin, find a column, or choose a version'],
  ['g l', 'the Live page'],
  ['g d', 'the Drift page'],
  ['g m', 'the Models page'],
  ['P', 'pause or resume the list of predictions'],
  ['?', 'this help'],
  ['Esc', 'close what is open'],
  ['Arrows', 'on the map: the nearest airport; Enter opens it'],
] as const

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null)
  const isOpen = isHelpOpen.value
  useEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])
  return (
    <dialog ref={dialog} aria-labelledby="help-title" onClose={() => (isHelpOpen.value = false)}>
      <h2 id="help-title">Keys</h2>
      <dl class="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={hasShortcuts.value}
          onChange={event => setShortcuts(event.currentTarget.checked)}
        />
        shortcuts on
      </label>
      <h2>What you see</h2>
      <p>
        A prediction is the probability that a flight arrives 15 minutes late or more, said before it leaves. Once it
        has landed its row is graded: <b>hit</b> when the verdict was right, <b>miss</b> when not. Event time is the
        time of the flights; wall time is yours.
      </p>
      <p class="muted">
        The same as data: <a href="/openapi.json">openapi.json</a>, <a href="/v1/pipeline">pipeline</a>,{' '}
        <a href="/metrics">metrics</a>. Map: US Census Bureau, by us-atlas.
      </p>
      <form method="dialog">
        <button type="submit">close</button>
      </form>
    </dialog>
  )
}
