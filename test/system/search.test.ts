// A search in a process of its own, killed with kill -9 and gone on with: no finished trial is repeated, and it ends as one
// that was left alone.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { openStores } from '../../src/app.ts'
import { configure } from '../../src/config.ts'
import { featureSetHash, features } from '../../src/features/table.ts'
import type { FeatureValue } from '../../src/forest/model.ts'
import type { Trial } from '../../src/forest/search/search.ts'
import { fractionOf, hash32 } from '../../src/lib/random.ts'
import type { ModelCommand } from '../../src/records.ts'
import { append, dataFolder } from '../cli/data-folder.ts'
import { saidIn } from '../jobs/logs.ts'
import { outcomeOf } from '../jobs/training.ts'

const main = path.join(import.meta.dirname, '../../src/cli/main.ts')
const flights = 1300
let child: ChildProcess | undefined

afterEach(async () => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'close')
})

const chance = (text: string) => fractionOf(hash32(text, 5))

/** Outcomes with all features; late more often as the first number among them rises. */
function landed(): Promise<string> {
  const told = features.findIndex(({ kind }) => kind === 'numeric')
  const numbers = [0, 0]
  return dataFolder(stores =>
    Array.from({ length: flights }, (_, n) => {
      const row = features.map(({ kind }, at): FeatureValue => {
        const drawn = Math.floor(60 * chance(`${n} ${at}`))
        return kind === 'numeric' ? drawn : `K${drawn % 7}`
      })
      const label = chance(`late ${n}`) < 0.1 + Number(row[told]) / 100
      const outcome = outcomeOf(n, { label, featureSet: featureSetHash })
      const rows = outcome.rows.map(each => ({ ...each, features: row }))
      const record = append(stores, 'flights.outcomes', ['FlightOutcome', outcome.flightId, { ...outcome, rows }])
      // numbers run by partition
      const number = ++(numbers as [number, number])[record.partition as 0 | 1]
      return append(stores, 'flights.outcomes', ['FlightOutcome', outcome.flightId, { ...outcome, rows, number }])
    }),
  )
}

function run(folder: string, ...flags: string[]): ChildProcess {
  child = spawn(process.execPath, [main, 'runs', 'search', '--data-dir', folder, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return child
}

async function endOf(started: ChildProcess): Promise<string> {
  let said = ''
  started.stderr?.on('data', bytes => (said += String(bytes)))
  const [code] = (await once(started, 'close')) as [number | null]
  expect([code, said]).toEqual([0, expect.any(String)])
  return said
}

const folderOf = (folder: string) => path.join(folder, 'blobs', 'searches')
const idIn = (folder: string) => (fs.existsSync(folderOf(folder)) ? fs.readdirSync(folderOf(folder)) : [])[0] ?? ''
const trialFiles = (folder: string) => {
  const trials = path.join(folderOf(folder), idIn(folder), 'trials')
  if (!fs.existsSync(trials)) return []
  return fs.readdirSync(trials).map(name => ({ name, text: fs.readFileSync(path.join(trials, name), 'utf8') }))
}
const findings = (folder: string) =>
  trialFiles(folder).map(({ text }) => ({ ...(JSON.parse(text) as Trial), seconds: 0 }))

describe('a search that is killed', () => {
  test('goes on behind its last trial, and ends as one that was left alone; its best is asked of the registry', async () => {
    const wish = ['--trials', '8', '--folds', '2', '--families', 'logistic,boosting']
    const [calm, shaken] = [await landed(), await landed()]
    await endOf(run(calm, ...wish))

    const killed = run(shaken, ...wish)
    while (trialFiles(shaken).length < 3 && killed.exitCode === null) await sleep(5)
    killed.kill('SIGKILL')
    await once(killed, 'close')
    const before = trialFiles(shaken)
    expect(before.length).toBeLessThan(8)
    expect(fs.existsSync(path.join(folderOf(shaken), idIn(shaken), 'result'))).toBe(false)

    const said = await endOf(run(shaken, '--resume', idIn(shaken)))
    expect(said).toContain(`${before.length} are done`)
    expect(trialFiles(shaken).slice(0, before.length)).toEqual(before)
    expect(findings(shaken)).toEqual(findings(calm))

    const stores = await openStores(configure({ dataDir: shaken }).config, 'reader')
    const commands = (await saidIn(stores.log, 'models.commands')).map(({ value }) => value as ModelCommand)
    await stores.close()
    expect(commands).toMatchObject([{ id: `search ${idIn(shaken)}`, verb: 'REGISTER', version: idIn(shaken) }])
    const result = fs.readFileSync(path.join(folderOf(calm), idIn(calm), 'result'), 'utf8')
    expect(result).toContain(String(commands[0]?.card?.hash))
  })
})
