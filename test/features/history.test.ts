import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { History } from '../../src/features/history.ts'

describe('History', () => {
  it('gives the value that the last push at or before an index set', () => {
    const push = fc.record({ step: fc.nat(3), value: fc.integer() })
    fc.assert(
      fc.property(fc.array(push), fc.nat(10), (pushes, behind) => {
        const history = new History<number>()
        const plain: { index: number; value: number }[] = []
        let index = 0
        for (const { step, value } of pushes) {
          index += step
          history.push(index, value, index - behind)
          plain.push({ index, value })
        }
        for (let at = index - behind; at <= index + 1; at++) {
          expect(history.at(at)).toBe(plain.findLast(known => known.index <= at)?.value)
        }
        expect(history.newest).toBe(plain.at(-1)?.value)
      }),
    )
  })

  it('drops what nobody can ask for any more', () => {
    const history = new History<string>()
    history.push(1, 'a', 0)
    history.push(2, 'b', 2)
    expect([history.at(1), history.at(2)]).toEqual([undefined, 'b'])
  })
})
