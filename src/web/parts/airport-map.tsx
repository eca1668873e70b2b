// The map in two layers: outlines, which never change, and dots, which change four times a second. Each is its own SVG,
// so that the browser paints the outlines once.
//
// The dots are one tab stop: arrow keys go to the nearest airport in their direction, Enter opens its drawer.

import { computed, signal } from '@preact/signals'
import { count, percent } from '../format.ts'
import geometry from '../map-geometry.json' with { type: 'json' }
import { labelsOf, lens, nextAirport, type Placed, placeAirports, row, sheet } from '../map-view.ts'
import { riskStep } from '../marks.ts'
import { held, isNarrow, setView, view } from '../state.ts'
import type { AirportNow } from '../wire.ts'

const placed = computed(() => placeAirports(held.value.airports.values(), isNarrow.value ? 1.9 : 1))
const letters = computed(() => (isNarrow.value ? 26 : 11.5))
const labels = computed(() => labelsOf(placed.value, letters.value))

/** The airport under the pointer or the arrow keys. */
const pointed = signal<string | null>(null)

const zoom = lens.width / (lens.right - lens.left)
const viewBox = `0 0 ${sheet.width} ${sheet.height}`

export function AirportMap() {
  return (
    <div class="map">
      <Outlines />
      <Dots />
      <Tip />
    </div>
  )
}

function Outlines() {
  const { land, borders, unit } = geometry
  const hasLens = placed.value.some(({ where }) => where === 'lens')
  return (
    <svg class="outlines" viewBox={viewBox} aria-hidden="true">
      <g transform={`scale(${unit})`}>
        <path class="land" d={land} />
        <path class="borders" d={borders} />
      </g>
      {hasLens && <Lens />}
    </svg>
  )
}

function Lens() {
  const { left, top, right, bottom, unit, land, borders } = geometry.lens
  return (
    <g class="lens">
      <path
        class="lens-lines"
        d={`M${left} ${bottom}L${lens.x} ${lens.y}M${right} ${bottom}L${lens.x + lens.width} ${lens.y}`}
      />
      <rect class="lens-from" x={left} y={top} width={right - left} height={bottom - top} />
      <svg
        x={lens.x}
        y={lens.y}
        width={lens.width}
        height={lens.height}
        viewBox={`${left} ${top} ${right - left} ${bottom - top}`}
      >
        <rect class="water" x={left} y={top} width={right - left} height={bottom - top} />
        <g transform={`scale(${unit})`}>
          <path class="land" d={land} />
          <path class="borders" d={borders} style={{ strokeWidth: `${1 / zoom / unit}px` }} />
        </g>
      </svg>
      <rect class="lens-frame" x={lens.x} y={lens.y} width={lens.width} height={lens.height} rx="4" />
      <text
        class="lens-name"
        x={lens.x + lens.width}
        y={lens.y + lens.height + (isNarrow.value ? 24 : 15)}
        text-anchor="end"
      >
        New York, {zoom} times larger
      </text>
    </g>
  )
}

function Dots() {
  const current = pointed.value ?? view.value.airport
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key.startsWith('Arrow')) {
      pointed.value = nextAirport(placed.value, current, event.key)
      event.preventDefault()
    }
    if ((event.key === 'Enter' || event.key === ' ') && current !== null) {
      setView({ airport: current })
      event.preventDefault()
    }
  }
  const hasRow = placed.value.some(({ where }) => where === 'row')
  return (
    <svg
      class="dots"
      viewBox={viewBox}
      tabIndex={0}
      role="listbox"
      aria-label="Airports; arrow keys move, Enter opens"
      aria-activedescendant={current === null ? undefined : `airport-${current}`}
      onKeyDown={onKeyDown}
      onBlur={() => (pointed.value = null)}
    >
      <Routes from={current} />
      {hasRow && (
        <text class="lens-name" x={row.x - 16} y={row.y - 22} aria-hidden="true">
          outside this map
        </text>
      )}
      {placed.value.map(place => (
        <Dot key={place.airport.code} place={place} isCurrent={place.airport.code === current} />
      ))}
      <g aria-hidden="true" class="labels" style={{ fontSize: `${letters.value}px` }}>
        {labels.value.map(({ code, x, y, anchor }) => (
          <text key={code} x={x} y={y} text-anchor={anchor}>
            {code}
          </text>
        ))}
      </g>
    </svg>
  )
}

