// Trains again what a data folder has on record, on outcomes that were recomputed, and compares the answers: the hash of
// each model, or why there was none. So it does with the best of each search that was offered to the registry.

import type { App, Stores } from '../app.ts'
import { offerIdOf, offerOf, SearchStore } from '../jobs/search-store.ts'
import { answerIdOf, isGivenUp } from '../jobs/train-queue.ts'
import type { ModelCommand, RetrainRequest } from '../records.ts'
import { readAll } from '../runtime/digest.ts'
import type { Append } from '../runtime/log.ts'
import { bestAgainIn } from './search.ts'
import { openTrain } from './train.ts'
import type { Difference, VerifyHooks } from './verify.ts'

type Compared = { readonly compared: number; readonly difference: Difference | null }
type Answer = { readonly command: ModelCommand; readonly offset: number }

/** @param app holds the recomputed outcomes and the requests of the judge */
export async function retrained(recorded: Stores, app: App, { onTrouble, onProgress }: VerifyHooks): Promise<Compared> {
  await copyWhatIsGiven(recorded, app)
  const { train, close } = await openTrain(app, { onTrouble: error => onTrouble('train', error) })
  const answered = train.answered()
  const telling = setInterval(() => {
    const { open, answers, waiting } = train.state()
    if (open) onProgress(`training again, ${answers} done, ${waiting} to do: ${Math.round(open.progress * 100)} %`)
  }, 1000)
  try {
    await answered
  } finally {
    clearInterval(telling)
    await close()
  }
  const again = await answersIn(app)
  let compared = 0
  for (const [id, { command, offset }] of await answersIn(recorded)) {
    if (isGivenUp(command)) continue
    const other = again.get(id)?.command
    const what = other ? differenceOf(command, other) : 'recorded, but not trained again'
    if (what) return { compared, difference: differenceAt(command, offset, what) }
    compared++
  }
  return { compared, difference: null }
}

/** @param app holds the recomputed outcomes @throws Failure SEARCH_UNKNOWN when a search that is on record was deleted */
export async function searchedAgain(
  recorded: Stores,
  app: Pick<App, 'log' | 'codec' | 'blobs' | 'clock'>,
  { onProgress }: Pick<VerifyHooks, 'onProgress'>,
): Promise<Compared> {
  const store = new SearchStore(recorded.blobs)
  const { signal } = new AbortController()
  let compared = 0
  const isOffer = ({ id, version, verb }: ModelCommand) => verb === 'REGISTER' && id === offerIdOf(version)
  for (const { command, offset } of (await commandsIn(recorded, isOffer)).values()) {
    const found = await store.read(command.version)
    onProgress(`training again the best of ${command.version}`)
    const result = await bestAgainIn(app, found, { signal, onProgress: () => undefined })
    const what = differenceOf(command, offerOf({ ...found, result }))
    if (what) return { compared, difference: differenceAt(command, offset, what) }
    compared++
  }
  return { compared, difference: null }
}

function differenceAt({ version: key }: ModelCommand, offset: number, what: string): Difference {
  return { topic: 'models.commands', partition: 0, offset, key, what }
}

function differenceOf(a: ModelCommand, b: ModelCommand): string | null {
  if (a.verb !== b.verb) return `verb: recorded ${a.verb}, trained again ${b.verb}`
  if (a.card?.hash !== b.card?.hash) return `hash: recorded ${a.card?.hash}, trained again ${b.card?.hash}`
  return a.reason === b.reason ? null : `reason: recorded "${a.reason}", trained again "${b.reason}"`
}

function answersIn(stores: Pick<Stores, 'log' | 'codec'>): Promise<Map<string, Answer>> {
  return commandsIn(stores, ({ by, id, version }) => by === 'TRAINER' && id === answerIdOf(version))
}

/** By id; of one that was repeated, the last. */
async function commandsIn(
  { log, codec }: Pick<Stores, 'log' | 'codec'>,
  isWanted: (command: ModelCommand) => boolean,
): Promise<Map<string, Answer>> {
  const commands = new Map<string, Answer>()
  for await (const { value, offset } of readAll(log, 'models.commands', 0)) {
    if (!value) continue
    const { name, value: decoded } = codec.decode(value)
    if (name !== 'ModelCommand') continue
    const command = decoded as ModelCommand
    if (isWanted(command)) commands.set(command.id, { command, offset })
  }
  return commands
}

/** What an operator has asked for is an input, and so is that a training was given up. */
async function copyWhatIsGiven(recorded: Stores, { log, codec }: App): Promise<void> {
  const given: Append[] = []
  for await (const { key, value } of readAll(recorded.log, 'retrain.requests', 0)) {
    if (!value) continue
    const request = recorded.codec.decode(value).value as RetrainRequest
    if (request.by !== 'OPERATOR') continue
    given.push({ topic: 'retrain.requests', partition: 0, key, value: codec.encode('RetrainRequest', request) })
  }
  for (const { command } of (await answersIn(recorded)).values()) {
    if (!isGivenUp(command)) continue
    const value = codec.encode('ModelCommand', command)
    given.push({ topic: 'models.commands', partition: 0, key: command.version, value })
  }
  if (given.length === 0) return
  const claim = await log.claim('retrain')
  await claim.commit(given)
  await claim.release()
}
