/** The blobs port: whole files by address. Models, snapshots of state, archives. */
export interface Blobs {
  /** Writes whole or not at all, durable on return; the same address twice overwrites. */
  put(address: string, bytes: Uint8Array): Promise<void>
  /** @throws Failure BLOB_MISSING */
  get(address: string): Promise<Uint8Array>
  /** Addresses that start with `prefix`, sorted. */
  list(prefix: string): Promise<readonly string[]>
  /** Gone on return; deleting what is not there is fine. */
  delete(address: string): Promise<void>
}
