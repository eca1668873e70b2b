// The counters and the choices of the page.

import { duration, instantParts, percent, wallTime } from '../../format.ts'
import type { Mark } from '../../marks.ts'
import { ShapeMark, StateMark } from '../../parts/marks.tsx'
import { Segmented } from '../../parts/panel.tsx'
import { driftView, setDriftView, status, zone } from '../../state.ts'
import type { DriftReport } from '../../wire.ts'
import { againstThreshold, labelsOf, methodName, verdictMark } from '../columns.ts'
import { askAgain, report, trouble } from '../store.ts'

export function Head() {
  const shown = report.value ?? null
  return (
    <section class="drift-head" aria-label="drift at a glance">
      {shown && <Counters shown={shown} />}
      <Choices shown={shown} />
      {trouble.value !== null && shown !== null && (
        <p class="drift-trouble" role="status">
          <ShapeMark shape="warn" /> Not renewed since {wallTime(trouble.value.since)}: {trouble.value.what}.
          <button type="button" onClick={askAgain}>
            try now
          </button>
        </p>
      )}
    </section>
  )
}

function Counters({ shown }: { shown: DriftReport }) {
  const { columnsCompared, columnsDrifted, datasetDrift, driftedShareMax, rowsMin, target, prediction } = shown
  const { unusualShare, unusualShareMax } = shown
  const { share, behindMs } = labelsOf(shown, status.value?.eventTime ?? null)
  const dataset: Mark =
    datasetDrift === null
      ? { shape: 'none', word: 'not compared' }
      : datasetDrift
        ? { shape: shown.unusualShare === null ? 'bad' : 'warn', word: 'data drift' }
        : { shape: 'ok', word: 'no data drift' }
  const figure = (drift: DriftReport['target']) =>
    drift === null || drift.score === null ? '' : `${methodName(drift.method)} ${againstThreshold(drift)}`
  return (
    <dl class="counters">
      <Counter
        name="features drifted"
        value={`${columnsDrifted} of ${columnsCompared}`}
        mark={dataset}
        hint={`data drift from ${percent(driftedShareMax)} on`}
      />
      {unusualShare !== null && (
        <Counter
          name="beyond an ordinary day"
          value={percent(unusualShare)}
          mark={unusualShare >= unusualShareMax ? { shape: 'bad', word: 'shifted' } : { shape: 'ok', word: 'ordinary' }}
          hint={`of the features; alert from ${percent(unusualShareMax)} on`}
        />
      )}
      <Counter
        name="prediction drift"
        feature={prediction?.column}
        mark={verdictMark(prediction, rowsMin)}
        hint={figure(prediction)}
      />
      <Counter name="label drift" feature={target?.column} mark={verdictMark(target, rowsMin)} hint={figure(target)} />
      <Counter
        name="labels"
        value={share === null ? 'none' : percent(share)}
        hint={behindMs === null ? 'of the rows' : `of the rows; ${duration(behindMs)} behind`}
      />
      <Counter name="model in force" value={shown.model ?? 'none'} hint={windowText(shown)} />
    </dl>
  )
}

function windowText({ from, to }: DriftReport): string {
  const { day, time } = instantParts(from, zone.value.zone)
  const end = instantParts(to, zone.value.zone)
  return `window ${day} ${time} to ${end.day} ${end.time} ${end.zone}`
}

type CounterProps = {
  name: string
  value?: string
  mark?: Mark
  hint: string
  /** The column that its detail is of. */
  feature?: string | undefined
}

function Counter({ name, value, mark, hint, feature }: CounterProps) {
  return (
    <div class="tile">
      <dt>
        {feature === undefined ? (
          name
        ) : (
          <button type="button" class="link" onClick={() => setDriftView({ feature })}>
            {name}
          </button>
        )}
      </dt>
      <dd>
        {value !== undefined && <strong class="num">{value}</strong>}
        {mark && <StateMark {...mark} />}
      </dd>
      <dd class="hint">{hint}</dd>
    </div>
  )
}

function Choices({ shown }: { shown: DriftReport | null }) {
  const { span, sort, show, find } = driftView.value
  const onFind = (event: { currentTarget: HTMLInputElement }) => {
    setDriftView({ find: event.currentTarget.value.replaceAll(/[^A-Za-z0-9]/g, '') })
  }
  return (
    <div class="choices">
      <Segmented
        label="window"
        value={span}
        options={[
          { value: 'DAY', text: 'last day' },
          { value: 'WEEK', text: 'last 7 days' },
        ]}
        onChange={next => setDriftView({ span: next })}
      />
      <Segmented
        label="sort columns by"
        value={sort}
        options={[
          { value: 'severity', text: 'most drifted first' },
          { value: 'name', text: 'by name' },
        ]}
        onChange={next => setDriftView({ sort: next })}
      />
      <Segmented
        label="columns shown"
        value={show}
        options={[
          { value: 'all', text: `all${shown ? ` ${shown.columns.length}` : ''}` },
          { value: 'drifted', text: 'drifted only' },
        ]}
        onChange={next => setDriftView({ show: next })}
      />
      <label class="find">
        find
        <input
          id="find"
          type="search"
          placeholder="a column"
          autocomplete="off"
          spellcheck={false}
          value={find}
          onInput={onFind}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
    </div>
  )
}
