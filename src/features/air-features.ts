// What the frames say of the air space around the flight: the plan of its hours, and for everything, its airports, its
// carrier, its carrier at its origin and its route what left, landed and was cancelled lately, and who is overdue.

import { type FeatureDefinition, type NumericDefinition, type OfSums, type OwnField, whole } from './define.ts'
import { type EntityName, entityNames, levelPlaceOf, placeOf, type SpanName } from './known.ts'

const frames = { kind: 'numeric', source: 'frames', mayAlert: true } as const
const count = { ...frames, resolution: 1, unit: 'flights' } as const
const mean = { ...frames, resolution: 0.1, unit: 'minutes' } as const
const share = { ...frames, resolution: 0.001, unit: 'share' } as const

const meansPerUnit = 10
const sharesPerUnit = 1000

const usesOf: Record<EntityName, OwnField[]> = {
  all: [],
  origin: ['FlightScheduled.origin'],
  destination: ['FlightScheduled.destination'],
  carrier: ['FlightScheduled.carrier'],
  originCarrier: ['FlightScheduled.origin', 'FlightScheduled.carrier'],
  route: ['FlightScheduled.origin', 'FlightScheduled.destination'],
  region: ['FlightScheduled.destination'],
}

const whoOf: Record<EntityName, string> = {
  all: 'all flights',
  origin: "flights from the flight's origin",
  destination: "flights to the flight's destination",
  carrier: "the carrier's flights",
  originCarrier: "the carrier's flights from the flight's origin",
  route: "flights on the flight's route",
  region: "flights to the region of the flight's destination",
}

const whenOf: Record<SpanName, string> = {
  '1h': 'in the last hour',
  '3h': 'in the last 3 hours',
  '24h': 'in the last 24 hours',
  Today: "since 04:00 on the origin's clock",
}

// Places are fixed when the table is built: a row reads nearly a hundred of these.

function read(sum: number): OfSums {
  return { sum, count: null }
}

function meanAt(sum: number, count: number): OfSums {
  return { sum, count, perUnit: meansPerUnit }
}

function shareAt(sum: number, count: number): OfSums {
  return { sum, count, perUnit: sharesPerUnit }
}

/** `Today` depends on the origin, whose clock tells when the day began. */
function usesFor(entity: EntityName, span: SpanName): readonly OwnField[] {
  const uses = usesOf[entity]
  return span !== 'Today' || uses.includes('FlightScheduled.origin') ? uses : [...uses, 'FlightScheduled.origin']
}

function departuresOver(entity: EntityName, span: SpanName): NumericDefinition[] {
  const departed = placeOf(entity, 'departed', span)
  const delay = placeOf(entity, 'departureDelayMinutes', span)
  const late = placeOf(entity, 'departedLate', span)
  const uses = usesFor(entity, span)
  const who = `${whoOf[entity]} seen leaving ${whenOf[span]}`
  return [
    { ...count, name: `${entity}Departures${span}`, uses, about: `Number of ${who}.`, value: read(departed) },
    {
      ...mean,
      name: `${entity}DepartureDelay${span}`,
      uses,
      about: `Mean departure delay of ${who}.`,
      value: meanAt(delay, departed),
    },
    {
      ...share,
      name: `${entity}LateShare${span}`,
      uses,
      about: `Share that left 15 minutes late or more of ${who}.`,
      value: shareAt(late, departed),
    },
  ]
}

function cancelledOver(entity: EntityName, span: SpanName): NumericDefinition {
  const about = `Number of ${whoOf[entity]} cancelled ${whenOf[span]}.`
  const value = read(placeOf(entity, 'cancelled', span))
  return { ...count, name: `${entity}Cancelled${span}`, uses: usesFor(entity, span), about, value }
}

function arrivalsOver(entity: EntityName, span: SpanName): NumericDefinition[] {
  const arrived = placeOf(entity, 'arrived', span)
  const delay = placeOf(entity, 'arrivalDelayMinutes', span)
  const late = placeOf(entity, 'arrivedLate', span)
  const uses = usesFor(entity, span)
  const who = `${whoOf[entity]} seen landing ${whenOf[span]}`
  return [
    {
      ...mean,
      name: `${entity}ArrivalDelay${span}`,
      uses,
      about: `Mean arrival delay of ${who}.`,
      value: meanAt(delay, arrived),
    },
    {
      ...share,
      name: `${entity}ArrivedLateShare${span}`,
      uses,
      about: `Share that landed 15 minutes late or more of ${who}.`,
      value: shareAt(late, arrived),
    },
  ]
}

/** The winds on the way and the holds of the day, which a plan made months ago knows nothing of. */
function enRouteOver(entity: EntityName, span: SpanName): NumericDefinition {
  return {
    ...mean,
    name: `${entity}EnRouteLoss${span}`,
    uses: usesFor(entity, span),
    about: `Mean arrival delay minus departure delay of ${whoOf[entity]} seen landing ${whenOf[span]}: minutes lost on the way.`,
    value: meanAt(placeOf(entity, 'enRouteMinutes', span), placeOf(entity, 'arrived', span)),
  }
}

