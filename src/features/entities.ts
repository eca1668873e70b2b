// Small integers for what sums are kept of: everything, an airport as origin or destination, the region of a destination,
// a carrier, a carrier at an origin, a route. Numbers are given in the order of appearance and never show in a result. 0 stands for what was never
// seen: its sums are zero for ever, so that a look-up needs no branch.

/** The entity that nothing is ever counted for. */
export const nobody = 0
/** The whole air space. */
export const everything = 1

/** The numbers of one origin, destination and carrier. */
export type EntityIds = {
  readonly origin: number
  readonly destination: number
  /** Of the destination. */
  readonly region: number
  readonly carrier: number
  readonly originCarrier: number
  readonly route: number
}

type Triples = Map<string, Map<string, Map<string, EntityIds>>>

export class Entities {
  #count = 2
  readonly #ids = new Map<string, number>()
  readonly #originCarriers = new Map<string, Map<string, number>>()
  /** By origin, destination and carrier, so that a triple that was seen is found without making a key. */
  readonly #triples: Triples = new Map()
  readonly #regionOf: (airport: string) => string

  /** @param regionOf name of the region in which an airport lies */
  constructor(regionOf: (airport: string) => string = airport => airport) {
    this.#regionOf = regionOf
  }

  /** One more than the highest number given. */
  get count(): number {
    return this.#count
  }

  /** Numbers for a cell or plan of a frame, given now if they are new. */
  enter(origin: string, destination: string, carrier: string): EntityIds {
    const known = this.#triples.get(origin)?.get(destination)?.get(carrier)
    if (known !== undefined) return known
    const ids = {
      origin: this.#give(`origin ${origin}`),
      destination: this.#give(`destination ${destination}`),
      region: this.#give(`region ${this.#regionOf(destination)}`),
      carrier: this.#give(`carrier ${carrier}`),
      originCarrier: this.enterOriginCarrier(origin, carrier),
      route: this.#give(`route ${origin} ${destination}`),
    }
    const destinations = mapIn(this.#triples, origin)
    mapIn(destinations, destination).set(carrier, ids)
    return ids
  }

  enterOriginCarrier(origin: string, carrier: string): number {
    const carriers = mapIn(this.#originCarriers, origin)
    const known = carriers.get(carrier)
    if (known !== undefined) return known
    const id = this.#count++
    carriers.set(carrier, id)
    return id
  }

  /** Numbers for a question; `nobody` for what no frame has named. */
  find(origin: string, destination: string, carrier: string): EntityIds {
    const known = this.#triples.get(origin)?.get(destination)?.get(carrier)
    if (known !== undefined) return known
    const ids = this.#ids
    return {
      origin: ids.get(`origin ${origin}`) ?? nobody,
      destination: ids.get(`destination ${destination}`) ?? nobody,
      region: ids.get(`region ${this.#regionOf(destination)}`) ?? nobody,
      carrier: ids.get(`carrier ${carrier}`) ?? nobody,
      originCarrier: this.#originCarriers.get(origin)?.get(carrier) ?? nobody,
      route: ids.get(`route ${origin} ${destination}`) ?? nobody,
    }
  }

  #give(name: string): number {
    let id = this.#ids.get(name)
    if (id === undefined) {
      id = this.#count++
      this.#ids.set(name, id)
    }
    return id
  }
}

function mapIn<Key, Inner, Value>(maps: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  let map = maps.get(key)
  if (map === undefined) {
    map = new Map()
    maps.set(key, map)
  }
  return map
}
