import { expect, test } from 'vitest'
import { blockBytes, lanesMax, walkModule } from '../../src/forest/walk-code.ts'

test('the code is a valid module with one function for each depth', () => {
  for (const lanes of [1, 2, lanesMax]) {
    const code = walkModule([0, 3, 8], lanes)
    expect(WebAssembly.validate(code)).toBe(true)
    const module = new WebAssembly.Module(code)
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(['walk0', 'walk3', 'walk8'])
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
  }
})

test('walks adds what the blocks of a memory say', () => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const view = new DataView(memory.buffer)
  const { walk1 } = new WebAssembly.Instance(new WebAssembly.Module(walkModule([1])), { env: { memory } }).exports
  // a row of one integer at 0; trees from 64 on: x <= threshold goes to the first leaf
  expect(blockBytes(1)).toBe(32)
  for (let tree = 0; tree < 11; tree++) {
    const at = 64 + 32 * tree
    view.setInt32(at + 8, 10 * tree, true)
    view.setFloat64(at + 16, 1, true)
    view.setFloat64(at + 24, 1000, true)
  }
  const walk = walk1 as (tree: number, end: number, row: number, sum: number) => number
  view.setInt32(0, 50, true)
  // thresholds 0 to 40 are below 50, 50 to 100 are not
  expect(walk(64, 64 + 32 * 11, 0, 0.5)).toBe(0.5 + 5 * 1000 + 6)
  expect(walk(64, 64, 0, 0.5)).toBe(0.5)
})
