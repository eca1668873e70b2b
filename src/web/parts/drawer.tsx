// One airport: its numbers, and the flights from and to it among the rows this page holds.

import { useEffect, useRef } from 'preact/hooks'
import type { Row } from '../feed.ts'
import { airportZone, count, instantParts, percent, signedMinutes } from '../format.ts'
import { gradeMark, riskStep } from '../marks.ts'
import { held, setFilter, setView, status, view } from '../state.ts'
import { StateMark } from './marks.tsx'

const flightsShown = 40

export function Drawer() {
  const code = view.value.airport
  return code === null ? null : <Airport key={code} code={code} />
}

function Airport({ code }: { code: string }) {
  const close = useRef<HTMLButtonElement>(null)
  useEffect(() => close.current?.focus(), [])
  const airport = held.value.airports.get(code)
  const zone = airportZone(code)
  const at = status.value?.eventTime ?? null
  const local = at === null || zone === undefined ? null : instantParts(at, zone)
  const rows = held.value.rows.filter(({ prediction }) => prediction.origin === code || prediction.destination === code)
  const leaves = rows.some(({ prediction }) => prediction.origin === code)
  return (
    <aside class="drawer" aria-label={`airport ${code}`}>
      <header>
        <h2>
          {code} <span class="muted">{airport?.name}</span>
        </h2>
        <button ref={close} type="button" onClick={() => setView({ airport: null })}>
          close <kbd aria-hidden="true">Esc</kbd>
        </button>
      </header>
      <p class="muted">
        {local === null ? 'local time not known' : `local ${local.weekday} ${local.day} ${local.time} ${local.zone}`}
      </p>
      <dl class="tiles">
        <Fact name="flights, 6 h" value={airport ? count(airport.flights) : '0'} />
        <Fact name="mean risk" value={airport && airport.flights > 0 ? percent(airport.risk) : 'n/a'} />
        <Fact name="landed late" value={percent(airport?.lateShare ?? null)} />
        <Fact name="cancelled" value={airport ? count(airport.cancelled) : '0'} />
      </dl>
      {leaves && (
        <button type="button" onClick={() => setFilter({ origin: code })}>
          show only flights from {code} in the stream
        </button>
      )}
      <h3>Latest predictions from and to {code}</h3>
      {rows.length === 0 ? (
        <p class="muted">None among the last {count(held.value.rows.length)} predictions of this page.</p>
      ) : (
        <Flights code={code} rows={rows} />
      )}
    </aside>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd class="num">{value}</dd>
    </div>
  )
}

function Flights({ code, rows }: { code: string; rows: readonly Row[] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`flights of ${code}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">flight</th>
            <th scope="col">departs</th>
            <th scope="col" class="right">
              risk
            </th>
            <th scope="col">outcome</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, flightsShown).map(({ key, prediction }) => {
            const { carrier, flightNumber, origin, destination, probability, grade } = prediction
            const { day, time } = instantParts(prediction.scheduledDepartureAt, airportZone(origin))
            const minutes = grade?.arrivalDelayMinutes ?? null
            return (
              <tr key={key}>
                <th scope="row">
                  {carrier} {flightNumber}{' '}
                  <span class="muted">{origin === code ? `to ${destination}` : `from ${origin}`}</span>
                </th>
                <td class="num muted">
                  {day} {time}
                </td>
                <td class="num right">
                  <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
                    <circle class={`risk-${riskStep(probability) ?? 'none'}`} cx="6" cy="6" r="5" />
                  </svg>
                  {percent(probability)}
                </td>
                <td>
                  <StateMark {...gradeMark(prediction)} />{' '}
                  {minutes !== null && <span class="num">{signedMinutes(minutes)}</span>}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
