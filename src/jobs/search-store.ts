// Searches on the blobs port: the plan, each trial as it is done, and what came of the best. A trial is on disk before the
// next one starts, so a search that is killed loses the trial in work and nothing else.
//
//   searches/<id>/plan            searches/<id>/trials/0001 ...            searches/<id>/result

import { canonicalJson } from '../forest/canonical-json.ts'
import type { Json } from '../forest/model.ts'
import type { Trial } from '../forest/search/search.ts'
import type { SearchRecord, SearchResult, StoredSearch } from '../forest/search/stored.ts'
import { Failure } from '../lib/failure.ts'
import type { ModelCommand } from '../records.ts'
import type { Blobs } from '../runtime/blobs.ts'

const folder = 'searches/'

export class SearchStore {
  readonly #blobs: Blobs

  constructor(blobs: Blobs) {
    this.#blobs = blobs
  }

  /** Ids, in their order. */
  async list(): Promise<string[]> {
    const addresses = await this.#blobs.list(folder)
    return addresses.filter(address => address.endsWith('/plan')).map(address => address.slice(folder.length, -5))
  }

  /** @throws Failure SEARCH_UNKNOWN */
  async read(id: string): Promise<StoredSearch> {
    const known = await this.list()
    if (!known.includes(id)) {
      const newest = known.slice(-5).toReversed().join(', ')
      const help = newest === '' ? '`slipstream runs search` starts one.' : `The newest are ${newest}.`
      throw new Failure('SEARCH_UNKNOWN', `there is no search ${id}`, { field: 'search', help })
    }
    const addresses = await this.#blobs.list(`${folder}${id}/`)
    const trials: Trial[] = []
    for (const address of addresses)
      if (address.startsWith(`${folder}${id}/trials/`)) trials.push((await this.#get(address)) as Trial)
    const plan = (await this.#get(`${folder}${id}/plan`)) as SearchRecord
    const resultAt = `${folder}${id}/result`
    const result = addresses.includes(resultAt) ? ((await this.#get(resultAt)) as SearchResult) : null
    return { plan, trials, result }
  }

  plan(record: SearchRecord): Promise<void> {
    return this.#put(`${record.id}/plan`, record)
  }

  trial(id: string, trial: Trial): Promise<void> {
    return this.#put(`${id}/trials/${String(trial.number).padStart(4, '0')}`, trial)
  }

  result(id: string, result: SearchResult): Promise<void> {
    return this.#put(`${id}/result`, result)
  }

  #put(name: string, value: object): Promise<void> {
    return this.#blobs.put(`${folder}${name}`, new TextEncoder().encode(canonicalJson(value as Json)))
  }

  async #get(address: string): Promise<unknown> {
    return JSON.parse(new TextDecoder().decode(await this.#blobs.get(address)))
  }
}

/** Id of the command that offers the best of a search. */
export const offerIdOf = (search: string): string => `search ${search}`

/** The best as a challenger, asked of the registry; the same search asks once, however often it is offered. */
export function offerOf({ plan, result }: StoredSearch): ModelCommand {
  const { id, at, why } = plan
  if (!result) {
    const help = `Let it end first: \`slipstream runs search --resume ${id}\`.`
    throw new Failure('SEARCH_OPEN', `the search ${id} has no result yet`, { field: 'search', help })
  }
  return {
    id: offerIdOf(id),
    by: 'OPERATOR',
    hour: at,
    verb: 'REGISTER',
    version: id,
    expectedChampion: null,
    compare: false,
    effectiveFrom: null,
    correction: [],
    reason: why,
    evidence: canonicalJson(result.evidence),
    card: result.card,
  }
}
