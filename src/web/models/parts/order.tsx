// Orders a version into force: a dialog with both models' figures, what their shadow test says, and the reason, which is
// kept for good. The order is one like any other: the register decides, and may refuse.

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { type Got, getJson, postJson } from '../../answers.ts'
import { link } from '../../state.ts'
import type { ModelComparison, ModelInfo, Ordered } from '../../wire.ts'
import { models, ordered, ordering } from '../store.ts'
import { Pairs, PairsHead, shadowText } from './compare.tsx'

const reasonCharsMax = 500

/** For every version but the one in force. */
export function OrderButton({ of: { version, role } }: { of: ModelInfo }) {
  if (role === 'champion') return null
  const verb = role === 'former' ? 'rollback' : 'promote'
  const open = () => {
    ordered.value = ''
    ordering.value = { version, verb }
  }
  return (
    <button type="button" aria-label={titleOf({ version, verb })} onClick={open}>
      {verb === 'rollback' ? 'roll back' : 'promote'}
    </button>
  )
}

const titleOf = ({ version, verb }: { version: string; verb: 'promote' | 'rollback' }) =>
  verb === 'rollback' ? `roll back to ${version}` : `promote ${version}`

export function OrderDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const order = ordering.value
  useEffect(() => {
    if (order) dialog.current?.showModal()
    else dialog.current?.close()
  }, [order])
  return (
    <dialog ref={dialog} class="order" aria-labelledby="order-title" onClose={() => (ordering.value = null)}>
      {order && <Order key={order.version} {...order} />}
    </dialog>
  )
}

function Order({ version, verb }: { version: string; verb: 'promote' | 'rollback' }) {
  const reason = useSignal('')
  const isAsking = useSignal(false)
  const failure = useSignal<string | null>(null)
  const champion = models.value?.champion ?? null
  const give = async (event: Event) => {
    event.preventDefault()
    if (reason.value.trim() === '') return void (failure.value = 'say why: the reason is kept for good')
    isAsking.value = true
    failure.value = null
    const address = `/v1/models/${encodeURIComponent(version)}/${verb}`
    const got = await postJson<Ordered>(address, { reason: reason.value.trim() })
    isAsking.value = false
    if (!got.ok) return void (failure.value = got.what)
    ordered.value =
      got.value.decision === null
        ? `Ordered: ${titleOf({ version, verb })}. It is decided when the step of the replay ends.`
        : `${version} is in force now.`
    ordering.value = null
  }
  return (
    <form onSubmit={event => void give(event)}>
      <h2 id="order-title">{titleOf({ version, verb })}</h2>
      {champion === null ? <p>No model is in force.</p> : <Beside champion={champion} version={version} />}
      <label class="reason">
        Reason (required)
        <textarea
          required
          autofocus
          rows={3}
          maxLength={reasonCharsMax}
          value={reason.value}
          onInput={event => (reason.value = event.currentTarget.value)}
        />
      </label>
      <p role="alert" class="control-failure">
        {failure.value && `not done: ${failure.value}`}
      </p>
      <p class="order-buttons">
        <button type="submit" class="primary" disabled={isAsking.value || link.value.phase !== 'open'}>
          {titleOf({ version, verb })}
        </button>
        <button type="button" onClick={() => (ordering.value = null)}>
          cancel
        </button>
      </p>
    </form>
  )
}

/** What the server knows of both. */
function Beside({ champion, version }: { champion: string; version: string }) {
  const got = useSignal<Got<ModelComparison> | null>(null)
  useEffect(() => {
    let isShown = true
    const names = [champion, version].map(encodeURIComponent).join(',')
    void getJson<ModelComparison>(`/v1/models/compare?versions=${names}`).then(answer => {
      if (isShown) got.value = answer
    })
    return () => {
      isShown = false
    }
  }, [champion, version])
  if (got.value === null) return <p class="muted">{champion} is in force.</p>
  if (!got.value.ok) return <p>Their figures did not come: {got.value.what}.</p>
  const { versions, card, stream, shadowTests } = got.value.value
  const [first, second] = versions.map(each => each.card.featureSet)
  return (
    <>
      <p>{shadowText(shadowTests)}</p>
      <p>{first === second ? 'Both read the same features.' : 'They read different features.'}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label="Both models side by side">
        <table>
          <PairsHead names={[`${champion}, in force`, version]} />
          <Pairs title="on held-out rows, each on its own" pairs={card} />
          {stream && <Pairs title="on the stream, its last 7 days" pairs={stream.figures} />}
        </table>
      </div>
    </>
  )
}
