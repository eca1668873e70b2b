// kill -9 at the press of a button, to see that nothing is lost. Two presses: the first one only asks.

import { useSignal } from '@preact/signals'
import { kill, link, status } from '../state.ts'

const askedForMs = 4_000

export function KillMe() {
  const isAsking = useSignal(false)
  if (status.value?.supervised !== true) return null
  const press = () => {
    if (!isAsking.value) {
      isAsking.value = true
      setTimeout(() => {
        isAsking.value = false
      }, askedForMs)
      return
    }
    isAsking.value = false
    void kill()
  }
  return (
    <button
      type="button"
      class="kill-me"
      disabled={link.value.phase !== 'open'}
      title="Kills the pipeline's process as `kill -9` does. It is started again and goes on from what it had committed."
      onClick={press}
    >
      {isAsking.value ? 'kill -9: press again' : 'kill me'}
    </button>
  )
}
