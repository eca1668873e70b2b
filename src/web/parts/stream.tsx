// Predictions, newest first, graded as their flights land.
//
// The list never moves under the reader: scrolled away from its top, or paused, it stands still; grades still appear
// in its rows, and what is new is counted.

import { Component } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Row } from '../feed.ts'
import { airportZone, instantParts, percent, shortCount, signedMinutes } from '../format.ts'
import { gradeMark, riskStep } from '../marks.ts'
import { originsOf, shownMax } from '../rows.ts'
import {
  held,
  isPaused,
  resetFilter,
  setFilter,
  setPaused,
  setScrolled,
  setView,
  status,
  stream,
  view,
} from '../state.ts'
import type { LivePrediction } from '../wire.ts'
import { StateMark } from './marks.tsx'
import { noEvents } from './no-events.ts'
import { Key, Panel, Segmented } from './panel.tsx'

export function Stream() {
  const list = useRef<HTMLUListElement>(null)
  const { rows, waiting } = stream.value
  const { time } = view.value
  const toTop = () => {
    setPaused(false)
    list.current?.scrollTo({ top: 0 })
    setScrolled(false)
  }
  const isStill = isPaused.value || waiting > 0
  return (
    <Panel id="stream" title="Predictions" lack={noEvents(status.value)} tools={<Tools />}>
      <Filters />
      <p class="row row-head" aria-hidden="true">
        <span>flight</span>
        <span>departs, {time === 'local' ? 'local' : 'UTC'}</span>
        <span>risk and verdict</span>
        <span>outcome</span>
      </p>
      <div class="list-frame">
        {isStill && (
          <button type="button" class="waiting" onClick={toTop}>
            {shortCount(waiting)} new while {isPaused.value ? 'paused' : 'you read'}
            <span>{isPaused.value ? 'resume' : 'to the newest'}</span>
          </button>
        )}
        <ul
          ref={list}
          class="rows"
          tabIndex={0}
          aria-label="Predictions"
          onScroll={event => setScrolled(event.currentTarget.scrollTop > 8)}
        >
          {rows.slice(0, shownMax).map(row => (
            <RowItem key={row.key} row={row} isLocal={time === 'local'} />
          ))}
        </ul>
        {rows.length === 0 && <Nothing />}
      </div>
    </Panel>
  )
}

function Nothing() {
  const { list } = view.value
  if (held.value.rows.length === 0) return <p class="nothing">No prediction is due yet.</p>
  return (
    <div class="nothing">
      <p>{list === 'landed' ? 'No flight of these has landed yet.' : 'No prediction passes the filter.'}</p>
      <button type="button" onClick={resetFilter}>
        show all
      </button>
    </div>
  )
}

function Tools() {
  return (
    <>
      <Segmented
        label="order"
        value={view.value.list}
        options={[
          { value: 'newest', text: 'newest' },
          { value: 'landed', text: 'just graded' },
        ]}
        onChange={list => setFilter({ list })}
      />
      <button type="button" aria-pressed={isPaused.value} onClick={() => setPaused(!isPaused.value)}>
        {isPaused.value ? 'resume list' : 'pause list'} <Key of="P" />
      </button>
    </>
  )
}

function Filters() {
  const { origin, min } = view.value
  const origins = originsOf(held.value.rows)
  // What is being typed is no code yet: the next frame must not write over it.
  const [typed, setTyped] = useState<string | null>(null)
  const onInput = (event: { currentTarget: HTMLInputElement }) => {
    setTyped(event.currentTarget.value)
    const text = event.currentTarget.value.trim().toUpperCase()
    if (text === '' || /^[A-Z0-9]{3,4}$/.test(text)) setFilter({ origin: text === '' ? null : text })
  }
  return (
    <div class="filters">
      <label>
        from
        <input
          id="origin"
          type="search"
          size={6}
          maxLength={4}
          placeholder="any"
          list="origins"
          autocomplete="off"
          spellcheck={false}
          value={typed ?? origin ?? ''}
          onInput={onInput}
          onBlur={() => setTyped(null)}
        />
        <Key of="/" />
      </label>
      <datalist id="origins">
        {origins.map(code => (
          <option key={code} value={code} />
        ))}
      </datalist>
      <label class="range">
        at least
        <input
          type="range"
          min="0"
          max="0.95"
          step="0.05"
          value={min}
          aria-valuetext={percent(min)}
          onInput={event => setFilter({ min: Number(event.currentTarget.value) })}
        />
        <output class="num">{percent(min)}</output>
      </label>
    </div>
  )
}

type RowProps = { row: Row; isLocal: boolean }

/** Drawn again only when its row has become another. */
class RowItem extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return next.row !== this.props.row || next.isLocal !== this.props.isLocal
  }

  render({ row: { prediction }, isLocal }: RowProps) {
    const { carrier, flightNumber, origin, destination, scheduledDepartureAt } = prediction
    const zone = isLocal ? airportZone(origin) : 'UTC'
    const { day, time, zone: zoneName } = instantParts(scheduledDepartureAt, zone)
    return (
      <li class="row">
        <span class="flight">
          <strong>
            {carrier} {flightNumber}
          </strong>
          <span class="route">
            <Airport code={origin} />
            <svg viewBox="0 0 12 8" role="img" aria-label="to">
              <path d="M0 4h10M7.5 1 11 4 7.5 7" />
            </svg>
            <Airport code={destination} />
          </span>
        </span>
        <span class="departs muted" title="planned departure">
          {day} <span class="num">{time}</span> <span class="zone">{zoneName}</span>
        </span>
        <Probability prediction={prediction} />
        <Fate prediction={prediction} />
      </li>
    )
  }
}

function Airport({ code }: { code: string }) {
  return (
    <button type="button" class="link" tabIndex={-1} onClick={() => setView({ airport: code })}>
      {code}
    </button>
  )
}

function Probability({ prediction }: { prediction: LivePrediction }) {
  const { probability, low, high, late, skipped } = prediction
  if (probability === null) return <span class="risk muted">not predicted: {skipped}</span>
  const range = low === null || high === null ? undefined : `interval ${percent(low)} to ${percent(high)}`
  return (
    <span class="risk" title={range}>
      <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="10" />
        <rect class={`fill risk-${riskStep(probability)}`} width={probability * 100} height="10" />
        {low !== null && high !== null && <path class="interval" d={`M${low * 100} 5H${high * 100}`} />}
      </svg>
      <span class="num percent">{percent(probability)}</span>
      <span class="said">{late ? 'late' : 'on time'}</span>
    </span>
  )
}

function Fate({ prediction }: { prediction: LivePrediction }) {
  const minutes = prediction.grade?.arrivalDelayMinutes ?? null
  return (
    <span class="fate">
      <StateMark {...gradeMark(prediction)} />
      {minutes !== null && <span class="num minutes">{signedMinutes(minutes)}</span>}
    </span>
  )
}
