import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Table } from '../../src/runtime/table.ts'
import { Held, type HeldEvent, heldPacking } from '../../src/stages/held.ts'

const held = (change: Partial<HeldEvent> & { revision?: number; claimedAt?: number }): HeldEvent => {
  const { revision = 0, claimedAt = change.at ?? 0, ...rest } = change
  const event = { flightId: rest.id ?? 'A', at: claimedAt, revision }
  return {
    at: 0,
    rank: 0,
    id: 'A',
    hash: 'h',
    event,
    bytes: Buffer.from([1, 2]),
    offset: 7,
    headers: undefined,
    ...rest,
  }
}

const open = () => {
  const table = new Table<HeldEvent>('held', heldPacking)
  return { table, all: new Held(table) }
}

/** Writes, and opens again from what was written. */
function reopened({ table, all }: ReturnType<typeof open>, rows: Map<string, unknown>): ReturnType<typeof open> {
  all.write()
  table.flush((key, row) => (row === null ? rows.delete(key) : rows.set(key, JSON.parse(JSON.stringify(row)))))
  const next = new Table<HeldEvent>('held', heldPacking)
  for (const [key, row] of rows) next.restore(key, row)
  return { table: next, all: new Held(next) }
}

function takeAll(all: Held): HeldEvent[] {
  const taken: HeldEvent[] = []
  while (all.size > 0) taken.push(all.take())
  return taken
}

describe('held events', () => {
  test('leave by at, rank, id and hash', () => {
    const ordered = [
      held({ at: 1, rank: 7, id: 'Z', hash: 'z' }),
      held({ at: 2, rank: 0, id: 'B', hash: 'a' }),
      held({ at: 2, rank: 1, id: 'A', hash: 'a' }),
      held({ at: 2, rank: 1, id: 'B', hash: 'a' }),
      held({ at: 2, rank: 1, id: 'B', hash: 'b' }),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(ordered, { minLength: ordered.length }), events => {
        const { all } = open()
        for (const event of events) all.add(event)
        expect(all.firstAt).toBe(1)
        expect(takeAll(all)).toEqual(ordered)
        expect(all.firstAt).toBe(Number.POSITIVE_INFINITY)
      }),
    )
  })

  test('are recognised by id, rank and hash together', () => {
    const { all } = open()
    all.add(held({ id: 'A', rank: 1, hash: 'h' }))
    expect(all.has('A', 1, 'h')).toBe(true)
    expect([all.has('B', 1, 'h'), all.has('A', 2, 'h'), all.has('A', 1, 'g')]).toEqual([false, false, false])
    all.take()
    expect(all.has('A', 1, 'h')).toBe(false)
  })

  test('a better claim has a higher revision, or the same one and a lower hash', () => {
    const { all } = open()
    all.add(held({ at: 5, rank: 1, hash: 'm', revision: 1 }))
    const better = (change: Parameters<typeof held>[0]) =>
      all.hasBetterThan(held({ at: 5, rank: 1, revision: 1, ...change }))
    expect(better({ hash: 'z' })).toBe(true)
    expect(better({ hash: 'm' })).toBe(false)
    expect(better({ hash: 'a' })).toBe(false)
    expect(better({ hash: 'a', revision: 0 })).toBe(true)
    expect(better({ hash: 'z', revision: 2 })).toBe(false)
  })

  test('claims of another type, instant or flight are no rivals; what counts is the instant that was claimed', () => {
    const { all } = open()
    all.add(held({ at: 5, rank: 1, hash: 'a', claimedAt: 3 }))
    expect(all.hasBetterThan(held({ at: 9, rank: 1, hash: 'b', claimedAt: 3 }))).toBe(true)
    expect(all.hasBetterThan(held({ at: 5, rank: 1, hash: 'b', claimedAt: 5 }))).toBe(false)
    expect(all.hasBetterThan(held({ at: 5, rank: 2, hash: 'b', claimedAt: 3 }))).toBe(false)
    expect(all.hasBetterThan(held({ at: 5, rank: 1, hash: 'b', claimedAt: 3, id: 'B' }))).toBe(false)
  })

  test('one that comes and goes within a unit is never written', () => {
    const { table, all } = open()
    all.add(held({ at: 1, hash: 'a' }))
    all.add(held({ at: 2, hash: 'b' }))
    all.take()
    all.write()
    const written: string[] = []
    table.flush(key => written.push(key))
    expect(written).toEqual(['b 0 A'])
  })

  test('all that is held survives a restart, bytes and all', () => {
    const hashes = fc.uniqueArray(
      fc.record({
        at: fc.nat(9),
        rank: fc.nat(2),
        hash: fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1 }),
      }),
      {
        selector: ({ rank, hash }) => `${hash} ${rank}`,
      },
    )
    fc.assert(
      fc.property(hashes, fc.nat(5), (changes, takes) => {
        const rows = new Map<string, unknown>()
        const [whole, broken] = [open(), open()]
        let life = broken
        for (const change of changes) {
          whole.all.add(held(change))
          life.all.add(held(change))
          life = reopened(life, rows)
        }
        for (let n = 0; n < Math.min(takes, changes.length); n++) {
          expect(life.all.take()).toEqual(whole.all.take())
          life = reopened(life, rows)
        }
        expect(rows.size).toBe(life.all.size)
        expect(takeAll(life.all)).toEqual(takeAll(whole.all))
      }),
    )
  })
})
