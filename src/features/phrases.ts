// Values of features in words that a traveller understands: "the aircraft's last leg left 38 minutes late". One phrase a
// feature, or a family of features; one that has none is told by what its definition says of it.

import type { Feature } from './define.ts'
import type { EntityName, SpanName } from './known.ts'

export type Value = number | string | null

/** Of the flight, as far as phrases name it. */
export type Named = { readonly carrier: string; readonly origin: string; readonly destination: string }

/** What the value speaks for: a flight that is late rather, or one that is not. */
export type Side = 'late' | 'punctual'

/** `unit` is the value in the unit of the feature, such as 12.3 minutes. */
type Phrase = (unit: number, named: Named, side: Side) => string

/**
 * What the value of a feature says, as a clause without a full stop.
 * @param side as which a prediction takes it: 20 minutes may be much or little
 */
export function phraseOf(feature: Feature, value: Value, { side, ...named }: Named & { readonly side: Side }): string {
  const { name, about } = feature
  if (value === null) return `it is not known: ${lowered(about)}`
  if (typeof value === 'string') return (texts[name] ?? (text => `${lowered(about)}: ${text}`))(value)
  const unit = feature.kind === 'numeric' ? inUnit(value, feature.resolution) : value
  const phrase = phrases[name] ?? familyPhrase(name) ?? weatherPhrase(name)
  if (phrase) return phrase(unit, named, side)
  return `${lowered(about)}: ${number(unit)}${feature.kind === 'numeric' ? ` ${feature.unit}` : ''}`
}

/** Whether a feature has words of its own. */
export function hasPhrase({ name }: Feature): boolean {
  return name in texts || name in phrases || (familyPhrase(name) ?? weatherPhrase(name)) !== null
}

