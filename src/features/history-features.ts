// What the frames say of the same flight number on its last days, and of the aircraft's previous leg.

import { minutes } from '../lib/time.ts'
import type { Leg } from '../records.ts'
import { type FeatureDefinition, meanOf, type NumericDefinition, type OwnField, whole } from './define.ts'
import type { Known } from './known.ts'

const frames = { kind: 'numeric', source: 'frames', mayAlert: true } as const
const count = { ...frames, resolution: 1, unit: 'flights' } as const
const mean = { ...frames, resolution: 0.1, unit: 'minutes' } as const
const whole1 = { ...frames, resolution: 1, unit: 'minutes' } as const

const numberFields: OwnField[] = ['FlightScheduled.carrier', 'FlightScheduled.flightNumber', 'FlightScheduled.origin']
const tailFields: OwnField[] = ['AircraftAssigned.tail', 'FlightScheduled.flightId']
const slackFields: OwnField[] = [
  ...tailFields,
  'FlightScheduled.origin',
  'FlightScheduled.scheduledDepartureAt',
  'FlightRescheduled.scheduledDepartureAt',
]

const numbers: readonly NumericDefinition[] = [
  {
    ...count,
    name: 'numberRuns7d',
    uses: numberFields,
    about: 'How often the flight number landed from this origin in the last 7 days.',
    value: known => known.number?.runs7 ?? 0,
  },
  {
    ...count,
    name: 'numberRuns28d',
    uses: numberFields,
    about: 'How often the flight number landed from this origin in the last 28 days.',
    value: known => known.number?.runs28 ?? 0,
  },
  {
    ...mean,
    name: 'numberDepartureDelay7d',
    uses: numberFields,
    about: "Mean departure delay of the flight number's landings in the last 7 days.",
    value: ({ number }) => (number === null ? null : meanOf(number.departureDelayMinutes7, number.runs7, 10)),
  },
  {
    ...mean,
    name: 'numberArrivalDelay7d',
    uses: numberFields,
    about: "Mean arrival delay of the flight number's landings in the last 7 days.",
    value: ({ number }) => (number === null ? null : meanOf(number.arrivalDelayMinutes7, number.runs7, 10)),
  },
  {
    ...mean,
    name: 'numberArrivalDelay28d',
    uses: numberFields,
    about: "Mean arrival delay of the flight number's landings in the last 28 days.",
    value: ({ number }) => (number === null ? null : meanOf(number.arrivalDelayMinutes28, number.runs28, 10)),
  },
  {
    ...frames,
    resolution: 0.001,
    unit: 'share',
    name: 'numberLateShare28d',
    uses: numberFields,
    about: "Share that landed 15 minutes late or more of the flight number's landings in the last 28 days.",
    value: ({ number }) => (number === null ? null : meanOf(number.arrivedLate28, number.runs28, 1000)),
  },
  {
    ...whole1,
    name: 'numberLastArrivalDelay',
    uses: numberFields,
    about: "Arrival delay of the flight number's last landing in 28 days.",
    value: ({ number }) => number?.lastArrivalDelayMinutes ?? null,
  },
]

const aircraft: readonly NumericDefinition[] = [
  {
    ...whole1,
    name: 'legDepartureDelay',
    uses: tailFields,
    about: "Departure delay of the aircraft's previous leg.",
    value: ({ leg }) => leg?.departureDelayMinutes ?? null,
  },
  {
    ...whole1,
    name: 'legArrivalDelay',
    uses: tailFields,
    about: "Arrival delay of the aircraft's previous leg, once it has been seen landing.",
    value: ({ leg }) => leg?.arrivalDelayMinutes ?? null,
  },
  {
    ...count,
    unit: 'claims',
    name: 'legLanded',
    uses: tailFields,
    about: "1 if the aircraft's previous leg has been seen landing, 0 if only leaving.",
    value: ({ leg }) => (leg === null ? null : leg.arrivedAt === null ? 0 : 1),
  },
  {
    ...whole1,
    name: 'legSilentMinutes',
    uses: tailFields,
    about: 'Minutes since the aircraft was last reported leaving or landing.',
    value: ({ leg, context: { frameTo } }) =>
      leg === null || frameTo === null ? null : whole((frameTo - leg.at) / minutes(1)),
  },
  {
    ...whole1,
    name: 'slackMinutes',
    uses: slackFields,
    about: 'Minutes from the landing of the previous leg, seen or expected, to the planned departure.',
    value: known => (known.leg === null ? null : slackMinutes(known, known.leg)),
  },
  {
    ...whole1,
    name: 'returnSlackMinutes',
    uses: slackFields,
    about:
      'The same slack, less a flight back as long as the previous leg was planned if that did not end at the origin.',
    value: known => {
      const { leg, flight } = known
      if (leg === null) return null
      return slackMinutes(known, leg) - (leg.destination === flight.origin ? 0 : plannedMinutes(leg))
    },
  },
]

/** A leg not seen landing is expected as late as it left, and not before the end of the last frame. */
function slackMinutes({ flight, context }: Known, leg: Leg): number {
  const expectedAt = Math.max(leg.arrivalAt + minutes(leg.departureDelayMinutes), context.frameTo ?? 0)
  return whole((flight.departureAt - (leg.arrivedAt ?? expectedAt)) / minutes(1))
}

/** Planned time from gate to gate, as far as whole minutes of delay tell. */
function plannedMinutes(leg: Leg): number {
  return whole((leg.arrivalAt - leg.departedAt) / minutes(1) + leg.departureDelayMinutes)
}

export const historyFeatures: readonly FeatureDefinition[] = [...numbers, ...aircraft]
