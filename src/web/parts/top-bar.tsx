import { count, instantParts, wallTime } from '../format.ts'
import type { Mark } from '../marks.ts'
import {
  alertsOpen,
  frameAt,
  held,
  isHelpOpen,
  liveness,
  now,
  setTheme,
  setView,
  status,
  theme,
  view,
  zone,
} from '../state.ts'
import { StateMark } from './marks.tsx'
import { Key, Segmented } from './panel.tsx'

export function TopBar() {
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="Slipstream, live">
        <svg viewBox="0 0 28 20" aria-hidden="true">
          <path d="M2 6h13.5a3 3 0 1 0-2.8-4" />
          <path d="M2 10.5h20a3 3 0 1 1-2.8 4" />
          <path d="M2 15h9.5a2.2 2.2 0 1 1-2 3" />
        </svg>
        <h1>Slipstream</h1>
      </a>
      <Connection />
      <EventTime />
      <Model />
      <Alerts />
      <div class="top-end">
        <Segmented
          label="theme"
          value={theme.value}
          options={[
            { value: 'system', text: 'auto' },
            { value: 'light', text: 'light' },
            { value: 'dark', text: 'dark' },
          ]}
          onChange={setTheme}
        />
        <button type="button" class="quiet" aria-label="help" onClick={() => (isHelpOpen.value = true)}>
          <Key of="?" />
        </button>
      </div>
    </header>
  )
}

function Connection() {
  const { is, ...mark } = liveness.value
  const rate = status.value?.eventsPerSecond ?? null
  const { dropped } = held.value
  return (
    <div class="fact">
      <span class="fact-name">stream</span>
      <span class="fact-value">
        <StateMark {...mark} />
        {rate !== null && is !== 'offline' && <span class="num rate">{count(rate)} events/s</span>}
        {dropped > 0 && (
          <span class="muted" title="Predictions made faster than a page can show; all of them are in the topic.">
            {count(dropped)} not shown
          </span>
        )}
      </span>
    </div>
  )
}

function EventTime() {
  const at = status.value?.eventTime ?? null
  const { zone: shown, airport } = zone.value
  const parts = at === null ? null : instantParts(at, shown)
  return (
    <div class="fact">
      <span class="fact-name">event time{airport && ` at ${airport}`}</span>
      <span class="fact-value">
        {parts ? (
          <span class="clock">
            <span class="date">
              {parts.weekday} {parts.date}
            </span>{' '}
            <strong class="num">{parts.time}</strong> <span class="zone">{parts.zone}</span>
          </span>
        ) : (
          <span class="muted">not started</span>
        )}
        <Segmented
          label="time zone"
          value={view.value.time}
          options={[
            { value: 'utc', text: 'UTC' },
            { value: 'local', text: 'local' },
          ]}
          onChange={time => setView({ time })}
        />
      </span>
    </div>
  )
}

function Alerts() {
  if (status.value === null) return null
  const open = alertsOpen.value
  const mark: Mark = open === 0 ? { shape: 'ok', word: 'none open' } : { shape: 'bad', word: `${open} open` }
  return (
    <div class="fact">
      <span class="fact-name">alerts</span>
      <span class="fact-value">
        <StateMark {...mark} />
      </span>
    </div>
  )
}

function Model() {
  const current = status.value
  if (current === null) return null
  return (
    <>
      <div class="fact">
        <span class="fact-name">model in force</span>
        <span class="fact-value">
          {current.model ? (
            <span title={current.model.hash}>
              {current.model.version}
              <span class="muted"> {current.model.horizonMinutes.join(', ')} min ahead</span>
            </span>
          ) : (
            <span class="muted">none yet</span>
          )}
        </span>
      </div>
      <div class="fact wall">
        <span class="fact-name">wall time</span>
        <span class="fact-value num muted">{wallTime(Math.max(now.value, frameAt.value))}</span>
      </div>
    </>
  )
}
