// Models on the Live page: the one in force, the challenger beside it, the training that is open, the last decision; and
// below, what happened in the loop, newest first, in event time.

import { computed } from '@preact/signals'
import { count, duration, percent } from '../format.ts'
import {
  decisionMark,
  differenceOf,
  type LoopEvent,
  lastVerdict,
  loopEvents,
  openTests,
  shadowDay,
  shortInstant,
} from '../loop.ts'
import { goTo, held, status, zone } from '../state.ts'
import type { ShadowTest } from '../wire.ts'
import { StateMark } from './marks.tsx'
import { noEvents } from './no-events.ts'
import { Panel } from './panel.tsx'

const events = computed(() => loopEvents(held.value.loop))
const eventsShown = 60

export function LoopPanel() {
  const tools = (
    <button type="button" onClick={() => goTo('drift')}>
      drift of the columns
    </button>
  )
  return (
    <Panel id="loop" title="Models and the loop" lack={noEvents(status.value)} tools={tools}>
      <dl class="models">
        <Champion />
        <Challengers />
        <Training />
        <LastDecision />
      </dl>
      <h3>What happened, newest first</h3>
      {events.value.length === 0 ? (
        <p class="muted">Nothing yet: no alert, no training, no decision.</p>
      ) : (
        <ol class="events" tabIndex={0} aria-label="What happened in the loop">
          {events.value.slice(0, eventsShown).map(event => (
            <EventItem key={event.id} event={event} />
          ))}
        </ol>
      )}
    </Panel>
  )
}

const instant = (at: number) => shortInstant(at, zone.value.zone)

function Champion() {
  const model = status.value?.model ?? null
  const since = held.value.loop.decisions.find(
    ({ accepted, champion, version }) => accepted && champion === model?.version && version === champion,
  )
  return (
    <div>
      <dt>champion</dt>
      <dd>
        {model === null ? (
          <span class="muted">none yet</span>
        ) : (
          <>
            <strong>{model.version}</strong>{' '}
            {since && <span class="muted num">in force from {instant(since.effectiveFrom)}</span>}
          </>
        )}
      </dd>
    </div>
  )
}

function Challengers() {
  const tests = openTests(held.value.loop)
  const waiting = (status.value?.loop.challengers ?? []).filter(
    version => !tests.some(({ challenger }) => challenger === version),
  )
  return (
    <div>
      <dt>challenger</dt>
      <dd>
        {tests.map(test => (
          <Shadow key={test.challenger} test={test} />
        ))}
        {waiting.map(version => (
          <p key={version}>
            <strong>{version}</strong> <span class="muted">in shadow; no whole day yet</span>
          </p>
        ))}
        {tests.length + waiting.length === 0 && <span class="muted">none in shadow</span>}
      </dd>
    </div>
  )
}

/** A line of 28 days with its looks; what is full has passed. */
function Shadow({ test }: { test: ShadowTest }) {
  const { challenger, days, because, power } = test
  const chance =
    power === null ? undefined : `chance to see a difference that matters by day 28: ${Math.round(power * 100)} %`
  return (
    <div class="shadow" title={chance}>
      <p>
        <strong>{challenger}</strong> <span class="num">{shadowDay(test)}</span>
      </p>
      <svg viewBox="0 0 280 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="shadow-track" y="3" width="280" height="4" />
        <rect class="shadow-passed" y="3" width={Math.min(28, days) * 10} height="4" />
        <path class="shadow-looks" d="M70 0V10M140 0V10M210 0V10M279 0V10" />
      </svg>
      <p class="num">{differenceOf(test)}</p>
      <p class="muted">{because}</p>
    </div>
  )
}

function Training() {
  const open = held.value.loop.requests.find(({ answer }) => answer === null)
  const eventTime = status.value?.eventTime ?? null
  const inWork = status.value?.training ?? null
  if (open === undefined && inWork === null) return null
  return (
    <div>
      <dt>training</dt>
      <dd>
        <StateMark shape="warn" word={inWork === null ? 'open' : `training, ${percent(inWork.progress)}`} />{' '}
        <strong>{inWork?.id ?? open?.id}</strong>{' '}
        {inWork && (
          <>
            <span class="muted num">{count(inWork.rows)} labelled rows</span>
            <progress max="1" value={inWork.progress} aria-label="progress of the training" />
          </>
        )}
        {open && (
          <>
            <span class="muted num">
              asked {instant(open.at)}
              {eventTime !== null && `, ${duration(Math.max(0, eventTime - open.at))} ago`}; in force from{' '}
              {instant(open.effectiveFrom)} on at the earliest
            </span>
            <p class="muted">{open.why}</p>
          </>
        )}
      </dd>
    </div>
  )
}

function LastDecision() {
  const last = lastVerdict(held.value.loop)
  if (last === null) return null
  return (
    <div>
      <dt>last decision</dt>
      <dd>
        <StateMark {...decisionMark(last)} /> <strong>{last.version}</strong>{' '}
        <span class="muted num">{instant(last.at)}</span>
        <p class="muted">{last.because}</p>
      </dd>
    </div>
  )
}

function EventItem({ event: { at, shape, word, subject, text } }: { event: LoopEvent }) {
  return (
    <li>
      <span class="muted num">{instant(at)}</span>
      <StateMark shape={shape} word={word} />
      <span class="event-text">
        <b>{subject}</b> {text}
      </span>
    </li>
  )
}
