// The last 72 event hours by planned departure: what was predicted, and what came true. Two lines that are never one:
// the prediction runs on to flights still to leave, the outcome follows as they land.

import { computed, signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { type Colours, chartData, chartOptions } from '../chart.ts'
import { count, instantParts, percent } from '../format.ts'
import { held, isDark, setView, status, view, zone } from '../state.ts'
import type { RiskPoint } from '../wire.ts'
import { noEvents } from './no-events.ts'
import { Panel, Segmented } from './panel.tsx'

/** The hour under the pointer. */
const hovered = signal<number | null>(null)

const shown = computed<RiskPoint | null>(() => {
  const { risk } = held.value
  const at = hovered.value
  if (at !== null) return risk.find(point => point.at === at) ?? null
  return risk.findLast(point => point.meanProbability !== null) ?? null
})

/** Event time, a step an hour. */
const eventHour = computed(() => {
  const at = status.value?.eventTime ?? null
  return at === null ? null : Math.floor(at / 3_600_000) * 3_600_000
})

const hoursMin = 2

export function RiskChart() {
  const { risk } = held.value
  const hours = risk.filter(point => point.flights > 0).length
  const short = { what: `Not enough data: ${hours} hours with flights, ${hoursMin} are needed for a line.` }
  const lack = noEvents(status.value) ?? (hours < hoursMin ? short : null)
  const tools = (
    <>
      {lack === null && <Hour />}
      <Segmented
        label="risk as"
        value={view.value.chart}
        options={[
          { value: 'line', text: 'Chart' },
          { value: 'table', text: 'Table' },
        ]}
        onChange={chart => setView({ chart })}
      />
    </>
  )
  return (
    <Panel id="risk" title="Risk and what came true, last 72 event hours" lack={lack} tools={tools}>
      {view.value.chart === 'line' ? (
        <>
          <Readout />
          <Plot />
        </>
      ) : (
        <RiskTable />
      )}
    </Panel>
  )
}

/** The hour that the numbers are of. */
function Hour() {
  const point = shown.value
  if (point === null || view.value.chart === 'table') return null
  const { day, time, zone: zoneName } = instantParts(point.at, zone.value.zone)
  return (
    <span class="muted num">
      departures {day} {time} {zoneName}
    </span>
  )
}

function Readout() {
  const point = shown.value
  if (point === null) return null
  return (
    <dl class="readout">
      <div>
        <dt>
          <svg viewBox="0 0 18 8" aria-hidden="true" class="key-predicted">
            <path d="M0 4h18" />
          </svg>
          predicted late
        </dt>
        <dd class="num">{percent(point.meanProbability)}</dd>
      </div>
      <div>
        <dt>
          <svg viewBox="0 0 18 8" aria-hidden="true" class="key-late">
            <path d="M0 4h18" />
            <circle cx="9" cy="4" r="3" />
          </svg>
          landed late
        </dt>
        <dd class="num">{point.lateShare === null ? 'not yet' : percent(point.lateShare)}</dd>
      </div>
      <div>
        <dt>
          <svg viewBox="0 0 18 8" aria-hidden="true" class="key-landing">
            <path d="M0 4h18" />
            <circle cx="9" cy="4" r="3" />
          </svg>
          still landing
        </dt>
      </div>
      <div>
        <dt>
          <svg viewBox="0 0 18 8" aria-hidden="true" class="key-cancelled">
            <path d="M0 4h18" />
          </svg>
          cancelled
        </dt>
        <dd class="num">{percent(point.cancelledShare)}</dd>
      </div>
      <div>
        <dt>
          <svg viewBox="0 0 18 8" aria-hidden="true" class="key-flights">
            <path d="M2 8V3h3v5M7 8V1h3v7M12 8V4h3v4" />
          </svg>
          flights
        </dt>
        <dd class="num">{count(point.flights)}</dd>
      </div>
    </dl>
  )
}

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    predicted: of('--predicted'),
    predictedFill: of('--predicted-fill'),
    late: of('--realised'),
    cancelled: of('--cancelled'),
    flights: of('--bars'),
    grid: of('--line'),
    text: of('--muted'),
    now: of('--line-strong'),
    surface: of('--surface'),
    font: `11px ${style.fontFamily}`,
  }
}

function Plot() {
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const { zone: shownZone } = zone.value
  const { risk } = held.value
  const dark = isDark.value
  const hour = eventHour.value

  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const size = () => ({ width: element.clientWidth, height: element.clientHeight })
    const options = chartOptions({
      ...size(),
      colours: coloursOf(element),
      zone: shownZone,
      eventTime: () => status.peek()?.eventTime ?? null,
      onHover: at => {
        hovered.value = at
      },
    })
    const made = new uPlot(options, chartData(held.peek().risk, eventHour.peek()), element)
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize(size()))
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [dark, shownZone])

  useEffect(() => plot.current?.setData(chartData(risk, hour)), [risk, hour])

  return <div class="plot" ref={frame} role="img" aria-label="Chart of risk by hour; the table has the same numbers" />
}

function RiskTable() {
  const { zone: shownZone } = zone.value
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Risk by hour as a table">
      <table>
        <thead>
          <tr>
            {['hour of departure', 'flights', 'predicted late', 'landed late', 'cancelled'].map((name, index) => (
              <th key={name} scope="col" class={index === 0 ? '' : 'right'}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...held.value.risk].reverse().map(point => {
            const { day, time, zone: zoneName } = instantParts(point.at, shownZone)
            return (
              <tr key={point.at}>
                <th scope="row" class="num">
                  {day} {time} <span class="muted">{zoneName}</span>
                </th>
                <td class="num right">{count(point.flights)}</td>
                <td class="num right">{percent(point.meanProbability)}</td>
                <td class="num right">{percent(point.lateShare)}</td>
                <td class="num right">{percent(point.cancelledShare)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
