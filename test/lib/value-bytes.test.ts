import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ValueReader, ValueWriter } from '../../src/lib/value-bytes.ts'

function bytesOf(...values: readonly unknown[]): Uint8Array {
  const writer = new ValueWriter()
  for (const value of values) writer.write(value)
  return writer.bytes()
}

function valuesIn(bytes: Uint8Array): unknown[] {
  const reader = new ValueReader(bytes)
  const values: unknown[] = []
  while (!reader.isAtEnd) values.push(reader.read())
  return values
}

const numbers = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
  fc.integer({ min: -(2 ** 32), max: 2 ** 32 }).map(minutes => minutes * 60_000),
  fc.maxSafeInteger(),
  fc.double(),
)
const texts = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc.string({ unit: fc.nat(0xffff).map(code => String.fromCharCode(code)), maxLength: 100 }),
  fc.constant('__proto__'),
)
const { value: anyValue } = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    numbers,
    texts,
    fc.array(tie('value'), { maxLength: 40 }),
    fc.dictionary(texts, tie('value'), { maxKeys: 8, noNullPrototype: true }),
  ),
}))

describe('values as bytes', () => {
  test('any value of JSON comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 5 }), values => {
        expect(valuesIn(bytesOf(...values))).toStrictEqual(values)
      }),
      { numRuns: 300 },
    )
  })

  test('a list and a text of any length come back as they were', () => {
    for (const length of [0, 31, 32, 63, 64, 5000]) {
      const values = [
        Array.from({ length }, (_, i) => i),
        'x'.repeat(length),
        'ÿ'.repeat(length),
        '\ud800'.repeat(length),
      ]
      expect(valuesIn(bytesOf(...values))).toEqual(values)
    }
  })

  test.each([-0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, -(2 ** 31), 60_000 * 2 ** 31, 60_000.5, 5e-324])(
    '%d comes back as it was',
    number => {
      expect(Object.is(valuesIn(bytesOf(number))[0], number)).toBe(true)
    },
  )

  test('undefined is left out of an object and null in a list, as in JSON', () => {
    expect(valuesIn(bytesOf({ a: undefined, b: 1 }, [undefined]))).toStrictEqual([{ b: 1 }, [null]])
  })

  test('a whole minute takes 5 bytes, a carrier 3, a small number 1', () => {
    expect([1_359_954_000_000, 'UA', 127].map(value => bytesOf(value).length)).toEqual([5, 3, 1])
  })

  test('an instance of a class is refused, for what it keeps to itself would be lost', () => {
    class Window {
      readonly #sum = 5
      get sum() {
        return this.#sum
      }
    }
    const writer = new ValueWriter()
    expect(() => writer.write({ open: new Window() })).toThrow(TypeError)
    expect(() => writer.write(new Map([[1, 2]]))).toThrow(TypeError)
    expect(() => writer.write(Object.assign(Object.create(null), { a: 1 }))).not.toThrow()
  })

  test('what is no value of JSON is refused', () => {
    for (const value of [1n, () => 1, Symbol('x')]) expect(() => bytesOf(value)).toThrow(TypeError)
  })

  test('a writer that was cut goes on from there, and what it gave stays as it was', () => {
    const writer = new ValueWriter()
    writer.write('one')
    const { length } = writer
    writer.write('two')
    const both = writer.bytes()
    writer.cut(length)
    writer.write('three')
    expect([valuesIn(both), valuesIn(writer.bytes())]).toEqual([
      ['one', 'two'],
      ['one', 'three'],
    ])
  })

  test('what is passed over is what would have been read', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (passed, behind) => {
        const writer = new ValueWriter()
        writer.write(passed)
        const from = writer.length
        writer.write(behind)
        const reader = new ValueReader(writer.bytes())
        expect(reader.passOver()).toBe(passed === null)
        expect(reader.at).toBe(from)
        expect(reader.read()).toEqual(new ValueReader(writer.bytes(), from).read())
      }),
    )
  })

  test('what is written with its size is read as it was, and is passed over without a look at it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const [plain, sized] = [new ValueWriter(), new ValueWriter()]
        plain.write(value)
        sized.writeSized(value)
        sized.write('behind')
        expect(new ValueReader(sized.bytes()).read()).toEqual(new ValueReader(plain.bytes()).read())
        const reader = new ValueReader(sized.bytes())
        expect(reader.passOver()).toBe(value === null)
        expect(reader.read()).toBe('behind')
      }),
    )
    const list = new ValueWriter()
    list.writeSized(['a', 'b'])
    const bytes = list.bytes()
    // no value begins with this byte, and nobody looks
    bytes[6] = 255
    expect(new ValueReader(bytes).passOver()).toBe(false)
    expect(() => new ValueReader(bytes).read()).toThrow(RangeError)
  })

  test('a size that is not the one of the value is a RangeError', () => {
    const writer = new ValueWriter()
    writer.writeSized([1, 2])
    writer.write(3)
    for (const wrong of [0, 1, 4]) {
      const bytes = writer.bytes()
      bytes[1] = wrong
      expect(() => new ValueReader(bytes).read()).toThrow(RangeError)
    }
  })

  test('any bytes are passed over exactly when they are read', () => {
    const lastByte = (act: (reader: ValueReader) => unknown, bytes: Uint8Array): number | string => {
      const reader = new ValueReader(bytes)
      try {
        act(reader)
        return reader.at
      } catch (error) {
        return (error as Error).name
      }
    }
    // a key of an object that is no text is seen only by who reads it
    const noObject = fc.uint8Array({ max: 232, maxLength: 60 })
    fc.assert(
      fc.property(noObject, bytes => {
        expect(lastByte(reader => reader.passOver(), bytes)).toBe(lastByte(reader => reader.read(), bytes))
      }),
      { numRuns: 2000 },
    )
  })

  test('bytes cut short are a RangeError, wherever they are cut', () => {
    const bytes = bytesOf([1, 1e9, 0.5, 6e12, 'UA', 'x'.repeat(70), 'Ω', { a: [true, null] }, Array(40).fill(7)])
    for (let length = 0; length < bytes.length; length++) {
      expect(() => new ValueReader(bytes.subarray(0, length)).read()).toThrow(RangeError)
    }
  })

  test('any bytes are values or a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        expect(troubleOf(bytes)).toMatch(/^(none|RangeError)$/)
      }),
      { numRuns: 1000 },
    )
  })
})

function troubleOf(bytes: Uint8Array): string {
  try {
    valuesIn(bytes)
    return 'none'
  } catch (error) {
    return (error as Error).name
  }
}
