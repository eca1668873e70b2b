// Searches as the doors see them: on the blobs port, where whoever searches puts each trial as it is done.

import { rankedTrials } from '../forest/search/search.ts'
import type { StoredSearch } from '../forest/search/stored.ts'
import { SearchStore } from '../jobs/search-store.ts'
import type { Blobs } from '../runtime/blobs.ts'
import type { SearchDetail, SearchInfo } from '../server/loop.ts'

const shownMax = 50

/** The newest first. */
export async function searchesIn(blobs: Blobs): Promise<SearchInfo[]> {
  const store = new SearchStore(blobs)
  const found: SearchInfo[] = []
  for (const id of (await store.list()).slice(-shownMax)) found.push(infoOf(await store.read(id)))
  return found.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
}

/** @throws Failure SEARCH_UNKNOWN */
export async function searchNamed(blobs: Blobs, id: string): Promise<SearchDetail> {
  const stored = await new SearchStore(blobs).read(id)
  return { search: infoOf(stored), plan: stored.plan, trials: [...stored.trials] }
}

function infoOf({ plan, trials, result }: StoredSearch): SearchInfo {
  const { id, why, at, rows, sampler, families, folds } = plan
  return {
    id,
    why,
    at,
    rows,
    sampler,
    families: [...families],
    folds,
    trials: { done: trials.length, of: plan.trials },
    best: rankedTrials(trials)[0] ?? null,
    version: result && id,
  }
}
