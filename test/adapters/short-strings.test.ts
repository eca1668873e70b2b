import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textOf } from '../../src/adapters/short-strings.ts'

const read = (bytes: Uint8Array): string => textOf(Buffer.from(bytes), 0, bytes.length)

test('is the UTF-8 text of the bytes, the first time and again', () => {
  const alike = fc.string({ unit: fc.constantFrom('a', 'b', 'é', 'Ã', '©', '✈', '\u0000'), maxLength: 6 })
  const any = fc.string({ unit: 'grapheme', maxLength: 60 })
  fc.assert(
    fc.property(fc.oneof(alike, any), text => {
      const bytes = new TextEncoder().encode(text)
      expect(read(bytes)).toBe(text)
      expect(read(bytes)).toBe(text)
    }),
    { numRuns: 2000 },
  )
})

test('tells texts apart whose characters are the bytes of the other', () => {
  // é is c3 a9, and so are the code points of Ã©
  const [short, long] = ['é', 'Ã©'].map(text => new TextEncoder().encode(text))
  for (let round = 0; round < 2; round++) {
    expect(read(short ?? new Uint8Array())).toBe('é')
    expect(read(long ?? new Uint8Array())).toBe('Ã©')
  }
})

test('tells them apart even when they share a hash', () => {
  // among 60,000 characters of three bytes some have their hash in common with the text of those three code points
  const mistaken: string[] = []
  for (let code = 0x0800; code <= 0xffff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const text = String.fromCharCode(code)
    const bytes = Buffer.from(text)
    const alike = String.fromCharCode(...bytes)
    if (read(Buffer.from(alike)) !== alike || read(bytes) !== text) mistaken.push(text)
  }
  expect(mistaken).toEqual([])
})

test('tells texts apart by their zero characters, whatever their length', () => {
  for (let round = 0; round < 2; round++) {
    for (let length = 1; length <= 50; length++) {
      for (const text of ['a'.repeat(length), `${'a'.repeat(length - 1)}\0`, `\0${'a'.repeat(length - 1)}`]) {
        expect(read(Buffer.from(text))).toBe(text)
      }
    }
  }
})

test('bytes that are no UTF-8 read as Buffer reads them', () => {
  for (let round = 0; round < 2; round++) {
    for (const bytes of [[0xff], [0x41, 0xc3], [0xe2, 0x9c], Array(16).fill(0xc3)]) {
      expect(read(Uint8Array.from(bytes))).toBe(Buffer.from(bytes).toString())
    }
  }
})

test('reads from the middle', () => {
  const bytes = Buffer.from('..EWR-IAH..')
  expect(textOf(bytes, 2, 5)).toBe('EWR')
  expect(textOf(bytes, 6, 9)).toBe('IAH')
  expect(textOf(bytes, 4, 4)).toBe('')
})
