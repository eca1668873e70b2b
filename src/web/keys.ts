// Keyboard shortcuts: one key, or `g` and then the page's. They can be switched off, and never take a key from a field.

import { pages } from './address.ts'
import {
  driftView,
  goTo,
  hasShortcuts,
  isHelpOpen,
  isPaused,
  modelsView,
  page,
  setDriftView,
  setModelsView,
  setPaused,
  setView,
  view,
} from './state.ts'

/** After `g` the next key names a page, for this long. */
const goWithinMs = 1_500

export function listenToKeys(): void {
  let goUntil = 0
  addEventListener('keydown', event => {
    if (event.key === 'Escape') return close(event)
    const isInField =
      event.target instanceof Element &&
      event.target.matches('input:not([type=range], [type=checkbox]), select, textarea')
    if (!hasShortcuts.value || isInField || event.ctrlKey || event.metaKey || event.altKey) return
    const to = event.timeStamp < goUntil ? pages.find(({ key }) => key === event.key.toLowerCase()) : undefined
    goUntil = event.key === 'g' ? event.timeStamp + goWithinMs : 0
    if (to) goTo(to.name)
    else if (event.key === '/') {
      const fields = { live: 'origin', drift: 'find', models: 'compare-with' }
      document.getElementById(fields[page.value])?.focus()
      event.preventDefault()
    } else if (event.key === 'p' || event.key === 'P') setPaused(!isPaused.value)
    else if (event.key === '?') isHelpOpen.value = !isHelpOpen.value
  })
}

/** A dialog closes itself. */
function close(event: KeyboardEvent): void {
  if (document.querySelector('dialog[open]')) return
  if (event.target instanceof HTMLInputElement) event.target.blur()
  else if (page.value === 'drift') {
    if (driftView.value.feature !== null) setDriftView({ feature: null })
  } else if (page.value === 'models') {
    if (modelsView.value.with !== null) setModelsView({ with: null })
    else if (modelsView.value.search !== null) setModelsView({ search: null })
  } else if (view.value.airport !== null) {
    setView({ airport: null })
    document.querySelector<SVGElement>('.dots')?.focus()
  } else if (view.value.stage !== null) setView({ stage: null })
}