function lowered(about: string): string {
  const text = about.replace(/\.$/, '')
  return /^[A-Z][a-z']/.test(text) ? `${text.slice(0, 1).toLowerCase()}${text.slice(1)}` : text
}

/** 123 steps of 0.1 are 12.3, not 12.3000000001. */
function inUnit(steps: number, resolution: number): number {
  const perUnit = Math.round(1 / resolution)
  return perUnit > 1 ? steps / perUnit : steps * resolution
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 })
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count === 0 ? 'no' : number(count)} ${Math.abs(count) === 1 ? one : many}`
}

function minutesText(minutes: number): string {
  const whole = Math.round(Math.abs(minutes))
  return whole === 1 ? '1 minute' : `${number(whole)} minutes`
}

/** "38 minutes late", "5 minutes early", "on time". */
function late(minutes: number): string {
  if (Math.round(minutes) === 0) return 'on time'
  return `${minutesText(minutes)} ${minutes > 0 ? 'late' : 'early'}`
}

function share(part: number): string {
  return `${number(Math.round(part * 100))} %`
}

function clock(minutes: number): string {
  const text = (part: number) => String(part).padStart(2, '0')
  return `${text(Math.floor(minutes / 60) % 24)}:${text(Math.round(minutes) % 60)}`
}

const hoursText = (hour: number): string => `between ${clock(hour * 60)} and ${clock((hour + 1) * 60)}`

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const months = 'January February March April May June July August September October November December'.split(' ')

/** Of a year that is no leap year. */
function dateText(dayOfYear: number): string {
  const day = new Date(Date.UTC(2013, 0, dayOfYear))
  return `${day.getUTCDate()} ${months[day.getUTCMonth()]}`
}

const texts: Readonly<Record<string, (text: string) => string>> = {
  carrier: text => `it is a flight of ${text}`,
  origin: text => `it leaves from ${text}`,
  destination: text => `it goes to ${text}`,
}

const phrases: Readonly<Record<string, Phrase>> = {
  departureHour: hour => `it leaves ${hoursText(hour)}`,
  departureMinuteOfDay: minutes => `it leaves at ${clock(minutes)}`,
  weekday: day => `it leaves on a ${weekdays[day]}`,
  month: month => `it leaves in ${months[month - 1]}`,
  dayOfYear: day => `it leaves around ${dateText(day)}`,
  daysFromHoliday: days =>
    days === 0
      ? 'it leaves on a holiday'
      : `it leaves ${plural(Math.abs(days), 'day')} ${days < 0 ? 'before' : 'after'} a holiday`,
  arrivalHour: hour => `it lands ${hoursText(hour)}`,
  distanceMiles: miles => `it flies ${plural(miles, 'mile')}`,
  plannedBlockMinutes: minutes => `it is planned to take ${minutesText(minutes)}`,
  plannedSpeed: speed => `its plan is for ${number(speed)} miles an hour`,
  flightNumberHundreds: hundreds => `its number is in the ${number(hundreds * 100).replace(',', '')}s`,
  horizonMinutes: minutes => `it is ${minutesText(minutes)} before departure`,
  knownAheadMinutes: minutes => `it was scheduled ${minutesText(minutes)} ahead`,
  movedMinutes: minutes =>
    minutes === 0
      ? 'its departure has not been moved'
      : `its departure has been moved ${minutesText(minutes)} ${minutes > 0 ? 'back' : 'forward'}`,
  aircraftAgeYears: years => `the aircraft is ${plural(years, 'year')} old`,
  aircraftSeats: seats => `the aircraft has ${plural(seats, 'seat')}`,

  allHourPlanned: flights => `${plural(flights, 'departure is', 'departures are')} planned everywhere in its hour`,
  originHourPlanned: (flights, { origin }) =>
    `${plural(flights, 'departure is', 'departures are')} planned at ${origin} in its hour`,
  originHourClosed: (flights, { origin }) =>
    `${plural(flights, 'departure', 'departures')} of its hour at ${origin} ${flights === 1 ? 'is' : 'are'} gone or cancelled already`,
  originCarrierHourPlanned: (flights, { carrier, origin }) =>
    `${carrier} plans ${plural(flights, 'departure')} at ${origin} in its hour`,
  destinationHourPlanned: (flights, { destination }) =>
    `${plural(flights, 'arrival is', 'arrivals are')} planned at ${destination} in the hour of its landing`,

  numberRuns7d: times => `it landed ${plural(times, 'time')} in the last 7 days`,
  numberRuns28d: times => `it landed ${plural(times, 'time')} in the last 28 days`,
  numberDepartureDelay7d: minutes => `in the last 7 days it left ${late(minutes)} on average`,
  numberArrivalDelay7d: minutes => `in the last 7 days it landed ${late(minutes)} on average`,
  numberArrivalDelay28d: minutes => `in the last 28 days it landed ${late(minutes)} on average`,
  numberLateShare28d: part => `in the last 28 days it landed 15 minutes late or more ${share(part)} of the time`,
  numberLastArrivalDelay: minutes => `last time it landed ${late(minutes)}`,

  legDepartureDelay: minutes => `the aircraft's last leg left ${late(minutes)}`,
  legArrivalDelay: minutes => `the aircraft's last leg landed ${late(minutes)}`,
  legLanded: landed => `the aircraft's last leg has ${landed === 1 ? 'landed' : 'left and not landed yet'}`,
  legSilentMinutes: minutes => `the aircraft was last heard of ${minutesText(minutes)} ago`,
  slackMinutes: (minutes, _, side) => `the aircraft is expected ${slack(minutes, side)}`,
  returnSlackMinutes: (minutes, _, side) => `the aircraft can be back at best ${slack(minutes, side)}`,
}

/** With less time than this between its legs an aircraft is in a hurry. */
const calmMinutes = 60

/** Where a traveller would think the opposite of what the model has learnt, the sentence says so. */
function slack(minutes: number, side: Side): string {
  const isShort = minutes < calmMinutes
  const only = isShort && minutes > 0 && side === 'late' ? 'only ' : ''
  const when = minutes === 0 ? 'at' : `${only}${minutesText(minutes)} ${minutes < 0 ? 'after' : 'before'}`
  const isPlain = isShort === (side === 'late')
  return `${when} the planned departure${isPlain ? '' : `, which has gone with ${isShort ? 'fewer' : 'more'} delays`}`
}

const flightsOf: Readonly<Record<EntityName, (named: Named) => string>> = {
  all: () => 'flights anywhere',
  origin: ({ origin }) => `flights from ${origin}`,
  destination: ({ destination }) => `flights to ${destination}`,
  carrier: ({ carrier }) => `flights of ${carrier}`,
  originCarrier: ({ carrier, origin }) => `flights of ${carrier} from ${origin}`,
  route: ({ origin, destination }) => `flights from ${origin} to ${destination}`,
  region: ({ destination }) => `flights to the region of ${destination}`,
}

const whenOf: Readonly<Record<SpanName, string>> = {
  '1h': 'in the last hour',
  '3h': 'in the last 3 hours',
  '24h': 'in the last 24 hours',
  Today: 'today',
}

