// A training by hand, for a reader who has seen enough: on the outcomes so far, one at a time.

import { useSignal } from '@preact/signals'
import { postJson } from '../../answers.ts'
import { link, status } from '../../state.ts'

const why = 'Somebody asked for it on the Drift page.'

type Said = { text: string; isFailure: boolean }

export function AskTraining() {
  const isAsking = useSignal(false)
  const said = useSignal<Said | null>(null)
  const open = status.value?.loop.openRequest ?? null
  const ask = async () => {
    isAsking.value = true
    const got = await postJson<{ id: string }>('/v1/trainings', { why })
    isAsking.value = false
    said.value = got.ok
      ? { text: `${got.value.id} is asked for`, isFailure: false }
      : { text: `not asked: ${got.what}`, isFailure: true }
  }
  return (
    <>
      <span role="status" class={said.value?.isFailure ? 'control-failure' : 'muted'}>
        {said.value?.text}
      </span>
      <button
        type="button"
        disabled={open !== null || isAsking.value || link.value.phase !== 'open'}
        title="Trains on all outcomes so far; the model then runs in shadow beside the champion."
        onClick={() => void ask()}
      >
        {open === null ? 'start a training' : 'a training is open'}
      </button>
    </>
  )
}
