import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hours } from '../../src/lib/time.ts'
import { Endings } from '../../src/stages/endings.ts'

test('an id is named once its hour is over, not before, and only once', () => {
  const endings = new Endings()
  endings.add(hours(5), 'A')
  endings.add(hours(6) - 1, 'B')
  endings.add(hours(6), 'C')
  expect(endings.take(hours(6) - 1)).toEqual([])
  expect(endings.take(hours(6))).toEqual(['A', 'B'])
  expect(endings.take(hours(6))).toEqual([])
  expect(endings.take(hours(7))).toEqual(['C'])
})

test('an hour that is over already is named with the next', () => {
  const endings = new Endings()
  endings.add(hours(9), 'later')
  endings.take(hours(8))
  endings.add(hours(2), 'early')
  expect(endings.take(hours(8))).toEqual(['early'])
  expect(endings.take(hours(10))).toEqual(['later'])
})

test('whatever is added is named in the take that first lies an hour behind it, and in no other', () => {
  const add = fc.record({ add: fc.integer({ min: 0, max: 50 * 60 }) })
  const take = fc.record({ take: fc.integer({ min: 0, max: 60 }) })
  fc.assert(
    fc.property(fc.array(fc.oneof(add, take), { maxLength: 60 }), steps => {
      const endings = new Endings()
      let waiting: { id: string; at: number }[] = []
      let before = 0
      steps.forEach((step, n) => {
        if ('add' in step) {
          const at = step.add * 60_000
          waiting.push({ id: String(n), at })
          endings.add(at, String(n))
          return
        }
        before += hours(step.take) / 10
        const due = waiting.filter(({ at }) => Math.floor(at / hours(1)) * hours(1) + hours(1) <= before)
        waiting = waiting.filter(each => !due.includes(each))
        expect(endings.take(before).sort()).toEqual(due.map(({ id }) => id).sort())
      })
    }),
  )
})
