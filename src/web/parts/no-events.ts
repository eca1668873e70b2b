import type { Status } from '../wire.ts'
import type { Lack } from './panel.tsx'

const event =
  '{"type":"FlightScheduled","flightId":"UA-1545-EWR-IAH-2013-02-01T10:15Z","at":"2013-01-30T10:15Z","revision":0,' +
  '"carrier":"UA","flightNumber":1545,"origin":"EWR","destination":"IAH","scheduledDepartureAt":"2013-02-01T10:15Z",' +
  '"scheduledArrivalAt":"2013-02-01T13:19Z","distanceMiles":1400}'

/** What would fill a panel that has never seen an event; null once there were some. */
export function noEvents(status: Status | null): Lack | null {
  if (status === null || status.totals.events > 0) return null
  return {
    what: 'No events yet. Run `slipstream replay`, or publish one:',
    command: `curl ${location.origin}/v1/events -H 'content-type: application/json' -d '${event}'`,
  }
}
