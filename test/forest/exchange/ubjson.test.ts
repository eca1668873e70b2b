import { describe, expect, test } from 'vitest'
import { ubjsonIn } from '../../../src/forest/exchange/ubjson.ts'

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))))

describe('UBJSON', () => {
  test('holds values of every type', () => {
    expect(ubjsonIn(bytes('{i', [1], 'ai', [0xff], 'i', [1], 'bTi', [1], 'cZi', [1], 'dSU', [2], 'hi}'))).toEqual({
      a: -1,
      b: true,
      c: null,
      d: 'hi',
    })
    expect(
      ubjsonIn(bytes('[I', [1, 2], 'l', [0, 1, 0, 0], 'L', [0, 0, 0, 1, 0, 0, 0, 0], 'd', [0x3f, 0xc0, 0, 0], ']')),
    ).toEqual([258, 65536, 2 ** 32, 1.5])
  })

  test('passes over no-ops, however many', () => {
    expect(ubjsonIn(bytes('[', 'N'.repeat(1_000_000), 'i', [1], ']'))).toEqual([1])
  })

  test('announces the type and number of items once', () => {
    expect(ubjsonIn(bytes('[$i#i', [3], [1, 2, 3]))).toEqual([1, 2, 3])
    expect(ubjsonIn(bytes('[#i', [2], 'i', [1], 'U', [200]))).toEqual([1, 200])
  })

  test.each([
    ['a text that is cut', bytes('SU', [9], 'abc')],
    ['a length above the bytes there are', bytes('[$i#l', [0x7f, 0xff, 0xff, 0xff], [1])],
    ['a length below 0', bytes('Si', [0xff])],
    ['an unknown marker', bytes('q')],
    ['items without bytes', bytes('[$Z#i', [9])],
    ['something behind the end', bytes('i', [1], 'i')],
    ['lists in lists without end', bytes('['.repeat(1000))],
    ['nothing', bytes()],
    ['no-ops up to the end', bytes('{', 'N'.repeat(1_000_000))],
  ])('with %s is refused', (_, broken) => {
    expect(() => ubjsonIn(broken)).toThrow(expect.objectContaining({ code: 'MODEL_CORRUPT' }))
  })
})
