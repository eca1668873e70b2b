// Kinds of test: `unit` (no network, no services), `contract` (every adapter against its port's promises),
// `simulation` (seeded runs of the whole pipeline with crashes), `pages` (a real browser on a program that the test moves),
// `system` (real processes, browser), `stack` (brokers, and what runs on them), `stores` (the schema registry and the S3 server).
// One kind at a time: `vitest run --project simulation`.

import { defineConfig } from 'vitest/config'

/** Tests of adapters that need a broker. */
const onBrokers = ['test/adapters/log-kafka.test.ts']
/** Tests of adapters that need a schema registry or an S3 server. */
const onServers = ['test/adapters/schemas-registry.test.ts', 'test/adapters/blobs-s3.test.ts']

/** Tests of a page over the doors and a fake program. */
const ofPages = ['test/system/*-page.test.ts']

/** Those that compute run first, side by side, one file a processor; by default one processor would be left idle. */
const sideBySide = { maxWorkers: '100%' }

/** Then those that start processes and wait for them. Their limits of time end what hangs: a machine that does other work is no failure. */
const patient = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } }
/** Each file of these has several processes of its own, as many as the machine can bear. */
const oneAtATime = { ...patient, fileParallelism: false }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...sideBySide,
          name: 'unit',
          setupFiles: ['test/property-seed.ts'],
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/adapters/**',
            'test/contracts/**',
            'test/simulation/**',
            'test/stack/**',
            'test/stores/**',
            'test/system/**',
          ],
          // a machine that does other work is no failure
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...sideBySide,
          name: 'contract',
          setupFiles: ['test/property-seed.ts'],
          include: ['test/adapters/**/*.test.ts'],
          exclude: [...onBrokers, ...onServers],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          ...sideBySide,
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          testTimeout: 300_000,
        },
      },
      {
        test: { ...sideBySide, ...patient, name: 'pages', include: ofPages },
      },
      {
        test: {
          ...oneAtATime,
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          exclude: ofPages,
        },
      },
      {
        test: {
          ...oneAtATime,
          name: 'stack',
          setupFiles: ['test/property-seed.ts'],
          globalSetup: ['test/stack/setup.ts'],
          include: ['test/stack/**/*.test.ts', ...onBrokers],
        },
      },
      {
        test: {
          ...oneAtATime,
          name: 'stores',
          setupFiles: ['test/property-seed.ts'],
          globalSetup: ['test/stores/setup.ts'],
          include: ['test/stores/**/*.test.ts', ...onServers],
        },
      },
    ],
  },
})
