// The airports panel: the map, or its twin as a table.

import { computed, signal } from '@preact/signals'
import { count, percent } from '../format.ts'
import { riskStep, riskSteps } from '../marks.ts'
import { held, setView, status, view } from '../state.ts'
import type { AirportNow } from '../wire.ts'
import { AirportMap, isStruck } from './airport-map.tsx'
import { noEvents } from './no-events.ts'
import { Panel, Segmented } from './panel.tsx'

export function Airports() {
  const { view: shown, colour } = view.value
  const tools = (
    <>
      <Segmented
        label="colour shows"
        value={colour}
        options={[
          { value: 'risk', text: 'predicted risk' },
          { value: 'late', text: 'landed late' },
        ]}
        onChange={next => setView({ colour: next })}
      />
      <Segmented
        label="airports as"
        value={shown}
        options={[
          { value: 'map', text: 'Map' },
          { value: 'table', text: 'Table' },
        ]}
        onChange={next => setView({ view: next })}
      />
    </>
  )
  const isEmpty = held.value.airports.size === 0
  const lack = isEmpty
    ? (noEvents(status.value) ?? { what: 'No flight was predicted in the last 6 event hours.' })
    : null
  return (
    <Panel id="airports" title="Airports, last 6 event hours" lack={lack} tools={tools}>
      {shown === 'map' ? (
        <>
          <AirportMap />
          <Legend />
        </>
      ) : (
        <AirportTable />
      )}
    </Panel>
  )
}

function Legend() {
  const ends = [...riskSteps, 1]
  return (
    <ul class="legend" aria-label="legend">
      <li class="legend-name">{view.value.colour === 'risk' ? 'mean predicted risk' : 'share landed late'}</li>
      {[0, ...riskSteps].map((from, step) => (
        <li key={from}>
          <svg viewBox="0 0 12 12" aria-hidden="true">
            <circle class={`risk-${step}`} cx="6" cy="6" r="5" />
          </svg>
          {stepText(from, ends[step] ?? 1)}
        </li>
      ))}
      <li>
        <svg viewBox="0 0 12 12" aria-hidden="true">
          <circle class="risk-none" cx="6" cy="6" r="5" />
          <path class="struck" d="M1 11 11 1" />
        </svg>
        a quarter or more cancelled
      </li>
      <li>size: flights</li>
    </ul>
  )
}

function stepText(from: number, to: number): string {
  if (from === 0) return `under ${percent(to)}`
  return to === 1 ? `${percent(from)} and more` : `${Math.round(from * 100)} to ${percent(to)}`
}

type Column = { name: string; of: (airport: AirportNow) => number | string | null }

const columns: [Column, ...Column[]] = [
  { name: 'airport', of: airport => airport.code },
  { name: 'flights', of: airport => airport.flights },
  { name: 'mean risk', of: airport => airport.risk },
  { name: 'landed late', of: airport => airport.lateShare },
  { name: 'cancelled', of: airport => airport.cancelled },
]

const order = signal({ name: 'mean risk', isDown: true })

const sorted = computed(() => {
  const { name, isDown } = order.value
  const { of } = columns.find(column => column.name === name) ?? columns[0]
  const sign = isDown ? -1 : 1
  return [...held.value.airports.values()].sort((a, b) => {
    const [left, right] = [of(a) ?? -1, of(b) ?? -1]
    return (left < right ? -1 : left > right ? 1 : 0) * sign || (a.code < b.code ? -1 : 1)
  })
})

function AirportTable() {
  return (
    <div class="scroll airport-table" tabIndex={0} role="region" aria-label="Airports as a table">
      <table>
        <thead>
          <tr>
            {columns.map(column => (
              <Heading key={column.name} name={column.name} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.value.map(airport => (
            <tr key={airport.code} class={view.value.airport === airport.code ? 'is-current' : ''}>
              <th scope="row">
                <button type="button" class="link" onClick={() => setView({ airport: airport.code })}>
                  {airport.code}
                </button>{' '}
                <span class="muted">{airport.name}</span>
              </th>
              <td class="num right">{count(airport.flights)}</td>
              <td class="num right">
                <Swatch step={riskStep(airport.flights === 0 ? null : airport.risk)} />
                {airport.flights === 0 ? 'n/a' : percent(airport.risk)}
              </td>
              <td class="num right">{percent(airport.lateShare)}</td>
              <td class="num right">
                {count(airport.cancelled)}
                {isStruck(airport) && <span class="muted"> of {count(airport.flights)}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Swatch({ step }: { step: number | null }) {
  return (
    <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
      <circle class={`risk-${step ?? 'none'}`} cx="6" cy="6" r="5" />
    </svg>
  )
}

function Heading({ name }: { name: string }) {
  const isSorted = order.value.name === name
  const { isDown } = order.value
  return (
    <th
      scope="col"
      class={name === 'airport' ? '' : 'right'}
      aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        class="sort"
        onClick={() => (order.value = { name, isDown: isSorted ? !isDown : name !== 'airport' })}
      >
        {name}
        <svg viewBox="0 0 8 8" aria-hidden="true">
          {isSorted && <path d={isDown ? 'M0 1.5h8L4 7Z' : 'M0 6.5h8L4 1Z'} />}
        </svg>
      </button>
    </th>
  )
}
