import { expect, test } from 'vitest'
import { aboveAll, lanesMax, walkModule } from '../../src/forest/walk-code.ts'

test('the code is a valid module with one function for each depth', () => {
  for (const lanes of [1, 2, lanesMax]) {
    const code = walkModule([0, 3, 8], lanes)
    expect(WebAssembly.validate(code)).toBe(true)
    const module = new WebAssembly.Module(code)
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(['walk0', 'walk3', 'walk8'])
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
  }
})

test('a walk adds what the places of a memory say, and stays at a leaf that it reaches early', () => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const view = new DataView(memory.buffer)
  const code = new WebAssembly.Module(walkModule([1, 3]))
  const { walk1, walk3 } = new WebAssembly.Instance(code, { env: { memory } }).exports
  // the second integer of the row is asked for; roots from 64 on, places from 256 on, values 1024 bytes behind them
  view.setInt32(0, aboveAll, true)
  view.setInt32(4, 50, true)
  for (let tree = 0; tree < 11; tree++) {
    const at = 256 + 24 * tree
    view.setInt32(64 + 4 * tree, at, true)
    view.setInt32(at, 10 * tree, true)
    view.setUint16(at + 4, 4, true)
    view.setUint16(at + 6, 8, true)
    for (const leaf of [8, 16]) view.setInt32(at + leaf, aboveAll, true)
    view.setFloat64(at + 8 + 1024, 1, true)
    view.setFloat64(at + 16 + 1024, 1000, true)
  }
  for (const walk of [walk1, walk3] as ((from: number, end: number, leaves: number, sum: number) => number)[]) {
    // thresholds 0 to 40 are below 50, 50 to 100 are not
    expect(walk(64, 64 + 4 * 11, 1024, 0.5)).toBe(0.5 + 5 * 1000 + 6)
    expect(walk(64, 64, 1024, 0.5)).toBe(0.5)
  }
})
