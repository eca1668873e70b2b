import { expect, test } from 'vitest'
import { columnBytes, groupColumns, histogramModule } from '../../src/forest/histogram-code.ts'
import { below, randomFrom } from '../../src/lib/random.ts'

test('the module is valid, with a memory of its own and with one that threads share', () => {
  expect(WebAssembly.validate(histogramModule())).toBe(true)
  expect(WebAssembly.validate(histogramModule(100))).toBe(true)
})

test('sums of 8 columns are those of plain loops, whatever the bytes', () => {
  const random = randomFrom(3)
  const memory = new WebAssembly.Memory({ initial: 4 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(histogramModule()), { env: { memory } })
  const count = 203
  const at = { rows: 40_000, gradients: 48_000, bytes: 56_000, gathered: 60_000 }
  const rows = new Int32Array(memory.buffer, at.rows, count).map((_, row) => 2 * row)
  const gradients = new Int32Array(memory.buffer, at.gradients, 2 * count).map(() => below(random, 2 ** 30) - 2 ** 29)
  const bytes = new Uint8Array(memory.buffer, at.bytes, 16 * count).map(() => below(random, 256))
  new Int32Array(memory.buffer, at.rows, count).set(rows)
  new Int32Array(memory.buffer, at.gradients, 2 * count).set(gradients)
  new Uint8Array(memory.buffer, at.bytes, 16 * count).set(bytes)
  const { gather, accumulate } = exports as Record<string, (...parameters: number[]) => void>
  gather?.(at.rows, at.rows + 4 * count, at.bytes, at.gathered)
  accumulate?.(at.gradients, at.gradients + 8 * count, at.gathered, 0)
  const expected = new Float64Array((groupColumns * columnBytes) / 8)
  for (const [index, row] of rows.entries()) {
    for (let column = 0; column < 8; column++) {
      const entry = 512 * column + 2 * (bytes[8 * row + column] as number)
      expected[entry] = (expected[entry] as number) + (gradients[2 * index] as number)
      expected[entry + 1] = (expected[entry + 1] as number) + (gradients[2 * index + 1] as number)
    }
  }
  expect(new Float64Array(memory.buffer, 0, expected.length)).toEqual(expected)
})