const shareShown = (airport: AirportNow) => (view.value.colour === 'risk' ? airport.risk : airport.lateShare)

function Dot({ place, isCurrent }: { place: Placed; isCurrent: boolean }) {
  const { airport, x, y, radius } = place
  const { code } = airport
  const step = riskStep(airport.flights === 0 ? null : shareShown(airport))
  const arm = radius * 0.8 + 2
  return (
    <g
      id={`airport-${code}`}
      class={`dot${isCurrent ? ' is-current' : ''}`}
      role="option"
      aria-selected={view.value.airport === code}
      aria-label={describe(airport)}
      transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
      onPointerEnter={() => (pointed.value = code)}
      onPointerLeave={() => (pointed.value = null)}
      onClick={() => setView({ airport: code })}
    >
      <circle class="reach" r={Math.max(radius, 11)} />
      <circle class={`risk-${step ?? 'none'}`} r={radius} />
      {isStruck(airport) && <Struck arm={arm} />}
    </g>
  )
}

/** A stroke through the dot, longer than it and with a rim, so that it is seen on every fill. */
function Struck({ arm }: { arm: number }) {
  const stroke = `M${-arm} ${arm}L${arm} ${-arm}`
  return (
    <>
      <path class="struck-rim" d={stroke} />
      <path class="struck" d={stroke} />
    </>
  )
}

/** A quarter of its flights, or more, are cancelled. */
export const isStruck = ({ cancelled, flights }: AirportNow) => cancelled >= 2 && cancelled >= flights * 0.25

const describe = ({ code, name, flights, risk, lateShare, cancelled }: AirportNow) =>
  `${code} ${name}: ${count(flights)} flights, risk ${percent(risk)}, late ${percent(lateShare)}, ${count(cancelled)} cancelled`

/** Lines to where the flights of one airport go, or come from, among the rows this page holds. */
function Routes({ from }: { from: string | null }) {
  const start = placed.value.find(({ airport }) => airport.code === from)
  if (start === undefined) return null
  const ends = new Set<string>()
  for (const { prediction } of held.value.rows) {
    if (prediction.origin === from) ends.add(prediction.destination)
    if (prediction.destination === from) ends.add(prediction.origin)
  }
  return (
    <g class="routes" aria-hidden="true">
      {placed.value
        .filter(({ airport }) => ends.has(airport.code))
        .map(end => (
          <path key={end.airport.code} d={arc(start, end)} />
        ))}
    </g>
  )
}

function arc(a: Placed, b: Placed): string {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  // Always bent upwards, as routes look on such a map.
  const bend = dx < 0 ? 0.14 : -0.14
  const [cx, cy] = [(a.x + b.x) / 2 - dy * bend, (a.y + b.y) / 2 + dx * bend]
  return `M${a.x} ${a.y}Q${cx.toFixed(1)} ${cy.toFixed(1)} ${b.x} ${b.y}`
}

function Tip() {
  const place = placed.value.find(({ airport }) => airport.code === pointed.value)
  if (place === undefined) return null
  const { airport, x, y, radius } = place
  const { code, name, flights, risk, lateShare, cancelled } = airport
  const side = x > sheet.width * 0.6 ? 'left' : 'right'
  return (
    <div
      class={`tip tip-${side}`}
      style={{
        left: `${((x + (side === 'right' ? radius + 6 : -radius - 6)) / sheet.width) * 100}%`,
        top: `${(y / sheet.height) * 100}%`,
      }}
    >
      <strong>{code}</strong> {name}
      <dl>
        <dt>flights, 6 h</dt>
        <dd>{count(flights)}</dd>
        <dt>mean risk</dt>
        <dd>{flights === 0 ? 'n/a' : percent(risk)}</dd>
        <dt>landed late</dt>
        <dd>{percent(lateShare)}</dd>
        <dt>cancelled</dt>
        <dd>{count(cancelled)}</dd>
      </dl>
    </div>
  )
}
