// Four kinds of test: `unit` (no network, no services), `contract` (every adapter against its port's promises),
// `simulation` (seeded runs of the whole pipeline with crashes), `system` (real processes, broker, browser).
// One kind at a time: `vitest run --project simulation`.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['test/property-seed.ts'],
          include: ['test/**/*.test.ts'],
          exclude: ['test/adapters/**', 'test/contracts/**', 'test/simulation/**', 'test/system/**'],
        },
      },
      {
        test: {
          name: 'contract',
          setupFiles: ['test/property-seed.ts'],
          include: ['test/adapters/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      { test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
