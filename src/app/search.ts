// A search over the outcomes of a data folder, which a running Slipstream may own, and the best of it as a challenger.

import { growTrees } from '../adapters/trainer-random-forest-grow.ts'
import type { Stores } from '../app.ts'
import type { Config } from '../config.ts'
import { featureSetHash, features } from '../features/table.ts'
import { familiesWith } from '../forest/search/families.ts'
import type { SearchWish, StoredSearch } from '../forest/search/stored.ts'
import { type SearchHooks, search } from '../jobs/search.ts'
import { offerOf } from '../jobs/search-store.ts'

/** @param asked what to search, or the id of a search to go on with */
export function searchIn(
  stores: Stores,
  asked: SearchWish | string,
  { config, ...hooks }: SearchHooks & { readonly config: Config },
): Promise<StoredSearch> {
  const { horizons: horizonsMinutes } = config
  const families = familiesWith(growTrees)
  return search({ ...stores, families, features, featureSet: featureSetHash, horizonsMinutes }, asked, hooks)
}

/** Asks the registry of a folder that nobody else owns; it decides when the pipeline next runs. */
export async function offerIn({ log, codec }: Stores, found: StoredSearch): Promise<void> {
  const command = offerOf(found)
  const value = codec.encode('ModelCommand', command)
  const claim = await log.claim('search')
  await claim.commit([{ topic: 'models.commands', partition: 0, key: command.version, value }])
  await claim.release()
}
