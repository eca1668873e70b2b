import { expect, test } from 'vitest'
import { shapFunctions } from '../../src/forest/shap-code.ts'
import { gaussLegendre } from '../../src/lib/gauss-legendre.ts'
import { moduleOf } from '../../src/lib/wasm-code.ts'

test('the module is valid, with two functions for each number of points', () => {
  const bytes = moduleOf(shapFunctions([2, 4, 6].map(gaussLegendre)))
  expect(WebAssembly.validate(bytes)).toBe(true)
  expect(WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name)).toEqual(
    [1, 2, 3].flatMap(pairs => [`visit${pairs}`, `follow${pairs}`]),
  )
})
