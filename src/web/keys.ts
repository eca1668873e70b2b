// Single-key shortcuts. They can be switched off, and never take a key from a field.

import { hasShortcuts, isHelpOpen, isPaused, setPaused, setView, view } from './state.ts'

export function listenToKeys(): void {
  addEventListener('keydown', event => {
    if (event.key === 'Escape') return close(event)
    const isInField =
      event.target instanceof Element &&
      event.target.matches('input:not([type=range], [type=checkbox]), select, textarea')
    if (!hasShortcuts.value || isInField || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === '/') {
      document.getElementById('origin')?.focus()
      event.preventDefault()
    } else if (event.key === 'p' || event.key === 'P') setPaused(!isPaused.value)
    else if (event.key === '?') isHelpOpen.value = !isHelpOpen.value
  })
}

/** A dialog closes itself. */
function close(event: KeyboardEvent): void {
  if (isHelpOpen.value) return
  if (event.target instanceof HTMLInputElement) event.target.blur()
  else if (view.value.airport !== null) {
    setView({ airport: null })
    document.querySelector<SVGElement>('.dots')?.focus()
  } else if (view.value.stage !== null) setView({ stage: null })
}
