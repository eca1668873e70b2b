// The small script: six flights of one morning, each with a fate of its own, and a promotion. Small enough to be played
// once for each point at which a process can die.

import { days, hours, minutes } from '../../src/lib/time.ts'
import type { EventType } from '../../src/records.ts'
import { byDelivery, type Script, startAt } from './script.ts'
import { commandOf } from './script-commands.ts'

type Item = Script['items'][number]
type Said = Record<string, unknown>

const at = (hour: number, minute = 0): number => startAt + hours(hour) + minutes(minute)

function event(name: EventType, id: string, said: Said & { at: number }, delayMinutes = 1): Item {
  const value = { flightId: id, revision: 1, ...said }
  return { deliveredAt: said.at + minutes(delayMinutes), key: id, name, value }
}

function scheduled(id: string, departureAt: number, knownAt = startAt): Item {
  const [carrier = '', number, origin, destination] = id.split('-')
  const plan = { scheduledDepartureAt: departureAt, scheduledArrivalAt: departureAt + hours(2), distanceMiles: null }
  return event('FlightScheduled', id, {
    at: knownAt,
    carrier,
    flightNumber: Number(number),
    origin,
    destination,
    ...plan,
  })
}

function flown(id: string, departedAt: number, arrivedAt: number): Item[] {
  return [
    event('FlightDeparted', id, { at: departedAt, departedAt, tail: 'N1' }),
    event('FlightArrived', id, { at: arrivedAt, arrivedAt }),
  ]
}

function weather(deliveredAt: number, observedAt: number): Item {
  const none = { dewPointFahrenheit: null, humidityPercent: null, windDirectionDegrees: null, gustMilesPerHour: null }
  const some = { temperatureFahrenheit: 31.5, windMilesPerHour: 12, precipitationInches: 0.25, pressureMillibars: 1000 }
  const value = { station: 'EWR', at: observedAt, revision: 1, observedAt, ...none, ...some, visibilityMiles: 0.5 }
  return { deliveredAt, key: 'EWR', name: 'WeatherObserved', value }
}

const punctual = 'UA-1-EWR-IAH'
const moved = 'UA-2-EWR-IAH'
const cancelled = 'UA-3-IAH-EWR'
const revived = 'UA-4-IAH-EWR'
const silent = 'B6-5-EWR-IAH'
const belated = 'B6-6-IAH-EWR'

const told: Item[] = [
  scheduled(punctual, at(7)),
  event('AircraftAssigned', punctual, { at: at(3), tail: 'N1', builtYear: 1999, seats: 180 }),
  ...flown(punctual, at(7, 5), at(9, 2)),
  // twice, once more with other content, and once from the future
  event('FlightDeparted', punctual, { at: at(7, 5), departedAt: at(7, 5), tail: 'N1' }, 45),
  event('FlightDeparted', punctual, { at: at(7, 5), departedAt: at(7, 4), tail: 'N1' }, 2),
  { ...event('FlightDiverted', punctual, { at: at(12), divertedTo: 'ORD' }), deliveredAt: at(8) },

  scheduled(moved, at(6, 30)),
  event('FlightRescheduled', moved, { at: at(4), scheduledDepartureAt: at(8, 30), scheduledArrivalAt: at(10, 30) }),
  ...flown(moved, at(8, 50), at(11)),

  // should have left a day and more ago, so that it closes today, 36 hours after its planned arrival
  scheduled(cancelled, at(-32)),
  event('FlightCancelled', cancelled, { at: at(2), reason: 'weather' }),

  scheduled(revived, at(8)),
  event('FlightCancelled', revived, { at: at(5), reason: null }),
  ...flown(revived, at(8, 40), at(10, 55)),

  scheduled(silent, at(-30), at(1)),

  // its plan comes when one horizon has passed, its departure late, its landing twice
  scheduled(belated, at(9), at(4)),
  event('FlightDeparted', belated, { at: at(9, 1), departedAt: at(9, 1), tail: null }, 100),
  event('FlightArrived', belated, { at: at(11, 30), arrivedAt: at(11, 30) }),
  event('FlightArrived', belated, { at: at(11, 30), arrivedAt: at(11, 30) }, 15),

  event('FlightArrived', 'nobody', { at: at(6), arrivedAt: at(6) }),
  weather(at(1), at(0, 51)),
  weather(at(6), at(2, 51)),
  { deliveredAt: at(5), key: 'garbage', name: null, value: Uint8Array.of(0, 0, 0, 9, 9, 1, 2, 3) },
  { deliveredAt: at(5), key: 'less', name: null, value: Uint8Array.of(7) },
]

const early = startAt - days(1)

export const smallScript: Script = {
  seed: 0,
  items: byDelivery(told),
  marks: null,
  endAt: startAt + hours(12),
  stepMs: hours(6),
  latenessMs: minutes(10),
  horizonsMinutes: [360, 120, 30],
  opening: [
    commandOf({ id: 'register m0', verb: 'REGISTER', version: 'm0', hour: early }),
    commandOf({ id: 'start with m0', verb: 'PROMOTE', version: 'm0', hour: early }),
  ],
  orders: [
    {
      command: commandOf({ id: 'm1', verb: 'REGISTER', version: 'm1', hour: at(1) }),
      stepEndsAt: at(6),
      afterMark: at(2),
    },
    {
      command: commandOf({
        id: 'promote m1',
        verb: 'PROMOTE',
        version: 'm1',
        hour: at(2),
        compare: true,
        expectedChampion: 'm0',
      }),
      stepEndsAt: at(6),
      afterMark: at(3),
    },
    {
      command: commandOf({
        id: 'promote m1 too',
        verb: 'PROMOTE',
        version: 'm1',
        hour: at(3),
        compare: true,
        expectedChampion: 'm0',
      }),
      stepEndsAt: at(6),
      afterMark: at(3),
    },
  ],
}
