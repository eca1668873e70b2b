// What the schedule says of the flight itself: no air space.

import { minutes } from '../lib/time.ts'
import { type FeatureDefinition, type OwnField, whole } from './define.ts'
import { daysFromHoliday } from './holidays.ts'
import type { Known } from './known.ts'

const departureFields: OwnField[] = [
  'FlightScheduled.origin',
  'FlightScheduled.scheduledDepartureAt',
  'FlightRescheduled.scheduledDepartureAt',
]
const arrivalFields: OwnField[] = [
  'FlightScheduled.destination',
  'FlightScheduled.scheduledArrivalAt',
  'FlightRescheduled.scheduledArrivalAt',
]
const planFields: OwnField[] = [
  'FlightScheduled.scheduledDepartureAt',
  'FlightScheduled.scheduledArrivalAt',
  'FlightRescheduled.scheduledDepartureAt',
  'FlightRescheduled.scheduledArrivalAt',
]

const flight = { source: 'flight', mayAlert: true } as const
const calendar = { kind: 'numeric', source: 'flight', resolution: 1, mayAlert: false } as const

export const scheduleFeatures: readonly FeatureDefinition[] = [
  {
    ...flight,
    name: 'carrier',
    kind: 'categorical',
    uses: ['FlightScheduled.carrier'],
    about: 'The carrier that reports the flight.',
    value: known => known.flight.carrier,
  },
  {
    ...flight,
    name: 'origin',
    kind: 'categorical',
    uses: ['FlightScheduled.origin'],
    about: 'The airport of departure.',
    value: known => known.flight.origin,
  },
  {
    ...flight,
    name: 'destination',
    kind: 'categorical',
    uses: ['FlightScheduled.destination'],
    about: 'The airport of arrival.',
    value: known => known.flight.destination,
  },
  {
    ...calendar,
    name: 'departureHour',
    unit: 'hours',
    uses: departureFields,
    about: 'Hour of the planned departure on the clock of the origin.',
    value: known => known.departure?.hour ?? null,
  },
  {
    ...calendar,
    name: 'departureMinuteOfDay',
    unit: 'minutes',
    uses: departureFields,
    about: 'Minutes from midnight to the planned departure on the clock of the origin.',
    value: ({ departure }) => (departure === null ? null : departure.hour * 60 + departure.minute),
  },
  {
    ...calendar,
    name: 'weekday',
    unit: 'days',
    uses: departureFields,
    about: 'Day of the week of the planned departure at the origin, Monday being 0.',
    value: known => known.departure?.weekday ?? null,
  },
  {
    ...calendar,
    name: 'month',
    unit: 'months',
    uses: departureFields,
    about: 'Month of the planned departure at the origin, January being 1.',
    value: known => known.departure?.month ?? null,
  },
  {
    ...calendar,
    name: 'dayOfYear',
    unit: 'days',
    uses: departureFields,
    about: 'Day of the year of the planned departure at the origin, 1 January being 1.',
    value: known => known.departure?.dayOfYear ?? null,
  },
  {
    ...calendar,
    name: 'daysFromHoliday',
    unit: 'days',
    uses: departureFields,
    about: 'Days from the nearest US holiday to the planned departure; before the holiday it is negative.',
    value: ({ departure }) => (departure === null ? null : daysFromHoliday(departure)),
  },
  {
    ...calendar,
    name: 'arrivalHour',
    unit: 'hours',
    uses: arrivalFields,
    about: 'Hour of the planned arrival on the clock of the destination.',
    value: known => known.arrival?.hour ?? null,
  },
  {
    ...flight,
    name: 'distanceMiles',
    kind: 'numeric',
    resolution: 1,
    unit: 'miles',
    uses: ['FlightScheduled.distanceMiles'],
    about: 'Great-circle distance of the route.',
    value: known => (known.flight.distanceMiles === null ? null : whole(known.flight.distanceMiles)),
  },
  {
    ...flight,
    name: 'plannedBlockMinutes',
    kind: 'numeric',
    resolution: 1,
    unit: 'minutes',
    uses: planFields,
    about: 'Planned time from gate to gate.',
    value: known => blockMinutes(known),
  },
  {
    ...flight,
    name: 'plannedSpeed',
    kind: 'numeric',
    resolution: 1,
    unit: 'miles per hour',
    uses: ['FlightScheduled.distanceMiles', ...planFields],
    about: 'Distance by planned time from gate to gate: a slow plan has room to catch up.',
    value: known => plannedSpeed(known),
  },
  {
    ...flight,
    name: 'flightNumberHundreds',
    kind: 'numeric',
    resolution: 1,
    unit: 'hundreds',
    uses: ['FlightScheduled.flightNumber'],
    about: "Hundreds of the flight number: carriers number their regional partners' flights in blocks.",
    value: known => Math.floor(known.flight.flightNumber / 100),
  },
  {
    ...flight,
    name: 'horizonMinutes',
    kind: 'numeric',
    resolution: 1,
    unit: 'minutes',
    mayAlert: false,
    uses: [],
    about: 'How long before the planned departure the prediction is due.',
    value: known => whole(known.context.horizonMinutes),
  },
  {
    ...flight,
    name: 'knownAheadMinutes',
    kind: 'numeric',
    resolution: 1,
    unit: 'minutes',
    uses: ['FlightScheduled.at', 'FlightScheduled.scheduledDepartureAt', 'FlightRescheduled.scheduledDepartureAt'],
    about: 'How long before the planned departure the flight was first known.',
    value: ({ flight: { departureAt, scheduledAt } }) => whole((departureAt - scheduledAt) / minutes(1)),
  },
  {
    ...flight,
    name: 'movedMinutes',
    kind: 'numeric',
    resolution: 1,
    unit: 'minutes',
    uses: ['FlightScheduled.scheduledDepartureAt', 'FlightRescheduled.scheduledDepartureAt'],
    about: 'How far the planned departure has been moved from the first plan.',
    value: ({ flight: { departureAt, firstDepartureAt } }) => whole((departureAt - firstDepartureAt) / minutes(1)),
  },
  {
    ...flight,
    name: 'aircraftAgeYears',
    kind: 'numeric',
    resolution: 1,
    unit: 'years',
    uses: ['AircraftAssigned.builtYear', ...departureFields],
    about: 'Age of the aircraft assigned.',
    value: ({ departure, context: { builtYear } }) =>
      departure === null || builtYear === null ? null : whole(departure.year - builtYear),
  },
  {
    ...flight,
    name: 'aircraftSeats',
    kind: 'numeric',
    resolution: 1,
    unit: 'seats',
    uses: ['AircraftAssigned.seats'],
    about: 'Seats of the aircraft assigned.',
    value: known => (known.context.seats === null ? null : whole(known.context.seats)),
  },
]

function blockMinutes({ flight: { departureAt, arrivalAt } }: Known): number {
  return whole((arrivalAt - departureAt) / minutes(1))
}

function plannedSpeed(known: Known): number | null {
  const block = blockMinutes(known)
  const { distanceMiles } = known.flight
  return distanceMiles === null || block <= 0 ? null : whole((distanceMiles * 60) / block)
}