type Counted = { readonly who: string; readonly when: string }

const families: Readonly<Record<string, (unit: number, counted: Counted) => string>> = {
  Departures: (count, { who, when }) => `${count === 0 ? 'no' : number(count)} ${who} left ${when}`,
  DepartureDelay: (minutes, { who, when }) => `${who} left ${late(minutes)} on average ${when}`,
  LateShare: (part, { who, when }) => `${share(part)} of the ${who} left 15 minutes late or more ${when}`,
  Cancelled: (count, { who, when }) => `${count === 0 ? 'no' : number(count)} ${who} were cancelled ${when}`,
  ArrivalDelay: (minutes, { who, when }) => `${who} landed ${late(minutes)} on average ${when}`,
  ArrivedLateShare: (part, { who, when }) => `${share(part)} of the ${who} landed 15 minutes late or more ${when}`,
  EnRouteLoss: (minutes, { who, when }) =>
    Math.round(minutes) === 0
      ? `${who} kept to their planned time on the way ${when}`
      : `${who} ${minutes > 0 ? 'lost' : 'made up'} ${minutesText(minutes)} on the way on average ${when}`,
  OverdueMinutes: (minutes, { who }) => `${who} that should have left are ${minutesText(minutes)} overdue together`,
  Overdue: (count, { who }) => `${count === 0 ? 'no' : number(count)} ${who} should have left by now and have not`,
  OverdueTrend: (count, { who }) =>
    count === 0
      ? `as many ${who} are overdue as 3 hours ago`
      : `${number(Math.abs(count))} ${count > 0 ? 'more' : 'fewer'} ${who} are overdue than 3 hours ago`,
  DelayTrend: (minutes, { who }) =>
    `the delay of ${who} is ${minutes >= 0 ? 'growing' : 'shrinking'}: in the last hour ${minutesText(minutes)} ` +
    `${minutes >= 0 ? 'more' : 'less'} than in the last 3`,
}

const familyPattern = new RegExp(
  `^(${Object.keys(flightsOf).sort(byLength).join('|')})(${Object.keys(families).sort(byLength).join('|')})(1h|3h|24h|Today)?$`,
)

/** Longer ones first, so that `originCarrier` is not taken for `origin`. */
function byLength(a: string, b: string): number {
  return b.length - a.length
}

function familyPhrase(name: string): Phrase | null {
  const [, entity, family, span] = familyPattern.exec(name) ?? []
  const phrase = families[family ?? '']
  if (entity === undefined || phrase === undefined) return null
  const when = span === undefined ? '' : whenOf[span as SpanName]
  return (unit, named) => phrase(unit, { who: flightsOf[entity as EntityName](named), when })
}

type Weather = { readonly what: string; readonly unit: string }

const weather: Readonly<Record<string, Weather>> = {
  Temperature: { what: 'the temperature', unit: '°F' },
  DewPoint: { what: 'the dew point', unit: '°F' },
  Humidity: { what: 'the humidity', unit: ' %' },
  WindDirection: { what: 'the direction of the wind', unit: '°' },
  Wind: { what: 'the wind', unit: ' mph' },
  Gust: { what: 'the speed of gusts', unit: ' mph' },
  Precipitation: { what: 'rain or snow', unit: ' inches an hour' },
  Pressure: { what: 'the air pressure', unit: ' millibars' },
  Visibility: { what: 'the visibility', unit: ' miles' },
}

function weatherPhrase(name: string): Phrase | null {
  if (name === 'originWeatherAge')
    return (age, { origin }) => `the weather at ${origin} was observed ${minutesText(age)} ago`
  const [, place, element = '', change] = /^(origin|destination|area)([A-Z][A-Za-z]*?)(Change3h)?$/.exec(name) ?? []
  const about = weather[element]
  if (place === undefined || about === undefined) return null
  const { what, unit } = about
  return (value, named) => {
    const where = place === 'destination' ? named.destination : named.origin
    if (place === 'area') return `${what} near ${where} is ${number(value)}${unit} at worst`
    if (change === undefined) return `${what} at ${where} is ${number(value)}${unit}`
    if (value === 0) return `${what} at ${where} has not changed in 3 hours`
    return `${what} at ${where} has ${value > 0 ? 'risen' : 'fallen'} by ${number(Math.abs(value))}${unit} in 3 hours`
  }
}