function trendOf(entity: EntityName): NumericDefinition {
  const [departed1, departed3] = [placeOf(entity, 'departed', '1h'), placeOf(entity, 'departed', '3h')]
  const delay1 = placeOf(entity, 'departureDelayMinutes', '1h')
  const delay3 = placeOf(entity, 'departureDelayMinutes', '3h')
  return {
    ...mean,
    name: `${entity}DelayTrend`,
    uses: usesOf[entity],
    about: `Mean departure delay of ${whoOf[entity]} in the last hour minus that in the last 3 hours.`,
    value: ({ sums }) => {
      const [last, longer] = [sums[departed1] as number, sums[departed3] as number]
      if (last === 0 || longer === 0) return null
      return whole(meansPerUnit * ((sums[delay1] as number) / last - (sums[delay3] as number) / longer))
    },
  }
}

function overdueOf(entity: EntityName): NumericDefinition[] {
  const who = `${whoOf[entity]} that should have left by now and were neither seen leaving nor cancelled`
  return [
    {
      ...count,
      name: `${entity}Overdue`,
      uses: usesOf[entity],
      about: `Number of ${who}.`,
      value: read(levelPlaceOf(entity, 'overdue')),
    },
    {
      ...frames,
      resolution: 10,
      unit: 'minutes',
      name: `${entity}OverdueMinutes`,
      uses: usesOf[entity],
      about: `Minutes since their planned departure, summed over ${who}.`,
      value: read(levelPlaceOf(entity, 'overdueSlots')),
    },
  ]
}

/** A queue that grows says that less can leave than was planned. */
function overdueTrendOf(entity: 'all' | 'origin' | 'carrier'): NumericDefinition {
  const now = levelPlaceOf(entity, 'overdue')
  return {
    ...count,
    name: `${entity}OverdueTrend`,
    uses: usesOf[entity],
    about: `Number of ${whoOf[entity]} that should have left by now and have not, minus what it was 3 hours before.`,
    value: ({ sums, overdueBefore }) => (sums[now] as number) - overdueBefore[entity],
  }
}

const departureHour: OwnField[] = [
  'FlightScheduled.origin',
  'FlightScheduled.scheduledDepartureAt',
  'FlightRescheduled.scheduledDepartureAt',
]
const arrivalHour: OwnField[] = [
  'FlightScheduled.destination',
  'FlightScheduled.scheduledArrivalAt',
  'FlightRescheduled.scheduledArrivalAt',
]

/** Hours are those of UTC, so also of every clock that is whole hours off. */
const traffic: readonly NumericDefinition[] = [
  {
    ...count,
    name: 'allHourPlanned',
    uses: departureHour.slice(1),
    about: 'Departures planned anywhere in the hour of the departure.',
    value: known => known.hourAll?.planned ?? 0,
  },
  {
    ...count,
    name: 'originHourPlanned',
    uses: departureHour,
    about: 'Departures planned at the origin in the hour of the departure.',
    value: known => known.hourOrigin?.planned ?? 0,
  },
  {
    ...count,
    name: 'originHourClosed',
    uses: departureHour,
    about: 'Of the departures planned at the origin in the hour of the departure, those cancelled or already gone.',
    value: ({ hourOrigin }) => (hourOrigin === null ? 0 : hourOrigin.planned - hourOrigin.open),
  },
  {
    ...count,
    name: 'originCarrierHourPlanned',
    uses: [...departureHour, 'FlightScheduled.carrier'],
    about: "The carrier's departures planned at the origin in the hour of the departure.",
    value: known => known.hourOriginCarrier?.planned ?? 0,
  },
  {
    ...count,
    name: 'destinationHourPlanned',
    uses: arrivalHour,
    about: 'Arrivals planned at the destination in the hour of the arrival.',
    value: known => known.hourDestination?.planned ?? 0,
  },
]

/** Those whose departures are told apart; a region is for what happens on the way. */
const byPlan = entityNames.filter(entity => entity !== 'region')

export const airFeatures: readonly FeatureDefinition[] = [
  ...traffic,
  ...byPlan.flatMap(entity => [
    ...departuresOver(entity, '1h'),
    ...departuresOver(entity, '3h'),
    ...departuresOver(entity, 'Today'),
    cancelledOver(entity, '3h'),
    cancelledOver(entity, '24h'),
  ]),
  ...(['all', 'origin', 'destination', 'carrier'] as const).flatMap(entity => arrivalsOver(entity, '3h')),
  ...(['all', 'origin', 'destination', 'carrier', 'originCarrier'] as const).flatMap(overdueOf),
  ...(['origin', 'destination', 'carrier'] as const).map(trendOf),
  ...(['all', 'origin', 'carrier'] as const).map(overdueTrendOf),
  ...(['3h', 'Today', '24h'] as const).map(span => enRouteOver('region', span)),
  ...(['all', 'destination'] as const).flatMap(entity => [enRouteOver(entity, '3h'), enRouteOver(entity, '24h')]),
]
