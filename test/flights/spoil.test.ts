import { describe, expect, test } from 'vitest'
import { checkEvent } from '../../src/flights/check.ts'
import { compareItems, type Item } from '../../src/flights/event-order.ts'
import { flightEvents, weatherEvent } from '../../src/flights/flight-events.ts'
import { type Doses, parseDoses, Spoiler, spoiled } from '../../src/flights/spoil.ts'
import { days, hours, minutes } from '../../src/lib/time.ts'
import { airports, cancelled, flightRow, nothingObserved } from './world.ts'

const none: Doses = parseDoses('')
const stream: Item[] = []
for (let day = 1; day <= 28; day++) {
  stream.push(weatherEvent({ station: 'EWR', observedAt: Date.UTC(2013, 1, day), reading: nothingObserved }))
  for (let i = 0; i < 60; i++) {
    const fate = i % 20 === 0 ? cancelled : i % 30 === 1 ? { arr_delay: '' } : {}
    const flight = flightRow({
      month: 2,
      day,
      flight: i + 1,
      sched_dep_time: 900 + (i % 60),
      sched_arr_time: 1304,
      ...fate,
    })
    stream.push(...flightEvents(flight, flight.scheduledDepartureAt - hours(5), undefined))
  }
}
stream.sort(compareItems)

const spoil = (doses: Partial<Doses>, seed = 7, items = stream): Item[] => [
  ...spoiled(items, { doses: { ...none, ...doses }, seed }),
]
const atOf = (item: Item): number => (item.value as { at: number }).at
const nameOf = (item: Item): string => `${item.name} ${item.key} ${atOf(item)}`
const original = new Map(stream.map(item => [nameOf(item), item]))

describe('doses', () => {
  test('are read by name', () => {
    expect(parseDoses(' late=0.01, garbage=1 ')).toEqual({ ...none, late: 0.01, garbage: 1 })
  })

  test.each(['lat=0.1', 'late=2', 'late=-1', 'late=', 'late', 'late=x', 'late=0.1=2', 'late=0.1,late=0.2'])(
    '%s is a usage failure that names the option',
    text => expect(() => parseDoses(text)).toThrow(expect.objectContaining({ code: 'USAGE', field: 'inject' })),
  )
})

describe('a spoiled stream', () => {
  const heavy = { late: 0.1, duplicate: 0.1, conflict: 0.1, future: 0.1, garbage: 0.1 }

  test('without doses is the stream', () => expect(spoil({})).toEqual(stream))

  test('is sorted, and the same for the same seed only', () => {
    const once = spoil(heavy)
    expect(once.map(({ deliveredAt }) => deliveredAt)).toEqual(
      once.map(({ deliveredAt }) => deliveredAt).sort((a, b) => a - b),
    )
    expect(spoil(heavy)).toEqual(once)
    expect(spoil(heavy, 8)).not.toEqual(once)
  })

  test('spoils an event the same way whatever else is in the stream', () => {
    const half = stream.filter(({ key }) => key.length % 2 === 0)
    const kept = new Set(half.map(({ key }) => key))
    expect(spoil(heavy, 7, half)).toEqual(spoil(heavy).filter(({ key }) => kept.has(key)))
  })

  test('comes out the same however far it is taken each time', () => {
    const spoiler = new Spoiler({ doses: { ...none, ...heavy }, seed: 7 })
    const taken: Item[] = []
    for (let i = 0; i < stream.length; i += 100) {
      const batch = stream.slice(i, i + 100)
      for (const item of batch) spoiler.add(item)
      taken.push(...spoiler.take(batch.at(-1)?.deliveredAt ?? 0))
    }
    taken.push(...spoiler.take(Number.POSITIVE_INFINITY))
    expect(taken).toEqual(spoil(heavy))
  })

  test('spoils about as many events as it was told to', () => {
    const tenth = stream.length / 10
    const extra = (kind: keyof Doses): number => spoil({ [kind]: 0.1 }).length - stream.length
    for (const kind of ['duplicate', 'conflict', 'future', 'garbage'] as const) {
      expect(Math.abs(extra(kind) - tenth)).toBeLessThan(tenth / 4)
    }
    const late = spoil({ late: 0.1 }).filter(item => item.deliveredAt !== atOf(item))
    expect(Math.abs(late.length - tenth)).toBeLessThan(tenth / 4)
  })
})

