// What happened, on the page's time axis: the share of drifted columns, and lanes of alerts, trainings and models.

import { useEffect, useRef, useState } from 'preact/hooks'
import { instantParts, percent } from '../../format.ts'
import { isOpen, type LoopEvent, loopEvents, shortInstant } from '../../loop.ts'
import { ShapeMark, StateMark } from '../../parts/marks.tsx'
import { Panel, Segmented } from '../../parts/panel.tsx'
import { driftView, held, setDriftView, zone } from '../../state.ts'
import type { Alert, DriftHistory } from '../../wire.ts'
import {
  type Axis,
  axisOf,
  flagsOf,
  lanesInOrder,
  type Stretch,
  sharePath,
  stretchesOf,
  stretchName,
  ticksOf,
} from '../lanes.ts'
import { history, report } from '../store.ts'
import { noReport } from './lack.ts'

const shareHeight = 64
const rowHeight = 22
const nameWidth = 84

export function LanesPanel() {
  const { lanes: as } = driftView.value
  const { loop } = held.value
  const events = loopEvents(loop)
  const lack = noReport() ?? (history.value === null ? { what: 'loading', isLoading: true } : null)
  const tools = (
    <Segmented
      label="what happened as"
      value={as}
      options={[
        { value: 'chart', text: 'Chart' },
        { value: 'table', text: 'Table' },
      ]}
      onChange={lanes => setDriftView({ lanes })}
    />
  )
  return (
    <Panel id="lanes" title="Share of features that differ, and what happened" lack={lack} tools={tools}>
      {as === 'table' ? (
        <EventTable events={events} />
      ) : (
        history.value && <Lanes of={history.value} events={events} alerts={loop.alerts} />
      )}
    </Panel>
  )
}

type LanesProps = { of: DriftHistory; events: readonly LoopEvent[]; alerts: readonly Alert[] }

/** As wide as its frame, in pixels, so that text and marks keep their shape. */
function useWidth() {
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const measure = () => setWidth(element.clientWidth)
    measure()
    const watch = new ResizeObserver(measure)
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  return { frame, width }
}

function Lanes({ of, events, alerts }: LanesProps) {
  const { frame, width } = useWidth()
  const to = Math.max(of.to.at(-1) ?? 0, report.value?.to ?? 0)
  const axis = axisOf({ first: of.to[0] ?? to, to, width: Math.max(60, width - nameWidth - 8) })
  const stretches = stretchesOf(alerts, axis)
  const alertRows = Math.max(1, ...stretches.map(({ row }) => row + 1))
  const bottom = shareHeight + 10 + (alertRows + 2) * rowHeight
  return (
    <div class="lanes" ref={frame}>
      {width > 0 && (
        <svg width={width} height={bottom + 22} role="img" aria-label="What happened over time; the table has the same">
          <g transform={`translate(${nameWidth} 4)`}>
            <Ticks axis={axis} height={bottom} />
            <Share of={of} axis={axis} />
            {lanesInOrder.map((lane, place) => {
              const top = shareHeight + 10 + (place === 0 ? 0 : alertRows + place - 1) * rowHeight
              return (
                <g key={lane} transform={`translate(0 ${top})`}>
                  <text class="lane-name" x={-nameWidth} y={rowHeight / 2 + 4}>
                    {lane}
                  </text>
                  <path
                    class="lane-line"
                    d={`M0 ${lane === 'alerts' ? alertRows * rowHeight : rowHeight}H${axis.width}`}
                  />
                  {lane === 'alerts'
                    ? stretches.map(stretch => <AlertStretch key={stretch.alert.id} {...stretch} />)
                    : flagsOf(events, lane, axis).map(flag => <FlagMark key={flag.event.id} {...flag} />)}
                </g>
              )
            })}
          </g>
        </svg>
      )}
    </div>
  )
}

function Ticks({ axis, height }: { axis: Axis; height: number }) {
  return (
    <g class="lane-ticks">
      {ticksOf(axis).map(({ at, x }) => (
        <g key={at}>
          <path d={`M${x} 0V${height}`} />
          <text x={x} y={height + 13} text-anchor={x < 20 ? 'start' : x > axis.width - 20 ? 'end' : 'middle'}>
            {instantParts(at).day}
          </text>
        </g>
      ))}
    </g>
  )
}

/** What alerts go by, with its limit; the share of drifted columns fainter beside it, where that is another. */
function Share({ of: { to, driftedShare, unusualShare }, axis }: { of: DriftHistory; axis: Axis }) {
  const hasUnusual = unusualShare.some(share => share !== null)
  const most = (hasUnusual ? report.value?.unusualShareMax : report.value?.driftedShareMax) ?? 0.5
  const y = (1 - most) * shareHeight
  return (
    <g>
      {hasUnusual && (
        <text class="lane-name lane-unusual" x={-nameWidth} y={12}>
          unusual
        </text>
      )}
      <text class={`lane-name${hasUnusual ? '' : ' lane-unusual'}`} x={-nameWidth} y={hasUnusual ? 28 : 12}>
        drifted
      </text>
      <text class="lane-name" x={-8} y={y + 4} text-anchor="end">
        {percent(most)}
      </text>
      <path class="lane-line" d={`M0 ${shareHeight}H${axis.width}`} />
      <path class="spark-threshold" d={`M0 ${y}H${axis.width}`} />
      {hasUnusual && <path class="share-drifted" d={sharePath({ to, share: driftedShare }, axis, shareHeight)} />}
      <path
        class="spark-line"
        d={sharePath({ to, share: hasUnusual ? unusualShare : driftedShare }, axis, shareHeight)}
      />
    </g>
  )
}

function AlertStretch({ alert, left, right, row, nameAt }: Stretch) {
  const name = stretchName(alert)
  return (
    <g class={`stretch${isOpen(alert) ? ' is-open' : ''}`} transform={`translate(${left} ${row * rowHeight + 3})`}>
      <title>
        {name}: {alert.message}
      </title>
      <rect width={right - left} height={rowHeight - 6} rx="3" />
      {nameAt !== null && (
        <text
          x={nameAt === 'inside' ? 6 : -6}
          y={rowHeight / 2 + 1}
          text-anchor={nameAt === 'inside' ? 'start' : 'end'}
        >
          {name}
        </text>
      )}
    </g>
  )
}

function FlagMark({ event, x, label }: ReturnType<typeof flagsOf>[number]) {
  return (
    <g class="flag" transform={`translate(${x} ${rowHeight / 2})`}>
      <title>
        {event.word} {event.subject}: {event.text}
      </title>
      <svg x="-5" y="-5" width="10" height="10" viewBox="0 0 10 10">
        <ShapeMark shape={event.shape} />
      </svg>
      {label.text !== '' && (
        <text x={label.side === 'right' ? 9 : -9} y="4" text-anchor={label.side === 'right' ? 'start' : 'end'}>
          {label.text}
        </text>
      )}
    </g>
  )
}

function EventTable({ events }: { events: readonly LoopEvent[] }) {
  if (events.length === 0) return <p class="muted">Nothing has happened yet.</p>
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="What happened as a table">
      <table>
        <thead>
          <tr>
            {['event time', 'lane', 'what', 'of', 'why'].map(heading => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {events.map(event => (
            <tr key={event.id}>
              <th scope="row" class="num">
                {shortInstant(event.at, zone.value.zone)}
              </th>
              <td>{event.lane}</td>
              <td>
                <StateMark shape={event.shape} word={event.word} />
              </td>
              <td>{event.subject}</td>
              <td>{event.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
