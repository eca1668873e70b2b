import { expect, test } from 'vitest'
import { scanFunctions } from '../../src/forest/split-code.ts'
import { moduleOf } from '../../src/lib/wasm-code.ts'

test('the module is valid, with both ways to search', () => {
  const bytes = moduleOf(scanFunctions())
  expect(WebAssembly.validate(bytes)).toBe(true)
  expect(WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name)).toEqual([
    'scan',
    'scanBounded',
  ])
})
