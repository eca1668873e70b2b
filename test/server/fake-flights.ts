// Invented flights out of New York, a day at a time.

const minuteMs = 60_000
const hourMs = 60 * minuteMs

export type FakeFlight = {
  readonly id: string
  readonly carrier: string
  readonly flightNumber: number
  readonly origin: string
  readonly destination: string
  readonly scheduledDepartureAt: number
  readonly scheduledArrivalAt: number
  readonly probability: number
  readonly cancelledAt: number | null
  readonly arrivalDelayMinutes: number
  readonly arrivesAt: number
  /** Its prediction has been made. */
  isSaid: boolean
  /** Its end is known. */
  isGraded: boolean
}

const origins = ['EWR', 'JFK', 'LGA'] as const

const carriers: Record<(typeof origins)[number], readonly string[]> = {
  EWR: ['UA', 'UA', 'UA', 'EV', 'EV', 'B6', 'AA', 'US'],
  JFK: ['B6', 'B6', 'B6', 'DL', 'DL', '9E', 'AA', 'VX'],
  LGA: ['DL', 'DL', 'MQ', 'AA', 'US', 'WN', '9E', 'FL'],
}

/** Block minutes by destination; the busiest stand more than once. */
const blockMinutes = Object.entries({
  ATL: 150, ORD: 155, LAX: 360, BOS: 70, MCO: 165, CLT: 115, SFO: 375, FLL: 185, MIA: 190, DCA: 75,
  DTW: 120, DFW: 235, RDU: 95, TPA: 180, DEN: 265, IAH: 245, MSP: 190, PBI: 180, BNA: 150, LAS: 345,
  SJU: 230, IAD: 75, BUF: 80, PHX: 330, CLE: 100, STL: 165, MDW: 150, SEA: 365, CVG: 125, MSY: 205,
  RSW: 190, CMH: 105, PIT: 85, SLC: 310, HNL: 640, BQN: 225, STT: 235, ROC: 75, SYR: 70, PWM: 75,
}) // biome-ignore format: a table

const mostFlown = 12

export type DayOptions = {
  readonly seed: number
  /** Midnight in New York. */
  readonly at: number
}

/** About 880 flights between 5:30 and 22:30. */
export function dayOf({ seed, at }: DayOptions): FakeFlight[] {
  const random = randomOf(seed * 1_000_003 + Math.floor(at / (24 * hourMs)))
  return Array.from({ length: 880 }, () => flightOf(random, at))
}

function flightOf(random: () => number, dayAt: number): FakeFlight {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  const origin = pick(origins)
  const carrier = pick(carriers[origin])
  const [destination, minutes] = random() < 0.6 ? pick(blockMinutes.slice(0, mostFlown)) : pick(blockMinutes)
  const flightNumber = 1 + Math.floor(random() * 4_500)
  const scheduledDepartureAt = dayAt + (330 + Math.floor((random() * 1_020) / 5) * 5) * minuteMs
  const scheduledArrivalAt = scheduledDepartureAt + minutes * minuteMs
  const hour = (scheduledDepartureAt - dayAt) / hourMs
  const storm = stormAt(scheduledDepartureAt)
  const truth = Math.min(0.95, 0.1 + 0.012 * Math.max(0, hour - 6) + 0.6 * storm + (carrier === 'EV' ? 0.08 : 0))
  const probability = clamp(truth + (random() - 0.5) * 0.24)
  const isLate = random() < truth
  const arrivalDelayMinutes = isLate ? 15 + Math.floor(random() ** 2 * 150) : Math.floor(random() * 40) - 26
  const isCancelled = random() < 0.02 + 0.62 * Math.max(0, storm - 0.3)
  const plan = { carrier, flightNumber, origin, destination, scheduledDepartureAt }
  return {
    id: flightIdOf(plan),
    ...plan,
    scheduledArrivalAt,
    probability,
    cancelledAt: isCancelled ? scheduledDepartureAt - Math.floor(random() * 8 * hourMs) : null,
    arrivalDelayMinutes,
    arrivesAt: scheduledArrivalAt + arrivalDelayMinutes * minuteMs,
    isSaid: false,
    isGraded: false,
  }
}

/** 0..1: the blizzard of 8 and 9 February 2013, worst in the night between. */
function stormAt(at: number): number {
  const worst = Date.UTC(2013, 1, 9, 3)
  return Math.exp(-(((at - worst) / (13 * hourMs)) ** 2))
}

const clamp = (probability: number) => Math.round(Math.min(0.97, Math.max(0.02, probability)) * 10_000) / 10_000

export function flightIdOf(plan: {
  carrier: string
  flightNumber: number
  origin: string
  destination: string
  scheduledDepartureAt: number
}): string {
  const at = new Date(plan.scheduledDepartureAt).toISOString().replace(':00.000Z', 'Z')
  return `${plan.carrier}-${plan.flightNumber}-${plan.origin}-${plan.destination}-${at}`
}

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
