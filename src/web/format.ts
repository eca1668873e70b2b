// Numbers and instants as the page writes them. Instants are shown in UTC or in an airport's own zone, always with the
// zone's name beside them.

import zones from './airport-zones.json' with { type: 'json' }

const zoneOf = new Map(Object.entries(zones).flatMap(([zone, codes]) => codes.split(' ').map(code => [code, zone])))

/** IANA zone of an airport; undefined when this page does not know it. */
export function airportZone(code: string | null): string | undefined {
  return code === null ? undefined : zoneOf.get(code)
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

export const count = (value: number): string => whole.format(value)

/** `12,345` in full, `1.2M` where a million or more. */
export const shortCount = (value: number): string => (value < 1_000_000 ? whole.format(value) : compact.format(value))

/** A share 0..1 as `42 %`; what is more than nothing is at least `<1 %`. */
export function percent(share: number | null): string {
  if (share === null) return 'n/a'
  if (share > 0 && share < 0.005) return '<1 %'
  return `${Math.round(share * 100)} %`
}

export const decimals = (value: number | null, digits: number): string =>
  value === null ? 'n/a' : value.toFixed(digits)

/** `+32 min`, `-4 min`, with a true minus. */
export function signedMinutes(minutes: number): string {
  const sign = minutes > 0 ? '+' : minutes < 0 ? '\u2212' : ''
  return `${sign}${count(Math.abs(minutes))} min`
}

export type InstantParts = { weekday: string; date: string; day: string; time: string; zone: string }

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      weekday: 'short',
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'short',
    })
    formats.set(zone, format)
  }
  return format
}

/** `zone` is an IANA name. `date` is `8 Feb 2013`, `day` is `8 Feb`, `time` is `14:20`. */
export function instantParts(at: number, zone = 'UTC'): InstantParts {
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
  for (const { type, value } of formatOf(zone).formatToParts(at)) parts[type] = value
  const day = `${parts.day} ${parts.month}`
  return {
    weekday: parts.weekday ?? '',
    day,
    date: `${day} ${parts.year}`,
    time: `${parts.hour}:${parts.minute}`,
    zone: parts.timeZoneName ?? zone,
  }
}

/** `2013-02-08` in UTC. */
export const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** Wall time of this browser, `12:03:07`. */
export const wallTime = (at: number): string => new Date(at).toLocaleTimeString('en-GB')

/** `8 s`, `4 min`, `3 h`, `2 d`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}
