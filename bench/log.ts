// What the embedded log costs: appends and reads of 200-byte values in four partitions, by size of the unit of work.
// `Cpu` is the processor time of the thread that appends or reads, the rest is time on the wall.
//
//   npm run bench -- log [--json]

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { LogSqlite } from '../src/adapters/log-sqlite.ts'
import type { Append } from '../src/runtime/log.ts'

const partitions = 4
const valueBytes = 200
const value = new Uint8Array(valueBytes).map((_, index) => (index * 31) & 0xff)
const rows: Record<string, number>[] = []

for (const [unit, units] of [
  [1, 10_000],
  [100, 2000],
  [1000, 400],
  [5000, 100],
] as const) {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipstream-bench-'))
  try {
    rows.push(await measure(folder, unit, units))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
console.table(rows)
console.log(JSON.stringify({ bench: 'log', node: process.version, valueBytes, partitions, rows }))

async function measure(folder: string, unit: number, units: number): Promise<Record<string, number>> {
  let log = LogSqlite.open(folder)
  await log.createTopics([{ name: 'bench', partitions, cleanup: 'delete' }])
  const claim = await log.claim('bench-0')
  const appends = Array.from({ length: unit }, (_, index): Append => {
    const key = `UA-${index}-EWR-IAH-2013-01-01T10:15Z`
    return { topic: 'bench', partition: index % partitions, key, value }
  })
  for (let index = 0; index < units / 10; index++) await claim.commit(appends)

  const times: number[] = []
  const cpuStart = process.threadCpuUsage()
  const appendMs = await timed(async () => {
    for (let index = 0; index < units; index++) times.push(await timed(() => claim.commit(appends)))
  })
  const appendCpu = process.threadCpuUsage(cpuStart)
  times.sort((a, b) => a - b)
  const closeMs = await timed(() => log.close())
  log = LogSqlite.open(folder)
  let count = 0
  const readStart = process.threadCpuUsage()
  const readMs = await timed(async () => {
    count = await readAll(log, 256 * 1024)
  })
  const readCpu = process.threadCpuUsage(readStart)
  const readSmallMs = await timed(() => readAll(log, 16 * 1024))
  await log.close()
  const bytes = statSync(path.join(folder, 'slipstream.db')).size
  return {
    unit,
    records: unit * units,
    appendUs: round((appendMs * 1000) / (unit * units)),
    appendCpuUs: round((appendCpu.user + appendCpu.system) / (unit * units)),
    appendsPerSecond: Math.round((unit * units * 1000) / appendMs),
    commitP50Ms: round(times[Math.floor(times.length / 2)] ?? 0),
    commitP99Ms: round(times[Math.floor(times.length * 0.99)] ?? 0),
    commitMaxMs: round(times.at(-1) ?? 0),
    readUs: round((readMs * 1000) / count),
    readCpuUs: round((readCpu.user + readCpu.system) / count),
    readSmallUs: round((readSmallMs * 1000) / count),
    closeMs: round(closeMs),
    bytesPerRecord: Math.round(bytes / count),
  }
}

async function readAll(log: LogSqlite, bytesMax: number): Promise<number> {
  let count = 0
  for (let partition = 0; partition < partitions; partition++) {
    for (let from = 0; ; ) {
      const { records, next } = await log.read('bench', partition, from, { bytesMax })
      if (next === from) break
      count += records.length
      from = next
    }
  }
  return count
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return performance.now() - start
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
