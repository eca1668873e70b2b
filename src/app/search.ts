// A search over the outcomes of a data folder, which a running Slipstream may own, and the best of it as a challenger.

import { growTrees } from '../adapters/trainer-random-forest-grow.ts'
import type { Stores } from '../app.ts'
import type { Config } from '../config.ts'
import { featureSetHash, features } from '../features/table.ts'
import { familiesWith } from '../forest/search/families.ts'
import type { SearchResult, SearchWish, StoredSearch } from '../forest/search/stored.ts'
import { type SearchHooks, type SearchOptions, search, trainBest } from '../jobs/search.ts'
import { offerOf } from '../jobs/search-store.ts'

/** @param asked what to search, or the id of a search to go on with */
export function searchIn(
  stores: Stores,
  asked: SearchWish | string,
  { config, ...hooks }: SearchHooks & { readonly config: Config },
): Promise<StoredSearch> {
  return search(optionsOf(stores, config.horizons), asked, hooks)
}

/** Trains the best of a finished search once more, on the outcomes of other stores: the same bits, if those are the same. */
export function bestAgainIn(
  stores: Ports,
  found: StoredSearch,
  hooks: Pick<SearchHooks, 'signal' | 'onProgress'>,
): Promise<SearchResult> {
  return trainBest(optionsOf(stores, found.plan.horizonsMinutes), found, hooks)
}

type Ports = Pick<Stores, 'log' | 'codec' | 'blobs' | 'clock'>

function optionsOf(stores: Ports, horizonsMinutes: readonly number[]): SearchOptions {
  return { ...stores, families: familiesWith(growTrees), features, featureSet: featureSetHash, horizonsMinutes }
}

/** Asks the registry of a folder that nobody else owns; it decides when the pipeline next runs. */
export async function offerIn({ log, codec }: Stores, found: StoredSearch): Promise<void> {
  const command = offerOf(found)
  const value = codec.encode('ModelCommand', command)
  const claim = await log.claim('search')
  await claim.commit([{ topic: 'models.commands', partition: 0, key: command.version, value }])
  await claim.release()
}