describe('each fault', () => {
  test('late: the same events, 11 to 300 minutes or 1 to 3 days after they were known', () => {
    const all = spoil({ late: 1 })
    expect(all.map(nameOf).sort()).toEqual(stream.map(nameOf).sort())
    const lags = all.map(item => item.deliveredAt - atOf(item))
    const long = lags.filter(lag => lag >= days(1))
    for (const lag of lags) {
      const inMinutes = lag >= minutes(11) && lag <= minutes(300)
      expect(inMinutes || (lag >= days(1) && lag <= days(3))).toBe(true)
    }
    expect(long.length / lags.length).toBeGreaterThan(0.15)
    expect(long.length / lags.length).toBeLessThan(0.25)
  })

  test('duplicate: the same content twice, within 240 minutes', () => {
    const all = spoil({ duplicate: 1 })
    expect(all).toHaveLength(stream.length * 2)
    for (const item of all) {
      expect(item.value).toEqual(original.get(nameOf(item))?.value)
      expect(item.deliveredAt - atOf(item)).toBeLessThanOrEqual(minutes(240))
    }
  })

  test('conflict: other content for the same flight, type and at, which could be true', () => {
    const all = spoil({ conflict: 1 })
    expect(all).toHaveLength(stream.length * 2)
    const others = all.filter(item => original.get(nameOf(item)) !== item)
    expect(others).toHaveLength(stream.length)
    const revisions = new Set<number>()
    for (const item of others) {
      const { revision, ...content } = item.value as { revision: number }
      expect(original.get(nameOf(item))?.value).not.toMatchObject(content)
      expect(item.deliveredAt - atOf(item)).toBeLessThanOrEqual(minutes(30))
      revisions.add(revision)
    }
    expect([...revisions].sort((a, b) => a - b)).toEqual([1, 2, 3])
    const newYork = [...airports.values()].slice(0, 1)
    const more = newYork.flatMap(place => ['PHL', 'BWI'].map(code => [code, { ...place, code }] as const))
    const places = new Map([...airports, ...more])
    const refused = others.filter(({ name, value }) => checkEvent(name ?? '', value, places) !== null)
    expect(refused).toEqual([])
  })

  test('future: a copy claims to be known 2 to 48 hours after its delivery', () => {
    const copies = spoil({ future: 1 }).filter(item => !original.has(nameOf(item)))
    expect(copies).toHaveLength(stream.length)
    for (const item of copies) {
      expect(atOf(item) - item.deliveredAt).toBeGreaterThanOrEqual(hours(2))
      expect(atOf(item) - item.deliveredAt).toBeLessThanOrEqual(hours(48))
    }
  })

  test('garbage: bytes without a name, under the key of an event', () => {
    const encode = (): Uint8Array => Uint8Array.from([0, 0, 0, 0, 1, 9, 9, 9, 9, 9])
    const all = [...spoiled(stream, { doses: { ...none, garbage: 1 }, seed: 7, encode })]
    const bytes = all.filter(({ name }) => name === null).map(({ value }) => value as Uint8Array)
    expect(bytes).toHaveLength(stream.length)
    const kinds = {
      cut: bytes.filter(b => b.length >= 5 && b.length < 10 && b[0] === 0 && b[4] === 1).length,
      unknown: bytes.filter(b => b.length === 40 && b[0] === 0 && b[1] === 0x7f).length,
      short: bytes.filter(b => b.length < 5).length,
      noise: bytes.filter(b => b.length >= 20 && b[0] !== 0).length,
    }
    for (const count of Object.values(kinds)) expect(count / bytes.length).toBeGreaterThan(0.2)
    expect(Object.values(kinds).reduce((a, b) => a + b)).toBe(bytes.length)
  })
})
