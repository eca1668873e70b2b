import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { AirView } from '../../src/features/air-view.ts'
import type { Feature } from '../../src/features/define.ts'
import { featureRow, featureSetHash, featureSetHashOf, features } from '../../src/features/table.ts'
import { contextOf } from './world.ts'

const [first, second] = features as [Feature, Feature]

describe('the feature table', () => {
  test('has each name once', () => {
    expect(new Set(features.map(({ name }) => name)).size).toBe(features.length)
  })

  test('gives a row of one value per feature, in their order', () => {
    const row = featureRow(contextOf({ view: new AirView(), frameTo: null }))
    expect(row).toHaveLength(features.length)
    features.forEach(({ name, kind }, at) => {
      const value = row[at]
      const fits = value === null || (kind === 'numeric' ? Number.isInteger(value) : typeof value === 'string')
      expect([name, fits]).toEqual([name, true])
    })
  })
})

describe('its hash', () => {
  test('is SHA-256 of canonical JSON', () => {
    const table = [
      { ...first, kind: 'categorical', name: 'carrier' },
      { ...first, kind: 'numeric', name: 'seats', resolution: 0.1, unit: 'seats' },
    ] as Feature[]
    const text =
      '[{"kind":"categorical","name":"carrier"},{"kind":"numeric","name":"seats","resolution":0.1,"unit":"seats"}]'
    expect(featureSetHashOf(table)).toBe(createHash('sha256').update(text).digest('hex'))
    expect(featureSetHashOf(features)).toBe(featureSetHash)
  })

  test('changes with order, name, resolution and unit, and not with what is only said', () => {
    const numeric = { ...first, kind: 'numeric', name: 'a', resolution: 1, unit: 'minutes' } as Feature
    const hashes = [
      featureSetHashOf([first, second]),
      featureSetHashOf([second, first]),
      featureSetHashOf([first]),
      featureSetHashOf([numeric]),
      featureSetHashOf([{ ...numeric, name: 'b' }]),
      featureSetHashOf([{ ...numeric, resolution: 5 } as Feature]),
      featureSetHashOf([{ ...numeric, unit: 'hours' } as Feature]),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(featureSetHashOf([{ ...first, about: 'another sentence', mayAlert: !first.mayAlert }])).toBe(
      featureSetHashOf([first]),
    )
  })
})
