// The columns as cards, or as a table with the same figures. A card is drawn again only when its figures change; its
// histogram is asked for when the card comes into sight.

import { Component } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { count, percent } from '../../format.ts'
import { shortInstant } from '../../loop.ts'
import { StateMark } from '../../parts/marks.tsx'
import { Panel, Segmented } from '../../parts/panel.tsx'
import { driftView, setDriftView, zone } from '../../state.ts'
import type { ColumnOverview, ColumnReport, DriftReport, DriftSpan } from '../../wire.ts'
import {
  againstThreshold,
  columnMark,
  isPValue,
  methodName,
  scoreText,
  shownColumns,
  thresholdText,
  windowsSince,
} from '../columns.ts'
import { binsOf, sparkOf } from '../histogram.ts'
import { columnKey, columns, report, see } from '../store.ts'
import { HistogramKey, HistogramPair } from './histogram.tsx'
import { noReport } from './lack.ts'

const miniSize = { width: 200, height: 40 }
const sparkSize = { width: 200, height: 24 }

export function ColumnsPanel() {
  const { columns: as, show, find } = driftView.value
  const shown = report.value ? shownColumns(report.value.columns, driftView.value) : []
  const nothing = show === 'drifted' && find === '' ? 'No column has drifted.' : 'No column passes the filter.'
  const lack = noReport() ?? (shown.length === 0 ? { what: nothing } : null)
  const tools = (
    <>
      <HistogramKey />
      <Segmented
        label="columns as"
        value={as}
        options={[
          { value: 'cards', text: 'Cards' },
          { value: 'table', text: 'Table' },
        ]}
        onChange={next => setDriftView({ columns: next })}
      />
    </>
  )
  return (
    <Panel id="columns" title="Columns" lack={lack} tools={tools}>
      {report.value &&
        (as === 'table' ? <Table shown={shown} of={report.value} /> : <Cards shown={shown} of={report.value} />)}
    </Panel>
  )
}

type Shown = { shown: readonly ColumnOverview[]; of: DriftReport }

function Cards({ shown, of: { span, to, rowsMin } }: Shown) {
  return (
    <ul class="cards">
      {shown.map(overview => (
        <Card
          key={overview.column}
          overview={overview}
          column={columns.value.get(columnKey(span, overview.column))}
          span={span}
          to={to}
          rowsMin={rowsMin}
          zone={zone.value.zone}
          isOpen={driftView.value.feature === overview.column}
        />
      ))}
    </ul>
  )
}

type CardProps = {
  overview: ColumnOverview
  column: ColumnReport | undefined
  span: DriftSpan
  to: number
  rowsMin: number
  zone: string
  isOpen: boolean
}

class Card extends Component<CardProps> {
  override shouldComponentUpdate(next: CardProps): boolean {
    const names = Object.keys(next) as (keyof CardProps)[]
    // A report is new as a whole each time; most of its columns say what they said before.
    return names.some(name =>
      name === 'overview' ? !saysTheSame(next.overview, this.props.overview) : next[name] !== this.props[name],
    )
  }

  render({ overview, column, span, to, rowsMin, zone: shownZone, isOpen }: CardProps) {
    const { column: name, method, threshold, bound, drifted, unusual, driftedSince, recent, mayAlert } = overview
    const mark = columnMark(overview, rowsMin)
    const spark = sparkOf(recent, bound ?? threshold, sparkSize)
    return (
      <li
        class={`card${drifted || unusual ? ' is-drifted' : ''}${unusual ? ' is-unusual' : ''}${isOpen ? ' is-open' : ''}`}
      >
        <button type="button" id={cardId(name)} class="link card-name" onClick={() => setDriftView({ feature: name })}>
          {name}
          {!mayAlert && (
            <span class="card-quiet" title="It moves with the calendar, and never raises an alert.">
              {' '}
              no alerts
            </span>
          )}
        </button>
        <p class="card-score">
          <StateMark {...mark} />
          {drifted !== null && (
            <span class="muted" title={scoreHint(overview)}>
              {methodName(method)} <span class="num">{againstThreshold(overview)}</span>
            </span>
          )}
        </p>
        <MiniHistogram name={name} column={column} />
        <svg
          class="card-spark"
          viewBox={`0 -1 ${sparkSize.width} ${sparkSize.height + 2}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <path class="spark-threshold" d={`M0 ${spark.limit}H${sparkSize.width}`} />
          <path class="spark-line" d={spark.line} />
        </svg>
        <p class="card-foot muted">
          {drifted && driftedSince !== null
            ? `since ${shortInstant(driftedSince, shownZone)}, ${windowsText(windowsSince(driftedSince, to, span))}`
            : `n ${count(overview.currentCount)}`}
        </p>
      </li>
    )
  }
}

function scoreHint({ method, bound }: ColumnOverview): string | undefined {
  if (bound !== null) return `days of the training were ordinary up to ${scoreText(bound)}; dashed below`
  return isPValue(method) ? 'a p value: small means drift' : undefined
}

/** The button that opens a column: where the keyboard goes back to. */
export const cardId = (name: string): string => `card-${name}`

const windowsText = (windows: number) => (windows === 1 ? '1 window' : `${count(windows)} windows`)

function saysTheSame(a: ColumnOverview, b: ColumnOverview): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function MiniHistogram({ name, column }: { name: string; column: ColumnReport | undefined }) {
  const frame = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const watch = new IntersectionObserver(entries => see(name, entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: '120px',
    })
    if (frame.current) watch.observe(frame.current)
    return () => {
      watch.disconnect()
      see(name, false)
    }
  }, [name])
  return (
    <div class="card-histogram" ref={frame}>
      {column?.histogram && <HistogramPair bins={binsOf(column.histogram)} size={miniSize} />}
      {column && column.histogram === null && <span class="muted small">no histogram</span>}
    </div>
  )
}

const headings = [
  'column',
  'state',
  'method',
  'score',
  'threshold',
  'ordinary up to',
  'rows now',
  'rows in training',
  'missing',
  'unseen',
  'since',
]
const isNumber = (heading: string) => headings.indexOf(heading) >= 3 && heading !== 'since'

function Table({ shown, of: { rowsMin } }: Shown) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Columns as a table">
      <table>
        <thead>
          <tr>
            {headings.map(heading => (
              <th key={heading} scope="col" class={isNumber(heading) ? 'right' : ''}>
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(overview => {
            const {
              column,
              method,
              score,
              threshold,
              bound,
              currentCount,
              referenceCount,
              missing,
              unseen,
              driftedSince,
            } = overview
            const all = currentCount + missing
            return (
              <tr key={column} class={driftView.value.feature === column ? 'is-current' : ''}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => setDriftView({ feature: column })}>
                    {column}
                  </button>
                </th>
                <td>
                  <StateMark {...columnMark(overview, rowsMin)} />
                </td>
                <td>{methodName(method)}</td>
                <td class="num right">{scoreText(score)}</td>
                <td class="num right">{thresholdText(threshold)}</td>
                <td class="num right">{bound === null ? '' : scoreText(bound)}</td>
                <td class="num right">{count(currentCount)}</td>
                <td class="num right">{count(referenceCount)}</td>
                <td class="num right">{percent(all === 0 ? null : missing / all)}</td>
                <td class="num right">{count(unseen)}</td>
                <td class="num">{driftedSince === null ? '' : shortInstant(driftedSince, zone.value.zone)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
