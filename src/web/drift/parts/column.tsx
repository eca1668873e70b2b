// One column: its histogram now beside that of the training, its score over time, which bins moved most, what is missing
// and which categories the training did not have. Each chart has its twin as a table.

import { useEffect, useRef } from 'preact/hooks'
import { count, decimals, percent } from '../../format.ts'
import { shortInstant } from '../../loop.ts'
import { StateMark } from '../../parts/marks.tsx'
import { type Lack, Panel, Segmented } from '../../parts/panel.tsx'
import { driftView, setDriftView, zone } from '../../state.ts'
import type { ColumnReport } from '../../wire.ts'
import { againstThreshold, columnMark, methodName, scoreText, windowsSince } from '../columns.ts'
import { type Bin, binsOf, mostMoved } from '../histogram.ts'
import { askAgain, columnKey, columns, report, trouble } from '../store.ts'
import { cardId } from './columns.tsx'
import { HistogramKey, HistogramPair } from './histogram.tsx'
import { noReport } from './lack.ts'
import { ScorePlot, ScoreTable } from './score.tsx'

const largeSize = { width: 600, height: 200 }
const movesShown = 6

export function ColumnPanel({ name }: { name: string }) {
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    document.getElementById('column')?.scrollIntoView()
    close.current?.focus({ preventScroll: true })
    return () => document.getElementById(cardId(name))?.focus()
  }, [name])
  const { span, detail } = driftView.value
  const column = columns.value.get(columnKey(span, name))
  const tools = (
    <>
      <HistogramKey />
      <Segmented
        label="column as"
        value={detail}
        options={[
          { value: 'chart', text: 'Charts' },
          { value: 'table', text: 'Tables' },
        ]}
        onChange={next => setDriftView({ detail: next })}
      />
      <button ref={close} type="button" onClick={() => setDriftView({ feature: null })}>
        close <kbd aria-hidden="true">Esc</kbd>
      </button>
    </>
  )
  return (
    <Panel id="column" title={name} lack={lackOf(column)} tools={tools}>
      {column && (detail === 'chart' ? <Charts column={column} /> : <Tables column={column} />)}
    </Panel>
  )
}

function lackOf(column: ColumnReport | undefined): Lack | null {
  if (column !== undefined) return null
  const failed = trouble.value
  if (failed !== null) return { what: `Not loaded: ${failed.what}.`, shape: 'bad', retry: askAgain }
  return noReport() ?? { what: 'loading', isLoading: true }
}

function Facts({ column: { about, latest, window, missing } }: { column: ColumnReport }) {
  const overview = report.value?.columns.find(({ column }) => column === about.name)
  const since = overview?.driftedSince ?? null
  return (
    <div class="column-facts">
      <p class="muted">
        {about.about} {about.unit !== null && `Counted in ${about.unit}.`}{' '}
        {!about.mayAlert && 'It moves with the calendar and does not alert.'}
      </p>
      {latest === null ? (
        <p>It has not been compared yet.</p>
      ) : (
        <dl class="facts">
          <div>
            <dt>state</dt>
            <dd>
              <StateMark {...columnMark(latest, report.value?.rowsMin ?? 0)} />
            </dd>
          </div>
          <div>
            <dt>{methodName(latest.method)}</dt>
            <dd class="num">{againstThreshold(latest)}</dd>
          </div>
          {latest.bound !== null && (
            <div>
              <dt>ordinary in training</dt>
              <dd class="num">up to {scoreText(latest.bound)}</dd>
            </div>
          )}
          {since !== null && window !== null && (
            <div>
              <dt>since</dt>
              <dd class="num">
                {shortInstant(since, zone.value.zone)}, {count(windowsSince(since, window.to, driftView.value.span))}{' '}
                windows
              </dd>
            </div>
          )}
          <div>
            <dt>rows now</dt>
            <dd class="num">{count(latest.currentCount)}</dd>
          </div>
          <div>
            <dt>rows in training</dt>
            <dd class="num">{count(latest.referenceCount)}</dd>
          </div>
          {missing !== null && (
            <div>
              <dt>missing</dt>
              <dd class="num">
                {missingText(missing.current, latest.currentCount)} now,{' '}
                {missingText(missing.reference, latest.referenceCount)} in training
              </dd>
            </div>
          )}
        </dl>
      )}
    </div>
  )
}

