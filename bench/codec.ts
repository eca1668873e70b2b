// What Avro costs: encoding and decoding small and middling records, in the wire format.
//
//   npm run bench -- codec [--json]

import { readdirSync, readFileSync } from 'node:fs'
import { CodecAvro } from '../src/adapters/codec-avro.ts'
import { SchemasMemory } from '../src/adapters/schemas-memory.ts'
import type { FlightDeparted, Mark, TimelineEntry, WeatherObserved } from '../src/records.ts'

const schemas = new URL('../schemas/', import.meta.url)
const files = readdirSync(schemas).filter(file => file.endsWith('.avsc'))
const texts = files.map(file => readFileSync(new URL(file, schemas), 'utf8'))
const codec = await CodecAvro.open(new SchemasMemory(), texts)

const at = Date.UTC(2013, 0, 1, 10, 15)
const mark: Mark = { at }
const departed: FlightDeparted = {
  flightId: 'UA-1545-EWR-IAH-2013-01-01T10:15Z',
  at: at + 420_000,
  revision: 0,
  departedAt: at + 120_000,
  tail: 'N14228',
}
const weather: WeatherObserved = {
  station: 'EWR',
  at,
  revision: 0,
  observedAt: at,
  temperatureFahrenheit: 39.02,
  dewPointFahrenheit: 26.06,
  humidityPercent: 59.37,
  windDirectionDegrees: 270,
  windMilesPerHour: 10.35702,
  gustMilesPerHour: null,
  precipitationInches: 0,
  pressureMillibars: 1012,
  visibilityMiles: 10,
}
const entry: TimelineEntry = {
  at: at + 420_000,
  claimedAt: at + 420_000,
  type: 'FlightDeparted',
  id: departed.flightId,
  revision: 0,
  hash: '0123456789abcdef',
  flight: {
    carrier: 'UA',
    flightNumber: 1545,
    origin: 'EWR',
    destination: 'IAH',
    distanceMiles: 1400,
    scheduledAt: at - 172_800_000,
    firstDepartureAt: at,
    departureAt: at,
    arrivalAt: at + 10_800_000,
    previousDepartureAt: at,
    previousArrivalAt: at + 10_800_000,
    wasCancelled: false,
    wasDeparted: false,
    departedAt: at + 120_000,
    tail: 'N14228',
  },
  departedAt: at + 120_000,
  arrivedAt: null,
  tail: 'N14228',
  builtYear: null,
  seats: null,
  reason: null,
  divertedTo: null,
  weather: null,
}

const rows = Object.entries({
  Mark: mark,
  FlightDeparted: departed,
  WeatherObserved: weather,
  TimelineEntry: entry,
}).map(([name, value]) => measure(name, value))
console.table(rows)
console.log(JSON.stringify({ bench: 'codec', node: process.version, rows }))

function measure(name: string, value: unknown) {
  const bytes = codec.encode(name, value)
  let sink = 0
  const encodeUs = best(() => {
    sink += codec.encode(name, value).length
  })
  const decodeUs = best(() => {
    sink += codec.decode(bytes).name.length
  })
  const checkUs = best(() => codec.check(name, value))
  return { name, bytes: bytes.length, encodeUs, decodeUs, checkUs, sink }
}

/** Microseconds of this thread's processor time a call, the best of five rounds after a warm-up. */
function best(run: () => void): number {
  const calls = 200_000
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 6; round++) {
    const start = process.threadCpuUsage()
    for (let call = 0; call < calls; call++) run()
    const { user, system } = process.threadCpuUsage(start)
    const us = (user + system) / calls
    if (round > 0) least = Math.min(least, us)
  }
  return Math.round(least * 1000) / 1000
}
