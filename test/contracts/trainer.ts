// What every trainer promises (src/runtime/trainer.ts), on flights whose lateness can be learnt.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashOf, pack } from '../../src/forest/flat.ts'
import type { FeatureRow, FeatureValue, Model } from '../../src/forest/model.ts'
import { compile } from '../../src/forest/score.ts'
import { packColumn, rowsOf, type TrainingSet } from '../../src/forest/training-set.ts'
import { randomFrom } from '../../src/lib/random.ts'
import type { Trainer, TrainingProgress } from '../../src/runtime/trainer.ts'

export type OpenTrainer = {
  readonly trainer: Trainer<TrainingSet, Model>
  /** Of the algorithm: as small as it is quick. */
  readonly parameters: TrainingSet['parameters']
  readonly close: () => Promise<void>
}

const features = [
  { name: 'hour', kind: 'numeric', unit: 'h' },
  { name: 'delay', kind: 'numeric', resolution: 0.1, unit: 'min' },
  { name: 'carrier', kind: 'categorical' },
] as const

/** Late more often late in the day, after delays, and with B6; some delays and carriers are missing. */
export function flightSet(rows: number, changes: Partial<TrainingSet> = {}): TrainingSet {
  const random = randomFrom(1)
  const hours: FeatureValue[] = []
  const delays: FeatureValue[] = []
  const carriers: FeatureValue[] = []
  const labels = new Uint8Array(rows)
  for (let row = 0; row < rows; row++) {
    const hour = Math.floor(random() * 19) + 5
    const delay = random() < 0.2 ? null : Math.floor(random() * 900 - 100)
    const carrier = random() < 0.1 ? null : (['UA', 'UA', 'B6', 'AA'][Math.floor(random() * 4)] ?? null)
    hours.push(hour)
    delays.push(delay)
    carriers.push(carrier)
    labels[row] = random() < 0.02 * (hour - 5) + (delay ?? 0) / 2000 + (carrier === 'B6' ? 0.2 : 0) ? 1 : 0
  }
  return {
    features,
    columns: [packColumn('numeric', hours), packColumn('numeric', delays), packColumn('categorical', carriers)],
    labels,
    heldOutFrom: Math.floor(rows * 0.75),
    seed: 7,
    parameters: {},
    horizonsMinutes: [120, 30],
    origin: { from: 1, to: 2, cut: 3, featuresHash: 'f', why: 'A test.' },
    parent: 'v0',
    ...changes,
  }
}

export function describeTrainer(name: string, open: () => OpenTrainer): void {
  describe(name, () => {
    let opened: OpenTrainer
    beforeEach(() => {
      opened = open()
    })
    afterEach(() => opened.close())
    const setOf = (changes: Partial<TrainingSet> = {}) => flightSet(800, { parameters: opened.parameters, ...changes })
    const train = (changes: Partial<TrainingSet> = {}) => opened.trainer.train(setOf(changes))
    const graded = async (changes: Partial<TrainingSet> = {}): Promise<Model> => {
      const told: Model[] = []
      await opened.trainer.train(setOf(changes), { onGraded: model => told.push(model) })
      expect(told.length).toBe(1)
      return told[0] as Model
    }

    test('the same set gives the same bytes, another seed others', async () => {
      const [one, again, other] = [await train(), await train(), await train({ seed: 8 })]
      expect(hashOf(pack(again))).toBe(hashOf(pack(one)))
      expect(hashOf(pack(other))).not.toBe(hashOf(pack(one)))
    })

    test('says what it was given, and how far it is, up to the end', async () => {
      const told: TrainingProgress[] = []
      const model = await opened.trainer.train(setOf(), { onProgress: progress => told.push(progress) })
      expect(model).toMatchObject({ horizonsMinutes: [120, 30], parent: 'v0' })
      expect(model.trainedOn).toMatchObject({
        from: 1,
        to: 2,
        cut: 3,
        featuresHash: 'f',
        why: 'A test.',
        seed: 7,
      })
      expect((await graded()).trainedOn).toEqual({ ...model.trainedOn, rows: 600 })
      expect(model.trainedOn.parameters).toMatchObject(opened.parameters)
      expect(model.features.map(({ name: feature, kind }) => [feature, kind])).toEqual(
        features.map(({ name: feature, kind }) => [feature, kind]),
      )
      expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b))
      expect(told.at(-1)?.done).toBe(told.at(-1)?.of)
    })

    test('learns what the rows say, from those that are not held out', async () => {
      const scorer = compile(await train())
      const risk = (row: FeatureRow) => scorer.predict(row).raw
      expect(risk([22, 700, 'B6'])).toBeGreaterThan(risk([6, 0, 'UA']) + 0.1)
      // turned labels of what is held out are for the calibration to see, not for the trees
      const set = setOf()
      const turned = set.labels.map((label, row) => (row < set.heldOutFrom ? label : 1 - label))
      const { trees } = await graded({ labels: turned })
      expect(trees).toEqual((await graded()).trees)
    })

    test('is calibrated on what is held out, and certain of nothing', async () => {
      const set = setOf()
      const model = await train()
      const { predict } = compile(model)
      const rows = rowsOf(set, set.heldOutFrom, set.labels.length)
      const mean = rows.reduce((sum, row) => sum + predict(row).probability, 0) / rows.length / 10_000
      const late = set.labels.subarray(set.heldOutFrom).reduce((sum, label) => sum + label, 0) / rows.length
      expect(Math.abs(mean - late)).toBeLessThan(0.02)
      expect(model.interval).not.toBeNull()
      const { calibration, interval, threshold } = await graded()
      expect({ ...model, calibration, interval, threshold }).toEqual(model)
      const extremes = [model.calibration?.probability[0], model.calibration?.probability.at(-1)]
      expect(extremes[0]).toBeGreaterThan(0)
      expect(extremes[1]).toBeLessThan(1)
    })

    test('leaves the set as it was', async () => {
      const set = setOf()
      const before = structuredClone(set)
      await opened.trainer.train(set)
      expect(set).toEqual(before)
    })

    test('leaves the event loop free', async () => {
      let turns = 0
      const turning = setInterval(() => turns++, 1)
      await train()
      clearInterval(turning)
      expect(turns).toBeGreaterThan(5)
    })

    test('ends when it is told to, before and while it works', async () => {
      const reason = new Error('enough')
      await expect(opened.trainer.train(setOf(), { signal: AbortSignal.abort(reason) })).rejects.toThrow('enough')
      const stop = new AbortController()
      const told: TrainingProgress[] = []
      const training = opened.trainer.train(setOf(), {
        signal: stop.signal,
        onProgress(progress) {
          told.push(progress)
          stop.abort(reason)
        },
      })
      await expect(training).rejects.toThrow('enough')
      expect(told.length).toBe(1)
    })
  })
}
