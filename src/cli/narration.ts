// Narration of a command that owns a data folder: what goes to standard error is kept in the folder's journal too, and so
// are the process's start and its end, however it ends short of kill -9.

import { Journal } from '../app/journal.ts'
import { supervision } from '../app/supervision.ts'
import { programVersion } from '../app/version.ts'
import { failureIn } from '../lib/failure.ts'
import type { CommandIo } from './command.ts'
import { partitionsRefusal } from './partitions.ts'
import { said } from './said.ts'

const progressEveryMs = 60_000

export type Narration = {
  /** The data folder is ours: from now on what is said is kept, with what was said before. */
  readonly keep: () => void
  readonly say: (text: string) => void
  /** As `say`, redrawn on a terminal; kept once a minute. */
  readonly progress: (text: string) => void
  /** `where` is a task, a stage or a job, or names another place. */
  readonly trouble: (where: string, error: unknown) => void
  /** The same, of one place. */
  readonly troubleOf: (where: string) => (error: unknown) => void
  /** Where the server's own log goes. */
  readonly serverLog: { write(line: string): void }
}

/** Runs a command with its narration kept. @returns its exit code. @throws what it throws, which is kept too */
export async function narrated(
  io: CommandIo,
  command: string,
  run: (narration: Narration) => Promise<number>,
): Promise<number> {
  const journal = new Journal(io.config, error => io.err(`the log is not kept: ${said(error)}`))
  const life = supervision()?.lives ?? 1
  const again = life === 1 ? '' : `, life ${life}: the one before was killed or crashed`
  journal.info(`${command} begins: slipstream ${programVersion}, process ${process.pid}${again}`)
  const onCrash = (error: unknown) => journal.trouble('', error)
  const onExit = (code: number) => {
    journal.info(`${command} ends: process ${process.pid}, exit code ${code}`)
    journal.closeNow()
  }
  process.on('uncaughtExceptionMonitor', onCrash).on('exit', onExit)
  try {
    const code = await run(narrationOf(io, journal))
    journal.info(`${command} ends: process ${process.pid}, exit code ${code}`)
    return code
  } catch (error) {
    journal.trouble('', error)
    journal.info(`${command} ends: process ${process.pid}, ${failureIn(error)?.code ?? 'unexpectedly'}`)
    throw error
  } finally {
    process.off('uncaughtExceptionMonitor', onCrash).off('exit', onExit)
    await journal.close()
  }
}

/** That the topics have other partitions than were asked for, if so. */
export function sayPartitions(io: CommandIo, { say }: Narration, { partitions }: { partitions: number }): void {
  const refusal = partitionsRefusal(io, partitions)
  if (refusal !== null) say(`flights.events ${refusal}`)
}

function narrationOf(io: CommandIo, journal: Journal): Narration {
  let progressAt = Number.NEGATIVE_INFINITY
  const trouble = (where: string, error: unknown) => {
    io.err(`${where}: ${said(error)}`)
    journal.trouble(where, error)
  }
  return {
    keep: () => journal.open(),
    say: text => {
      io.err(text)
      journal.info(text)
    },
    progress: text => {
      io.progress(text)
      const now = performance.now()
      if (now - progressAt < progressEveryMs) return
      progressAt = now
      journal.info(text)
    },
    trouble,
    troubleOf: where => error => trouble(where, error),
    serverLog: {
      write: line => {
        process.stderr.write(line)
        journal.server(line)
      },
    },
  }
}