/** A share with a decimal where it is small. */
const shareText = (share: number) => (share > 0 && share < 0.1 ? `${decimals(share * 100, 1)} %` : percent(share))

/** Share of the rows that have no value. */
function missingText(missing: number, withValue: number): string {
  const all = missing + withValue
  return all === 0 ? 'n/a' : shareText(missing / all)
}

function Charts({ column }: { column: ColumnReport }) {
  const { histogram, histogramMissing, series, about } = column
  const bins = histogram === null ? [] : binsOf(histogram)
  return (
    <div class="column-detail">
      <Facts column={column} />
      <figure>
        <figcaption>Share of the rows, by {about.kind === 'numeric' ? (about.unit ?? 'value') : 'category'}</figcaption>
        {histogram === null ? (
          <p class="muted">{histogramMissing ?? 'No histogram yet.'}</p>
        ) : (
          <>
            <HistogramPair bins={bins} size={largeSize} label={`Histogram of ${about.name}; the table has the same`} />
            <BinLabels bins={bins} />
          </>
        )}
      </figure>
      <Moves bins={bins} />
      <figure class="column-score">
        <figcaption>Score over time; dashed, the threshold</figcaption>
        {series.to.length < 2 ? (
          <p class="muted">{series.to.length === 0 ? 'Loading.' : 'One window so far; a line takes two.'}</p>
        ) : (
          <ScorePlot column={column} />
        )}
      </figure>
      <Unseen column={column} />
    </div>
  )
}

/** The first, the last, and some evenly between. */
function BinLabels({ bins }: { bins: readonly Bin[] }) {
  const shown = Math.min(bins.length, 7)
  const places = Array.from({ length: shown }, (_, at) => Math.round((at * (bins.length - 1)) / Math.max(1, shown - 1)))
  return (
    <p class="bin-labels muted" aria-hidden="true">
      {places.map(place => (
        <span key={place}>{bins[place]?.label}</span>
      ))}
    </p>
  )
}

function Moves({ bins }: { bins: readonly Bin[] }) {
  const moves = mostMoved(bins, movesShown)
  const widest = Math.max(...moves.map(({ by }) => Math.abs(by)), 0.01)
  return (
    <div class="moves">
      <h3>What moved most</h3>
      {moves.length === 0 && <p class="muted">No bin moved.</p>}
      <ul>
        {moves.map(({ label, from, to, by }) => (
          <li key={label}>
            <span class="move-name" title={label}>
              {label}
            </span>
            <svg viewBox="-50 0 100 8" preserveAspectRatio="none" aria-hidden="true">
              <path class="move-axis" d="M0 0V8" />
              <rect
                class="move-bar"
                x={Math.min(0, (by / widest) * 50)}
                y="1"
                width={(Math.abs(by) / widest) * 50}
                height="6"
              />
            </svg>
            <span class="num">
              {shareText(from)} {'\u2192'} {shareText(to)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Unseen({ column: { unseen, latest } }: { column: ColumnReport }) {
  if (unseen.length === 0) return null
  return (
    <div class="unseen-categories">
      <h3>Categories that the training did not have</h3>
      <p class="muted">
        {count(latest?.unseen ?? 0)} rows:{' '}
        {unseen.map(({ category, count: rows }) => `${category} (${count(rows)})`).join(', ')}
      </p>
    </div>
  )
}

function Tables({ column }: { column: ColumnReport }) {
  const bins = column.histogram === null ? [] : binsOf(column.histogram)
  return (
    <div class="column-detail">
      <Facts column={column} />
      <div class="scroll" tabIndex={0} role="region" aria-label="Histogram as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">bin</th>
              {['now', 'share', 'in training', 'share of it', 'moved by'].map(heading => (
                <th key={heading} scope="col" class="right">
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bins.map(({ label, current, currentCount, reference, referenceCount }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td class="num right">{count(currentCount)}</td>
                <td class="num right">{shareText(current)}</td>
                <td class="num right">{count(referenceCount)}</td>
                <td class="num right">{shareText(reference)}</td>
                <td class="num right">{pointsText(current - reference)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ScoreTable column={column} />
      <Unseen column={column} />
    </div>
  )
}

/** `+3.1 points` */
function pointsText(by: number): string {
  const sign = by < 0 ? '\u2212' : '+'
  return `${sign}${decimals(Math.abs(by) * 100, 1)} points`
}
